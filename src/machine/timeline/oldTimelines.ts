import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../base/clock";
import { messageOf, type Log } from "../../base/log";
import type { AttemptRecord } from "../../core/ports/journal";
import { believedNow, keptDays } from "../dailyLog";
import { isMissing } from "../files";
import { timelineName } from "./timelines";

const dayMs = 24 * 3_600_000;
/** A timeline, one that was set aside, and what a kill left of writing one. */
const ours = /^(?:[0-9a-f]{40}\.jsonl(?:\.corrupt-.+)?|\.[0-9a-f-]{36}\.tmp)$/u;

export interface OldTimelinesDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Absolute paths of the folders of timelines and of daily logs. */
  readonly timelines: string;
  readonly logs: string;
  /** The attempts of every worker of this machine. Rejects when it is not known which there are. */
  readonly records: () => Promise<readonly AttemptRecord[]>;
}

/**
 * Removes the timelines of sessions that no journal knows any more, as many days after their last entry as logs are kept.
 * Never rejects: what stays is looked at again the next time.
 */
export async function removeOldTimelines(deps: OldTimelinesDeps): Promise<void> {
  try {
    const names = (await namesIn(deps.timelines)).filter((name) => ours.test(name));
    if (names.length === 0) return;
    const before = (await believedNow(deps.logs, deps.clock.now())) - keptDays * dayMs;
    const known = new Set((await deps.records()).map((one) => timelineName(one.sessionId)));
    for (const name of names) {
      const path = join(deps.timelines, name);
      if (!known.has(name) && (await lstat(path)).mtimeMs < before) await rm(path, { force: true });
    }
  } catch (error) {
    deps.log.warn("old timelines could not be removed", { message: messageOf(error) });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
