import type { Clock } from "../base/clock";
import { fullJitterMs } from "../base/backoff";
import { withDeadline } from "../base/deadline";
import type { Random } from "../base/random";
import { PlatformError } from "./platformError";
import type { Claim } from "./session";

/** A lease as our own monotonic clock counts it: from the moment the request left, so never longer than the server's. */
export interface Lease {
  readonly claimId: string;
  /** Milliseconds the platform granted. */
  readonly grantedMs: number;
  /** Monotonic instant at which it has certainly ended. */
  readonly endsAtMonotonic: number;
}

/** The claim is not ours any more, or cannot be proven to be. Nothing more may be sent with it. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

export interface LeaseDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Renews the claim on the platform. */
  readonly renew: (claimId: string, signal: AbortSignal) => Promise<Claim>;
  readonly onRenewed: (lease: Lease) => void;
  /** The platform does not renew: this lease is all there is. */
  readonly onBounded: (lease: Lease) => void;
  /** A lease that is not renewed ends soon: what is to be told must be told now. */
  readonly onEndsSoon: () => void;
}

/** How long before the end of a lease that is not renewed the work stops, so that its end can still be told. */
const tellingMs = 60_000;

/** @param requestedAt monotonic instant just before the claim request left. */
export function leaseFrom(claim: Claim, requestedAt: number, askedSeconds: number): Lease {
  const grantedMs = (claim.leaseSeconds ?? askedSeconds) * 1000;
  return { claimId: claim.claimId, grantedMs, endsAtMonotonic: requestedAt + grantedMs };
}

/**
 * Keeps a lease alive: renews after a third of it, again and again until the signal aborts. Throws LeaseLost when the
 * platform says so or when no renewal succeeded before the lease ran out. A platform without renewal bounds the attempt.
 */
export async function keepLease(deps: LeaseDeps, first: Lease, signal: AbortSignal): Promise<never> {
  const { clock } = deps;
  let lease = first;
  for (;;) {
    // A third after it was asked for; the answer may have come late. Never in a tight loop, however short the lease.
    const dueIn = lease.endsAtMonotonic - (lease.grantedMs * 2) / 3 - clock.monotonic();
    await clock.sleep(Math.max(dueIn, Math.min(1000, lease.grantedMs / 3)), signal);
    const renewed = await renewBeforeEnd(deps, lease, signal);
    if (renewed === "unsupported") return await liveOut(deps, lease, signal);
    lease = renewed;
    deps.onRenewed(lease);
  }
}

async function liveOut(deps: LeaseDeps, lease: Lease, signal: AbortSignal): Promise<never> {
  const { clock } = deps;
  deps.onBounded(lease);
  const margin = Math.min(tellingMs, lease.grantedMs / 4);
  await clock.sleep(lease.endsAtMonotonic - margin - clock.monotonic(), signal);
  deps.onEndsSoon();
  await clock.sleep(lease.endsAtMonotonic - clock.monotonic(), signal);
  throw new LeaseLost("the platform does not extend claims and this one has ended");
}

async function renewBeforeEnd(
  deps: LeaseDeps,
  lease: Lease,
  signal: AbortSignal,
): Promise<Lease | "unsupported"> {
  const { clock, random } = deps;
  const ended = new LeaseLost("it ended before the platform could be reached to renew it");
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    const requestedAt = clock.monotonic();
    const left = lease.endsAtMonotonic - requestedAt;
    if (left <= 0) throw ended;
    try {
      const claim = await withDeadline(clock, left, ended, signal, (inner) =>
        deps.renew(lease.claimId, inner),
      );
      if (claim.claimId !== lease.claimId) throw new LeaseLost("the platform answered with another claim");
      return leaseFrom(claim, requestedAt, lease.grantedMs / 1000);
    } catch (error) {
      if (error instanceof LeaseLost || signal.aborted) throw error;
      if (isRenewalUnsupported(error)) return "unsupported";
      if (isClaimGone(error)) throw new LeaseLost(claimGoneMessage(error));
      const asked = error instanceof PlatformError ? error.retryAfterMs : undefined;
      const wait = asked ?? 500 + fullJitterMs(attempt, { baseMs: 1000, maxMs: 15_000 }, random);
      const rest = lease.endsAtMonotonic - clock.monotonic();
      await clock.sleep(Math.max(0, Math.min(wait, rest)), signal);
    }
  }
}

export function isRenewalUnsupported(error: unknown): boolean {
  return (
    PlatformError.is(error, "unsupported") ||
    (PlatformError.is(error, "conflict") && error.conflictReason === "renewal_unsupported")
  );
}

/** The platform refused the claim: any conflict, or a session that is not there for us any more. */
export function isClaimGone(error: unknown): boolean {
  return PlatformError.is(error, "conflict", "notFound", "forbidden");
}

/** Why the platform refused a claim, as part of a sentence. */
export function claimGoneMessage(error: unknown): string {
  const reason = error instanceof PlatformError ? (error.conflictReason ?? error.reason) : "unknown";
  return reason === "claim_inactive"
    ? "the platform says that it is not active any more"
    : `the platform refused it (${reason})`;
}
