import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../base/log";
import { isMissing } from "./files";
import type { StateContext } from "./jsonFile";

const freshMs = 15 * 60_000;
/** Files beyond this many are not looked at. */
const mostFiles = 50_000;
const atOnce = 64;
/** How many names of ignored files are kept for diagnostics. */
const mostNames = 50;

/** Execution leases of other programs in their shared folder, by age. Their content is never read and never changed. */
export interface ForeignLeases {
  /** Changed within the last 15 minutes: these count as executions. */
  readonly fresh: number;
  /** How many are ignored: older ones, and those that claim to be of a time to come. */
  readonly ignored: number;
  /** Names of ignored files, for diagnostics, at most 50. */
  readonly ignoredNames: readonly string[];
  /** Why the rest could not be counted; undefined when all were. */
  readonly trouble: string | undefined;
}

/** Looks at the lease files in `folder`; a missing folder holds none. Links, folders and other names are not leases. */
export async function readForeignLeases(folder: string, context: StateContext): Promise<ForeignLeases> {
  const now = context.clock.now();
  const ignoredNames: string[] = [];
  let fresh = 0;
  let ignored = 0;
  const judge = async (name: string): Promise<void> => {
    const changedAt = await changeTime(join(folder, name));
    if (changedAt === undefined) return;
    // A clock that was set back makes files of the future, which must not hold up this machine until it has caught up.
    if (Math.abs(now - changedAt) <= freshMs) {
      fresh += 1;
      return;
    }
    ignored += 1;
    if (ignoredNames.length < mostNames) ignoredNames.push(name);
  };
  let trouble: string | undefined;
  try {
    let batch: Promise<void>[] = [];
    let looked = 0;
    for await (const entry of await opendir(folder, { bufferSize: atOnce })) {
      if (!entry.isFile() || !entry.name.endsWith(".json")) continue;
      looked += 1;
      if (looked > mostFiles) {
        trouble = `there are more than ${mostFiles} files`;
        break;
      }
      batch.push(judge(entry.name));
      if (batch.length < atOnce) continue;
      await Promise.all(batch);
      batch = [];
    }
    await Promise.all(batch);
  } catch (error) {
    if (!isMissing(error)) trouble = messageOf(error);
  }
  return { fresh, ignored, ignoredNames, trouble };
}

/** Undefined when the file went away meanwhile. */
async function changeTime(path: string): Promise<number | undefined> {
  try {
    const stat = await lstat(path);
    return stat.isFile() ? stat.mtimeMs : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
