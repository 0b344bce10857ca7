import { messageOf } from "../base/log";
import { pathOf } from "./identity";
import type { Session } from "./session";
import type { WorkerDeps } from "./workerDeps";

/** For a claim whose length the platform does not tell, seconds: the contract's default. */
const usualSeconds = 900;
/** How far the platform's clock and ours may differ, milliseconds, before they are taken to disagree. */
const clockDoubtMs = 30_000;

/**
 * Renews claims of ours that wait, for a slot or for a person, once a third of them is over. Whether one is lost is found
 * out by the next poll. Resolves with how soon that has to be, milliseconds; Infinity when nothing waits. Never rejects but
 * on abort.
 */
export async function renewWaiting(
  deps: WorkerDeps,
  waiting: readonly Session[],
  signal: AbortSignal,
): Promise<number> {
  let withinMs = Infinity;
  const { clock, platform, log, identity } = deps;
  for (const { sessionId, claim } of waiting) {
    if (claim === undefined) continue;
    const leaseSeconds = claim.leaseSeconds ?? usualSeconds;
    withinMs = Math.min(withinMs, leaseSeconds * 333);
    const leftMs = (claim.expiresAt ?? 0) - clock.now();
    // More than was granted means that the two clocks differ: nothing is known of what is left.
    if (leftMs > leaseSeconds * 667 && leftMs <= leaseSeconds * 1000 + clockDoubtMs) continue;
    try {
      const { claimId } = claim;
      await platform.claimSession(pathOf(identity), sessionId, { leaseSeconds, claimId }, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.info("a waiting claim was not renewed", { sessionId, message: messageOf(error) });
    }
  }
  return withinMs;
}
