import { lstat, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { AttemptRecord } from "../core/ports/journal";
import { attemptOf, ownFolder } from "./attemptFolders";
import { believedNow, keptDays } from "./dailyLog";

const dayMs = 24 * 3_600_000;
const sessionShape = /^[0-9a-f]{40}$/u;
const attemptShape = /^[0-9a-f-]{36}$/u;

export interface OldAttemptsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Absolute paths of the scratch folder and of the folder of daily logs; other programs use both too. */
  readonly tmp: string;
  readonly logs: string;
  /** The attempts of every worker of this machine. Rejects when it is not known what runs. */
  readonly records: () => Promise<readonly AttemptRecord[]>;
}

/**
 * Removes what attempts left for a person to see, such as refused artifacts, as many days later as logs are kept. An
 * attempt that may be gone on with keeps its folders. Never rejects: what stays is looked at again the next time.
 */
export async function removeOldAttempts(deps: OldAttemptsDeps): Promise<void> {
  try {
    const own = ownFolder(deps.tmp);
    // Whatever is made from here on is newer than what is removed.
    const before = (await believedNow(deps.logs, deps.clock.now())) - keptDays * dayMs;
    const needed = new Set((await deps.records()).filter(mayGoOn).map((one) => attemptOf(one.folders)));
    for (const session of await namesIn(own, sessionShape)) {
      for (const attempt of await namesIn(join(own, session), attemptShape)) {
        const path = join(own, session, attempt);
        if (needed.has(attempt) || (await lastChange(path)) >= before) continue;
        await rm(path, { recursive: true, force: true });
      }
      await rmdir(join(own, session)).catch(() => undefined); // another attempt is in it
    }
  } catch (error) {
    deps.log.warn("old folders of attempts could not be removed", { message: messageOf(error) });
  }
}

/** It runs, its end is not told, or its claim was lost and may be had again. */
function mayGoOn({ outcome, step }: AttemptRecord): boolean {
  return outcome === "running" || outcome === "abandoned" || step !== "ended";
}

async function namesIn(folder: string, shape: RegExp): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((one) => one.isDirectory() && shape.test(one.name)).map((one) => one.name);
}

/** When something was last put into or taken out of an attempt's folders. */
async function lastChange(attempt: string): Promise<number> {
  const inside = (await readdir(attempt)).map((name) => join(attempt, name));
  const stats = await Promise.all([attempt, ...inside].map((path) => lstat(path)));
  return Math.max(...stats.map((one) => one.mtimeMs));
}
