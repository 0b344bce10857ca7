import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The variable that the worker gives to everything it starts for one run of the coding tool. */
const marker = /(?:^|\0)ONE_WORKER_ATTEMPT=([^\0]*)/;

/** One process of the run, read from /proc. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot: tells a process from a later one with the same number. */
  readonly startedAt: string;
  readonly command: string;
  /** Empty where it could not be read. */
  readonly folder: string;
  readonly marker: string | undefined;
}

/** Every process whose home is this run's. What is only waiting to be reaped does not count. */
export function processesOf(home: string): readonly Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    const found = read(Number(name), home);
    return found === undefined ? [] : [found];
  });
}

function read(pid: number, home: string): Process | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
    if (!`\0${environment}`.includes(`\0HOME=${home}\0`)) return undefined;
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command name in brackets may hold spaces and brackets itself.
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const startedAt = rest[17];
    if (state === "Z" || state === "X" || startedAt === undefined) return undefined;
    return {
      pid,
      parent: Number(parent),
      startedAt,
      command: readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim(),
      folder: linkOf(`/proc/${pid}/cwd`),
      marker: marker.exec(environment)?.[1],
    };
  } catch {
    return undefined; // gone meanwhile
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

const isHost = (one: Process): boolean => one.command.includes("--type=extensionHost");
const isKeeper = (one: Process): boolean => one.command.includes("processKeeper.js");
/** The coding tool itself, not what keeps it. */
const isTool = (one: Process): boolean => !isKeeper(one) && /\bcodex\b.*\bapp-server\b/.test(one.command);

/** Between fork and exec a child looks like its parent: it is none of the kind. */
function ofKind(all: readonly Process[], is: (one: Process) => boolean): readonly Process[] {
  const found = all.filter(is);
  return found.filter((one) => !found.some((other) => other.pid === one.parent));
}

export const hostsOf = (all: readonly Process[]): readonly Process[] => ofKind(all, isHost);
export const keepersOf = (all: readonly Process[]): readonly Process[] => ofKind(all, isKeeper);
export const toolsOf = (all: readonly Process[]): readonly Process[] => ofKind(all, isTool);

/** Everything that the worker started: none of it may outlive the session it was started for. */
export const isWork = (one: Process): boolean => one.marker !== undefined || isKeeper(one) || isTool(one);

/** `root` and all below it, by parent. */
export function treeOf(all: readonly Process[], root: number): readonly Process[] {
  const tree = new Set([root]);
  for (let before = 0; before !== tree.size;) {
    before = tree.size;
    for (const one of all) if (tree.has(one.parent)) tree.add(one.pid);
  }
  return all.filter((one) => tree.has(one.pid));
}

/** Of the processes of one family: the ones found before, and those of its runs that no live tool stands for. */
export function survivorsOf(family: readonly Process[], now: readonly Process[]): readonly Process[] {
  const before = new Set(family.map((one) => `${one.pid} ${one.startedAt}`));
  const runs = new Set(family.flatMap((one) => (one.marker === undefined ? [] : [one.marker])));
  return now.filter(
    (one) => before.has(`${one.pid} ${one.startedAt}`) || (one.marker !== undefined && runs.has(one.marker)),
  );
}

/**
 * Inodes of TCP connections to a loopback port that are established, by the process that holds each.
 * @param pids only these are looked at
 */
export function connectedTo(port: number, pids: readonly number[]): readonly number[] {
  const wanted = new Set(inodesTo(port));
  return pids.filter((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => wanted.has(linkOf(`/proc/${pid}/fd/${fd}`)));
    } catch {
      return false; // gone meanwhile
    }
  });
}

function inodesTo(port: number): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) =>
    readFileSync(file, "latin1")
      .split("\n")
      .flatMap((line) => {
        const [, , remote, state, , , , , , inode] = line.trim().split(/\s+/);
        const established = state === "01";
        return established && remote?.endsWith(`:${hex}`) === true ? [`socket:[${inode ?? ""}]`] : [];
      }),
  );
}
