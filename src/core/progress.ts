import type { Clock } from "../base/clock";
import { say } from "../base/words";
import type { SessionChange } from "./events";
import type { OnProgress } from "./ports/worktrees";

/** A row is drawn four times a second at most, and every window of the machine hears of each change. */
const gapMs = 1_000;

/** Tells in the session's row how far git is with its worktree, at most once a second. */
export function worktreeProgress(
  clock: Pick<Clock, "monotonic">,
  change: (change: SessionChange) => void,
): OnProgress {
  let nextAt = Number.NEGATIVE_INFINITY;
  return ({ work, percent }) => {
    const now = clock.monotonic();
    if (now < nextAt) return;
    nextAt = now + gapMs;
    const detail =
      work === "fetching"
        ? say("fetching the base branch: {0} %", percent)
        : say("making the worktree: {0} %", percent);
    change({ kind: "progress", detail });
  };
}
