import { execFile } from "node:child_process";
import { closeSync, openSync, readdirSync, readSync } from "node:fs";

/** One entry of the process table. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** The session (setsid); where the system does not tell it, the group. */
  readonly session: number;
  /** Start time in the system's own notation: tells a process from a later one with the same number. */
  readonly startedAt: string;
}

/** A fixed path, so that no folder of PATH decides what runs here. */
const psProgram = "/bin/ps";
const psArguments = ["-axo", "pid=,ppid=,pgid=,stat=,lstart="];
const psMs = 2000;

/**
 * All living processes. Linux reads /proc without a detour over the thread pool, which would take six times
 * as long. Elsewhere `ps` tells; Windows has no table. Rejects where it cannot be read.
 */
export async function readTable(): Promise<readonly ProcessEntry[]> {
  if (process.platform === "linux") return readProcTable();
  if (process.platform === "win32") return [];
  return parsePs(await runPs());
}

/** Linux only: as `readTable`, at once. */
export function readProcTable(): readonly ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readEntry(Number(name)))
    .filter((one) => one !== undefined);
}

/** Linux only: the entry with this number, unless it is gone or only waits to be reaped. */
export function readEntry(pid: number): ProcessEntry | undefined {
  const stat = readSmallFile(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseStat(pid, stat);
}

/**
 * The start time of a child that this process has just started: told also of one that has ended already, since its number
 * is not free before it is reaped.
 */
export async function startTimeOfChild(pid: number): Promise<string> {
  if (process.platform === "linux") {
    return statFields(readSmallFile(`/proc/${pid}/stat`) ?? "").startedAt ?? "";
  }
  const table = await readTable().catch(() => []);
  return table.find((one) => one.pid === pid)?.startedAt ?? "";
}

/** Fields of proc(5) stat; the command name in brackets may hold spaces and brackets itself. Pure. */
export function parseStat(pid: number, stat: string): ProcessEntry | undefined {
  const { state, parent, group, session, startedAt } = statFields(stat);
  if (state === undefined || state === "Z" || state === "X" || startedAt === undefined) return undefined;
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), startedAt };
}

function statFields(stat: string) {
  const [state, parent, group, session, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state, parent, group, session, startedAt: rest[15] };
}

/** What `ps` printed for our arguments. It tells no session, so that the group stands for it. Pure. */
export function parsePs(text: string): readonly ProcessEntry[] {
  return text
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line))
    .filter((found) => found !== null)
    .filter(([, , , , state]) => state?.startsWith("Z") === false)
    .map(([, pid, parent, group, , startedAt = ""]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: Number(group),
      startedAt,
    }));
}

/** Linux only: does the process carry this `NAME=value` in the environment that it was started with? */
export function carries(entry: ProcessEntry, variable: string): boolean {
  const environment = readSmallFile(`/proc/${entry.pid}/environ`);
  return environment !== undefined && `\0${environment}`.includes(`\0${variable}\0`);
}

const page = Buffer.alloc(64 * 1024);

/** Undefined where it is gone meanwhile, or another user's. */
function readSmallFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    let text = "";
    for (;;) {
      const size = readSync(file, page, 0, page.length, null);
      if (size === 0) return text;
      text += page.toString("latin1", 0, size);
    }
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

function runPs(): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { LC_ALL: "C" }, timeout: psMs, maxBuffer: 16 * 1024 * 1024 };
    execFile(psProgram, psArguments, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new Error("the process table could not be read", { cause: error }));
    });
  });
}
