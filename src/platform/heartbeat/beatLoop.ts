import type { Clock } from "../../base/clock";
import type { TryResult } from "./sendBeat";
import { BeatSchedule, type BeatTimes } from "./schedule";

export interface BeatLoopDeps {
  readonly clock: Clock;
  readonly times: BeatTimes;
  /** One try; undefined when there is no token to send it with. */
  readonly send: (cutOffMs: number) => Promise<TryResult | undefined>;
  readonly onAccepted: () => void;
  readonly onFailed: (reason: "rejected" | "unauthorized" | "unreachable", message: string) => void;
  /** Resolves when a token other than the one sent last is there, or after `ms`; true for a new token. */
  readonly newToken: (ms: number, signal: AbortSignal) => Promise<boolean>;
  /** Monotonic instant of the last sign of life from the main thread. */
  readonly lastSignAt: () => number;
}

const sliceMs = 1000;
const jumpMs = 2000;
/** A platform that refuses every token is not asked again before the next beat. */
const maxNewTokens = 2;

/** Beats on absolute deadlines until the signal aborts or the main thread has been silent for too long. */
export async function runBeats(deps: BeatLoopDeps, firstAt: number, signal: AbortSignal): Promise<"silent"> {
  const schedule = new BeatSchedule(deps.times, firstAt);
  for (;;) {
    await untilDue(deps, schedule, signal);
    if (deps.clock.monotonic() - deps.lastSignAt() > deps.times.silenceMs) return "silent";
    await beat(deps, schedule, signal);
    schedule.advance(deps.clock.monotonic());
  }
}

/** Sleeps in slices, so that a machine that slept is noticed by its wall clock soon after it wakes. */
async function untilDue(deps: BeatLoopDeps, schedule: BeatSchedule, signal: AbortSignal): Promise<void> {
  const { clock } = deps;
  for (;;) {
    const at = clock.monotonic();
    const wallAt = clock.now();
    if (at >= schedule.dueAt) return;
    await clock.sleep(Math.min(sliceMs, schedule.dueAt - at), signal);
    const jumped = clock.now() - wallAt - (clock.monotonic() - at);
    if (jumped > jumpMs) schedule.restart(clock.monotonic());
  }
}

async function beat(deps: BeatLoopDeps, schedule: BeatSchedule, signal: AbortSignal): Promise<void> {
  const { clock } = deps;
  let newTokens = 0;
  for (let tries = 0; ;) {
    const next = schedule.nextTry(tries, clock.monotonic());
    if (next === undefined) return;
    if (next.pauseMs > 0) await clock.sleep(next.pauseMs, signal);
    const result = await deps.send(next.cutOffMs);
    signal.throwIfAborted();
    if (result?.kind === "accepted") {
      deps.onAccepted();
      return;
    }
    if (result === undefined || result.kind === "unauthorized") {
      newTokens += 1;
      if (newTokens > maxNewTokens || !(await tokenInTime(deps, schedule, result, signal))) return;
      continue;
    }
    tries += 1;
    if (!result.retry || schedule.isLate(tries)) deps.onFailed(result.reason, result.message);
    if (!result.retry) return;
  }
}

/** Waits for another token: quietly at first, then until the next beat is due. */
async function tokenInTime(
  deps: BeatLoopDeps,
  schedule: BeatSchedule,
  result: TryResult | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (await deps.newToken(deps.times.quickCutOffMs, signal)) return true;
  deps.onFailed(
    "unauthorized",
    result === undefined ? "there is no token yet" : "the platform refused the token",
  );
  const leftMs = schedule.dueAt + deps.times.intervalMs - deps.clock.monotonic();
  return deps.newToken(Math.max(0, leftMs), signal);
}
