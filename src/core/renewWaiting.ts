import { messageOf } from "../base/log";
import { pathOf } from "./identity";
import type { Session } from "./session";
import type { WorkerDeps } from "./workerDeps";

/** For a claim whose length the platform does not tell, seconds: the contract's default. */
const usualSeconds = 900;

/**
 * Renews claims of ours that wait, for a slot or for a person, once a third of them is over. Whether one is lost is found
 * out by the next poll. Never rejects but on abort.
 */
export async function renewWaiting(
  deps: WorkerDeps,
  waiting: readonly Session[],
  signal: AbortSignal,
): Promise<void> {
  const { clock, platform, log, identity } = deps;
  for (const { sessionId, claim } of waiting) {
    if (claim === undefined) continue;
    const leaseSeconds = claim.leaseSeconds ?? usualSeconds;
    const leftMs = (claim.expiresAt ?? 0) - clock.now();
    if (leftMs > leaseSeconds * 667) continue;
    try {
      const { claimId } = claim;
      await platform.claimSession(pathOf(identity), sessionId, { leaseSeconds, claimId }, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.info("a waiting claim was not renewed", { sessionId, message: messageOf(error) });
    }
  }
}
