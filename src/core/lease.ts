import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import { fullJitterMs } from "../base/backoff";
import { withDeadline } from "../base/deadline";
import type { Random } from "../base/random";
import { asWritten } from "../base/words";
import type { ClaimGate } from "./claimGate";
import { PlatformError } from "./platformError";
import type { Claim, Session } from "./session";

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
  /** In doubt after a jump of the clock: then the claim is renewed at once, or given up. */
  readonly gate: ClaimGate;
  /** Renews the claim on the platform. */
  readonly renew: (claimId: string, signal: AbortSignal) => Promise<Claim>;
  /** The session as the platform shows it now: tells whether a claim that cannot be renewed still lives. */
  readonly read: (signal: AbortSignal) => Promise<Session>;
  readonly onRenewed: (lease: Lease) => void;
  /** The platform does not renew: this lease is all there is. */
  readonly onBounded: (lease: Lease) => void;
  /** A lease that is not renewed ends soon: what is to be told must be told now. */
  readonly onEndsSoon: () => void;
}

/** How long before the end of a lease that is not renewed the work stops, so that its end can still be told. */
const tellingMs = 60_000;
/** How long a claim may be in doubt before it is given up, milliseconds. */
const doubtMs = 30_000;

/** @param requestedAt monotonic instant just before the claim request left. */
export function leaseFrom(claim: Claim, requestedAt: number, askedSeconds: number): Lease {
  const grantedMs = (claim.leaseSeconds ?? askedSeconds) * 1000;
  return { claimId: claim.claimId, grantedMs, endsAtMonotonic: requestedAt + grantedMs };
}

interface Kept {
  readonly lease: Lease;
  /** The platform does not renew it. */
  readonly bounded: boolean;
}

/**
 * Keeps a lease alive: renews after a third of it, again and again until the signal aborts, and at once when it comes into
 * doubt. Throws LeaseLost when the platform says so or when no renewal succeeded before the lease ran out. A platform
 * without renewal bounds the attempt.
 */
export async function keepLease(deps: LeaseDeps, first: Lease, signal: AbortSignal): Promise<never> {
  let kept: Kept = { lease: first, bounded: false };
  for (;;) kept = await untilNext(deps, kept, signal);
}

/** The lease after its next renewal, which a doubt brings forward. */
async function untilNext(deps: LeaseDeps, kept: Kept, signal: AbortSignal): Promise<Kept> {
  const doubted = new ClaimDoubted();
  const scope = new LinkedAbort(signal);
  const stop = deps.gate.onDoubt(() => scope.abort(doubted));
  try {
    return await (kept.bounded
      ? liveOut(deps, kept.lease, scope.signal)
      : renewWhenDue(deps, kept.lease, scope.signal));
  } catch (error) {
    if (signal.aborted || scope.signal.reason !== doubted) throw error;
    return await proveAgain(deps, kept, signal);
  } finally {
    stop();
    scope.dispose();
  }
}

async function renewWhenDue(deps: LeaseDeps, lease: Lease, signal: AbortSignal): Promise<Kept> {
  const { clock } = deps;
  // A third after it was asked for; the answer may have come late. Never in a tight loop, however short the lease.
  const dueIn = lease.endsAtMonotonic - (lease.grantedMs * 2) / 3 - clock.monotonic();
  await clock.sleep(Math.max(dueIn, Math.min(1000, lease.grantedMs / 3)), signal);
  return taken(deps, lease, await renewBefore(deps, lease, lease.endsAtMonotonic, signal));
}

function taken(deps: LeaseDeps, before: Lease, renewed: Lease | "unsupported"): Kept {
  if (renewed === "unsupported") {
    deps.onBounded(before);
    return { lease: before, bounded: true };
  }
  deps.onRenewed(renewed);
  return { lease: renewed, bounded: false };
}

/** After a jump of the clock nobody knows how much of the lease is left: only the platform's word counts. */
async function proveAgain(deps: LeaseDeps, { lease, bounded }: Kept, signal: AbortSignal): Promise<Kept> {
  const { clock, gate } = deps;
  const until = Math.min(lease.endsAtMonotonic, clock.monotonic() + doubtMs);
  const renewed = await renewBefore(deps, lease, until, signal);
  if (renewed !== "unsupported") {
    gate.prove();
    return taken(deps, lease, renewed);
  }
  const left = await restOf(deps, lease, until, signal);
  gate.prove();
  return bounded ? { lease: left, bounded } : taken(deps, left, "unsupported");
}

/** What is left of a claim that cannot be renewed, by the platform's own word and never more than before. */
async function restOf(deps: LeaseDeps, lease: Lease, until: number, signal: AbortSignal): Promise<Lease> {
  const { clock } = deps;
  const late = new LeaseLost(unreached);
  const session = await withDeadline(clock, until - clock.monotonic(), late, signal, async (inner) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await deps.read(inner);
      } catch (error) {
        if (inner.aborted || !(error instanceof PlatformError)) throw error;
        if (isClaimGone(error)) throw new LeaseLost(claimGoneMessage(error));
        await clock.sleep(waitMs(deps, attempt, error), inner);
      }
    }
  });
  if (session.claim?.claimId !== lease.claimId) {
    throw new LeaseLost(asWritten("the platform says that it is not active any more"));
  }
  const endsIn = (session.claim.expiresAt ?? clock.now() + lease.grantedMs) - clock.now();
  return { ...lease, endsAtMonotonic: Math.min(lease.endsAtMonotonic, clock.monotonic() + endsIn) };
}

async function liveOut(deps: LeaseDeps, lease: Lease, signal: AbortSignal): Promise<never> {
  const { clock } = deps;
  const margin = Math.min(tellingMs, lease.grantedMs / 4);
  await clock.sleep(lease.endsAtMonotonic - margin - clock.monotonic(), signal);
  deps.onEndsSoon();
  await clock.sleep(lease.endsAtMonotonic - clock.monotonic(), signal);
  throw new LeaseLost(asWritten("the platform does not extend claims and this one has ended"));
}

/** @param until monotonic instant by which it has to have succeeded. */
async function renewBefore(
  deps: LeaseDeps,
  lease: Lease,
  until: number,
  signal: AbortSignal,
): Promise<Lease | "unsupported"> {
  const { clock } = deps;
  const ended = new LeaseLost(unreached);
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    const requestedAt = clock.monotonic();
    const left = until - requestedAt;
    if (left <= 0) throw ended;
    try {
      const claim = await withDeadline(clock, left, ended, signal, (inner) =>
        deps.renew(lease.claimId, inner),
      );
      if (claim.claimId !== lease.claimId) {
        throw new LeaseLost(asWritten("the platform answered with another claim"));
      }
      return leaseFrom(claim, requestedAt, lease.grantedMs / 1000);
    } catch (error) {
      if (error instanceof LeaseLost || signal.aborted) throw error;
      if (isRenewalUnsupported(error)) return "unsupported";
      if (isClaimGone(error)) throw new LeaseLost(claimGoneMessage(error));
      const rest = until - clock.monotonic();
      await clock.sleep(Math.max(0, Math.min(waitMs(deps, attempt, error), rest)), signal);
    }
  }
}

const unreached = asWritten("it ended before the platform could be reached to renew it");

function waitMs({ random }: LeaseDeps, attempt: number, error: unknown): number {
  const asked = error instanceof PlatformError ? error.retryAfterMs : undefined;
  return asked ?? 500 + fullJitterMs(attempt, { baseMs: 1000, maxMs: 15_000 }, random);
}

class ClaimDoubted extends Error {
  override readonly name = "ClaimDoubted";
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
    ? asWritten("the platform says that it is not active any more")
    : asWritten("the platform refused it ({0})", reason);
}
