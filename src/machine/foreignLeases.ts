import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../base/log";
import { isMissing } from "./files";
import type { StateContext } from "./jsonFile";

const freshMs = 15 * 60_000;
/** Files beyond this many are not looked at: one machine never executes that much. */
const mostFiles = 1000;

/** Execution leases of other programs in their shared folder, by age. Their content is never read and never changed. */
export interface ForeignLeases {
  /** Changed within the last 15 minutes: these count as executions. */
  readonly fresh: number;
  /** Older ones, which are ignored. */
  readonly stale: number;
}

/** Counts the lease files in `folder`; a missing folder holds none. */
export async function countForeignLeases(folder: string, context: StateContext): Promise<ForeignLeases> {
  let fresh = 0;
  let stale = 0;
  try {
    for await (const entry of await opendir(folder)) {
      if (fresh + stale >= mostFiles) break;
      if (!entry.isFile() || !entry.name.endsWith(".json")) continue;
      const changedAt = await changeTime(join(folder, entry.name));
      if (changedAt === undefined) continue;
      // A clock that was set back makes files of the future, which must not hold up this machine until it has caught up.
      if (Math.abs(context.clock.now() - changedAt) <= freshMs) fresh += 1;
      else stale += 1;
    }
  } catch (error) {
    if (!isMissing(error)) {
      context.log.warn("Executions of other programs could not be counted", {
        folder,
        reason: messageOf(error),
      });
    }
  }
  return { fresh, stale };
}

/** Undefined when the file went away meanwhile. */
async function changeTime(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
