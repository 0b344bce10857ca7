import { fullJitterMs } from "../base/backoff";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import { claimGoneMessage, LeaseLost } from "./lease";
import { PlatformError, refusesContent } from "./platformError";

export interface InsistDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A call that is made until the platform has decided. */
export interface Insistence<T> {
  readonly what: string;
  readonly send: (signal: AbortSignal) => Promise<T>;
  /**
   * Asked before it is sent again after an outcome that nobody knows: what came of it, undefined where nothing did. Absent
   * where sending it twice does no harm.
   */
  readonly find?: (signal: AbortSignal) => Promise<T | undefined>;
  /** It goes to a path of the session itself, where 403 and 404 too mean that the claim is gone. */
  readonly ofSession: boolean;
}

/**
 * Sends until the platform has decided, as long as the signal lets it. Throws LeaseLost when the claim is gone and
 * PlatformError when the platform refuses what is sent for good.
 */
export async function insist<T>(deps: InsistDeps, call: Insistence<T>, signal: AbortSignal): Promise<T> {
  let unsure = false;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      const found = unsure && call.find !== undefined ? await call.find(signal) : undefined;
      if (found !== undefined) return found;
      unsure = false;
      return await call.send(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PlatformError)) throw error;
      const { reason, outcome, retryAfterMs } = error;
      if (reason === "conflict") throw new LeaseLost(claimGoneMessage(error));
      if (reason === "forbidden" || reason === "notFound") {
        throw call.ofSession ? new LeaseLost(claimGoneMessage(error)) : error;
      }
      if (refusesContent(error)) throw error;
      unsure ||= outcome === "unknown";
      deps.log.debug("a call is made again", { what: call.what, attempt, message: messageOf(error) });
      const waitMs = retryAfterMs ?? 250 + fullJitterMs(attempt, { baseMs: 500, maxMs: 15_000 }, deps.random);
      await deps.clock.sleep(waitMs, signal);
    }
  }
}
