import { readEntry, type ProcessEntry } from "./processTable";

/** Signals a process (or a group, when negative). False when there is none any more, or it is not ours. */
export function signalQuietly(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Does the number still mean the process that was found? Away from Linux a number that is in use is taken for it. */
export function isAlive(member: Pick<ProcessEntry, "pid" | "startedAt">): boolean {
  if (process.platform !== "linux") return signalQuietly(member.pid, 0);
  return readEntry(member.pid)?.startedAt === member.startedAt;
}

/** Signals a process if its number still means the one that was found, and its whole group when it leads one. */
export function signalMember(member: ProcessEntry, signal: NodeJS.Signals): void {
  if (!isAlive(member)) return;
  // The group at once: what starts children faster than a table can be read cannot run away from that.
  if (member.group === member.pid) signalQuietly(-member.pid, signal);
  signalQuietly(member.pid, signal);
}
