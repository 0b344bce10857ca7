import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock";
import type { Log, LogFields } from "../base/log";
import { believedTime } from "./believedTime";

/** How many days logs, and what attempts left for people, are kept. */
export const keptDays = 14;
const dayMs = 24 * 3_600_000;
const textLength = 4000;
/** Lines that wait for the disk, and bytes of one day's file; beyond them lines are counted and dropped. */
const mostWaiting = 5000;
const mostBytes = 50_000_000;

/** A log in files. No call ever throws or waits; what the disk does not take is counted and told in a later line. */
export interface DailyLog extends Log {
  /** Resolves when every line logged before is with the operating system, or was dropped. */
  flush(): Promise<void>;
}

interface Line {
  readonly day: string;
  readonly text: string;
}

/**
 * Appends JSON lines to `vscode-worker-YYYY-MM-DD.log` (UTC days) in a folder that other programs use too. Own files
 * are 0600 and removed after 14 days, once three days of use agree that these are over; nothing else in the folder is
 * touched.
 */
export function createDailyLog(folder: string, clock: Clock): DailyLog {
  const waiting: Line[] = [];
  let dropped = 0;
  let cleanedOn = "";
  let writing: Promise<void> | undefined;

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const day = waiting[0]?.day ?? "";
      const count = waiting.findIndex((line) => line.day !== day);
      const lines = waiting.splice(0, count < 0 ? waiting.length : count);
      try {
        await appendLines(folder, day, lines);
      } catch {
        // There is no place left to tell it but a later line.
        dropped += lines.length;
        continue;
      }
      await afterwards(day);
    }
  };
  const afterwards = async (day: string): Promise<void> => {
    try {
      if (dropped > 0) {
        await appendLines(folder, day, [
          lineOf(clock.now(), "warn", "Log lines were dropped", { lines: dropped }),
        ]);
        dropped = 0;
      }
      if (cleanedOn !== day) await removeOld(folder, clock.now());
      cleanedOn = day;
    } catch {
      // The lines themselves are written; this is tried again after the next ones.
    }
  };
  const log = (level: string, message: string, fields?: LogFields): void => {
    if (waiting.length >= mostWaiting) {
      dropped += 1;
      return;
    }
    try {
      waiting.push(lineOf(clock.now(), level, message, fields));
    } catch {
      dropped += 1;
      return;
    }
    writing ??= Promise.resolve()
      .then(writeAll)
      .finally(() => (writing = undefined));
  };
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    flush: async () => {
      while (writing !== undefined) await writing;
    },
  };
}

function lineOf(now: number, level: string, message: string, fields: LogFields = {}): Line {
  const at = new Date(now).toISOString();
  const bounded: (readonly [string, LogFields[string]])[] = Object.entries(fields)
    .slice(0, 50)
    .map(([name, value]) => [
      name.slice(0, 100),
      typeof value === "string" ? value.slice(0, textLength) : value,
    ]);
  const text = JSON.stringify({
    at,
    level,
    message: message.slice(0, textLength),
    processId: process.pid,
    ...(bounded.length === 0 ? {} : { fields: Object.fromEntries<LogFields[string]>(bounded) }),
  });
  return { day: at.slice(0, 10), text };
}

async function appendLines(folder: string, day: string, lines: readonly Line[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const flags =
    constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(join(folder, `vscode-worker-${day}.log`), flags, 0o600);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size > mostBytes) throw new Error("the log file takes no more");
    if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) await handle.chmod(0o600);
    // A full disk or a crash may have cut the last line short: the next one is not to be lost with it.
    const cut = stat.size > 0 && (await handle.read(Buffer.alloc(1), 0, 1, stat.size - 1)).buffer[0] !== 0x0a;
    await handle.writeFile(`${cut ? "\n" : ""}${lines.map((line) => `${line.text}\n`).join("")}`);
  } finally {
    await handle.close();
  }
}

/** The days on which something was logged, by the beginning of each, milliseconds since the epoch. In no order. */
async function loggedDays(
  folder: string,
): Promise<readonly { readonly name: string; readonly at: number }[]> {
  return (await readdir(folder)).flatMap((name) => {
    const at = Date.parse(/^vscode-worker-(\d{4}-\d{2}-\d{2})\.log$/.exec(name)?.[1] ?? "");
    return Number.isNaN(at) ? [] : [{ name, at }];
  });
}

/** The wall clock as far as the days agree on which something was logged. */
export async function believedNow(folder: string, now: number): Promise<number> {
  return believedOf(await loggedDays(folder), now);
}

function believedOf(days: readonly { readonly at: number }[], now: number): number {
  const seenAt = days.map((day) => day.at).filter((at) => at <= now);
  return believedTime(
    now,
    seenAt.sort((one, other) => one - other),
  );
}

async function removeOld(folder: string, now: number): Promise<void> {
  const files = await loggedDays(folder);
  const today = Math.floor(believedOf(files, now) / dayMs);
  for (const { name, at } of files) {
    if (at >= (today - (keptDays - 1)) * dayMs) continue;
    const path = join(folder, name);
    if ((await lstat(path)).isFile()) await rm(path, { force: true });
  }
}
