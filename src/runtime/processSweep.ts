import { readdir, readFile } from "node:fs/promises";

/** One entry of the process table. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Start time in clock ticks: tells a process from a later one with the same number. */
  readonly startedAt: string;
}

/**
 * The processes below `root`, its group, and whatever carries the marker in its environment, also after `setsid` took it
 * out of the group. Only Linux has the table; elsewhere the answer is empty and the group kill stands alone.
 * @param rootStartedAt the start time of `root`: once its number belongs to a stranger, only the marker counts.
 */
export async function findFamily(
  root: number,
  rootStartedAt: string | undefined,
  marker: string,
): Promise<readonly ProcessEntry[]> {
  if (process.platform !== "linux") return [];
  const entries = await readTable();
  const holder = entries.find((one) => one.pid === root);
  const numberIsOurs = holder === undefined || holder.startedAt === rootStartedAt;
  const tree = numberIsOurs ? descendants(entries, root) : new Set<number>();
  const found = await Promise.all(
    entries.map(async (one) => {
      const related = tree.has(one.pid) || (numberIsOurs && one.group === root);
      return related || (await carries(one, marker)) ? one : undefined;
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** The processes that carry the marker in their environment. */
export async function findMarked(marker: string): Promise<readonly ProcessEntry[]> {
  if (process.platform !== "linux") return [];
  const entries = await readTable();
  const found = await Promise.all(
    entries.map(async (one) => ((await carries(one, marker)) ? one : undefined)),
  );
  return found.filter((one) => one !== undefined);
}

function descendants(entries: readonly ProcessEntry[], root: number): ReadonlySet<number> {
  const tree = new Set([root]);
  // The table is in no useful order, so it is walked until no child is added any more.
  for (let before = 0; before !== tree.size;) {
    before = tree.size;
    for (const one of entries) if (tree.has(one.parent)) tree.add(one.pid);
  }
  return tree;
}

/** Kills a process if its number still means the process that was found. */
export async function killEntry(entry: ProcessEntry): Promise<void> {
  const now = await readEntry(entry.pid);
  if (now?.startedAt !== entry.startedAt) return;
  signalQuietly(entry.pid, "SIGKILL");
}

/** Signals a process (or a group, when negative). False when there is none any more, or it is not ours. */
export function signalQuietly(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** The entry with this number, unless it is gone or only waits to be reaped. */
export async function readEntry(pid: number): Promise<ProcessEntry | undefined> {
  try {
    return parseStat(pid, await readFile(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

async function readTable(): Promise<readonly ProcessEntry[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(names.map((name) => readEntry(Number(name))));
  return entries.filter((one) => one !== undefined).filter((one) => one.pid !== process.pid);
}

/** Fields of proc(5) stat; the command name in brackets may hold spaces and brackets itself. */
export function parseStat(pid: number, stat: string): ProcessEntry | undefined {
  const [state, parent, group, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startedAt = rest[16];
  if (state === undefined || state === "Z" || state === "X" || startedAt === undefined) return undefined;
  return { pid, parent: Number(parent), group: Number(group), startedAt };
}

async function carries(entry: ProcessEntry, marker: string): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${entry.pid}/environ`, "latin1");
    return `\0${environment}`.includes(`\0${marker}\0`);
  } catch {
    return false; // gone meanwhile, or another user's
  }
}
