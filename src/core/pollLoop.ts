import type { Clock } from "../base/clock";
import { jittered } from "../base/backoff";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import { say } from "../base/words";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
import type { Session } from "./session";
import type { Store } from "./store";
import type { Waker } from "./waker";

/** How far the interval varies, so that many workers do not poll in step. */
const jitterShare = 0.1;

export interface PollLoopDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: Store;
  readonly waker: Waker;
  readonly intervalMs: () => number;
  readonly poll: (signal: AbortSignal) => Promise<readonly Session[]>;
  /** @param requestedAt monotonic instant just before the poll left. */
  readonly consider: (
    sessions: readonly Session[],
    requestedAt: number,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Throws what the loop must not survive: the worker is rejected or signed out. */
  readonly onRefused: (error: PlatformError, signal: AbortSignal) => Promise<void>;
}

/** Polls on a jittered interval, at once when woken; survives what can be retried. */
export async function runPollLoop(deps: PollLoopDeps, signal: AbortSignal): Promise<never> {
  const { clock, random, store, log } = deps;
  for (;;) {
    let askedMs = 0;
    try {
      const requestedAt = clock.monotonic();
      const sessions = await deps.poll(signal);
      store.dispatch({ kind: "polled", at: clock.now(), sessions });
      await deps.consider(sessions, requestedAt, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PlatformError)) throw error;
      await deps.onRefused(error, signal);
      log.warn("poll failed", { reason: error.reason, message: messageOf(error) });
      store.dispatch({ kind: "pollFailed", at: clock.now(), message: troubleWith(error, say) });
      askedMs = error.retryAfterMs ?? 0;
    }
    const waitMs = jittered(deps.intervalMs(), jitterShare, random);
    store.dispatch({ kind: "pollScheduled", at: clock.now() + Math.max(waitMs, askedMs) });
    if (await waitOut(deps, askedMs, signal)) continue;
    await deps.waker.sleep(Math.max(0, waitMs - askedMs), signal);
  }
}

/**
 * What the platform asks for is waited out, whoever wants a poll meanwhile, by the clock that is first: after a sleep of the
 * machine the wait is over. True when somebody wanted a poll.
 */
async function waitOut(
  { clock, waker }: PollLoopDeps,
  askedMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const until = clock.monotonic() + askedMs;
  const untilWall = clock.now() + askedMs;
  let wanted = false;
  for (;;) {
    const leftMs = Math.min(until - clock.monotonic(), untilWall - clock.now());
    if (leftMs <= 0) return wanted;
    if (await waker.sleep(leftMs, signal)) wanted = true;
  }
}
