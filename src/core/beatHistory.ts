import type { BeatResult } from "./ports/heartbeat";

/** How far back beats are remembered, milliseconds. */
export const historyMs = 300_000;
/** After this long without an accepted beat the platform calls a worker stale, milliseconds. */
export const staleMs = 12_000;
/** More than fit into the time where beats go as they should; tries in vain come a little faster. */
export const mostBeats = 64;
/** Tries in vain that follow each other faster are one to look at, milliseconds. */
const oneFailureMs = 4_500;

/** What became of one beat. `late`: accepted, but the worker was stale before. */
export interface BeatMark {
  /** By our clock, milliseconds since the epoch. */
  readonly at: number;
  readonly kind: "accepted" | "late" | "failed";
}

/**
 * The beats of the last five minutes, oldest first, with this one.
 * @param lastBeatAt when the last one before was accepted, milliseconds since the epoch.
 */
export function withBeat(
  beats: readonly BeatMark[],
  lastBeatAt: number | undefined,
  result: Pick<BeatResult, "kind" | "at">,
): readonly BeatMark[] {
  const { at } = result;
  // A clock that was set back leaves marks of times that have not come yet.
  const recent = beats.filter((beat) => beat.at <= at && at - beat.at < historyMs);
  if (result.kind === "accepted") {
    const late = lastBeatAt !== undefined && at - lastBeatAt > staleMs;
    return [...recent, { at, kind: late ? "late" : "accepted" } as const].slice(-mostBeats);
  }
  const last = recent.at(-1);
  if (last?.kind === "failed" && at - last.at < oneFailureMs) return recent;
  return [...recent, { at, kind: "failed" } as const].slice(-mostBeats);
}
