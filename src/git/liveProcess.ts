import { readFile } from "node:fs/promises";
import { uptime } from "node:os";

/** A process of this machine, told from a later one with the same id. */
export interface ProcessMark {
  readonly pid: number;
  /** In the system's own count since it began; "" where it is not known. */
  readonly startedAt: string;
  /** When the mark was made, milliseconds since the epoch. */
  readonly markedAt: number;
}

export async function ownMark(now: number): Promise<ProcessMark> {
  return { pid: process.pid, startedAt: await startOf(process.pid), markedAt: now };
}

/** False only where the process is gone for certain: ended, its id taken by another, or of before the system began. */
export async function isAlive(mark: ProcessMark, now: number): Promise<boolean> {
  // A minute for clocks that were set meanwhile.
  if (mark.markedAt < now - uptime() * 1000 - 60_000) return false;
  try {
    process.kill(mark.pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const startedAt = await startOf(mark.pid);
  return startedAt === "" || mark.startedAt === "" || startedAt === mark.startedAt;
}

/** Known on Linux only: the 22nd field, counted after the name, which may hold anything. */
async function startOf(pid: number): Promise<string> {
  if (process.platform !== "linux") return "";
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
