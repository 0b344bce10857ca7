import { neverAborted } from "../../base/abort";
import type { Clock } from "../../base/clock";
import type { Family } from "./family";
import type { ProcessEntry } from "./processTable";
import { isAlive, signalMember, signalQuietly } from "./signals";
import { killTree } from "./windows";

/** How long each step of ending waits, milliseconds. */
export interface Graces {
  readonly afterEndOfInputMs: number;
  readonly afterTermMs: number;
  readonly sweepMs: number;
}

export interface Ending {
  /** The tool itself, leader of a group of its own. */
  readonly root: Pick<ProcessEntry, "pid" | "startedAt">;
  readonly family: Family;
  readonly graces: Graces;
  readonly clock: Clock;
  /** Told when the family is noted, so that the end of its input may be shown to the tool, which may end at once. */
  readonly onNoted: () => void;
  /** No more politeness from here on. */
  readonly hurry: AbortSignal;
}

const pollMs = 5;
const longestPollMs = 500;

/**
 * Notes the family while the tree still hangs together; waits for the tool to end with its input, then TERM, then KILL, then a sweep until two looks in a
 * row have found nobody. Resolves with how many could not be ended: 0 but for a stuck kernel call or another user's.
 */
export async function endFamily(ending: Ending): Promise<number> {
  const { root, family, graces, clock } = ending;
  if (process.platform === "win32") return endTree(ending);
  try {
    await family.find();
    ending.onNoted();
    await untilGone(ending, graces.afterEndOfInputMs);
    if (isAlive(root) && !ending.hurry.aborted) {
      signalQuietly(-root.pid, "SIGTERM");
      await untilGone(ending, graces.afterTermMs);
    }
    return await sweep(family, graces.sweepMs, clock);
  } catch {
    ending.onNoted();
    // Without a process table the group is all that can be reached.
    if (isAlive(root)) signalQuietly(-root.pid, "SIGKILL");
    await untilGone({ ...ending, hurry: neverAborted }, graces.sweepMs);
    return isAlive(root) ? 1 : 0;
  }
}

/** Kills whoever is found until two looks in a row have found nobody: one look may miss what is started during it. */
export async function sweep(family: Family, limitMs: number, clock: Clock): Promise<number> {
  const until = clock.monotonic() + limitMs;
  let waitMs = pollMs;
  for (let quiet = 0; ;) {
    const left = await family.find();
    quiet = left.length === 0 ? quiet + 1 : 0;
    if (quiet === 2 || clock.monotonic() >= until) return left.length;
    for (const one of left) signalMember(one, "SIGKILL");
    await clock.sleep(waitMs, neverAborted);
    waitMs = Math.min(waitMs * 1.2, longestPollMs);
  }
}

/** Windows has no signals: what does not end by itself is killed with its children, as long as it lives to be asked for them. */
async function endTree(ending: Ending): Promise<number> {
  const { root, graces } = ending;
  ending.onNoted();
  await untilGone(ending, graces.afterEndOfInputMs);
  if (isAlive(root)) await killTree(root.pid);
  await untilGone({ ...ending, hurry: neverAborted }, graces.sweepMs);
  return isAlive(root) ? 1 : 0;
}

async function untilGone({ root, clock, hurry }: Ending, limitMs: number): Promise<void> {
  const until = clock.monotonic() + limitMs;
  while (!hurry.aborted && isAlive(root) && clock.monotonic() < until) {
    await clock.sleep(pollMs, hurry).catch(() => undefined);
  }
}
