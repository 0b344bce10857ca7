import { randomUUID } from "node:crypto";
import { claimInactive, conflict, forbidden, Refusal } from "../refusal";
import type { Claim, Session, Settings, Worker } from "../state/schema";
import { isEligible } from "./eligibility";
import { setStatus, workerStatus } from "./time";

/** 15 min, where the caller names no other. */
const defaultLeaseSeconds = 900;

/** The claim of `session`, where `claimId` is it and `worker` holds it. Throws 409 `claim_inactive` else. */
export function activeClaim(session: Session, worker: Worker, claimId: string): Claim {
  const { claim } = session;
  if (claim?.claimId !== claimId || claim.workerId !== worker.workerId) throw claimInactive();
  return claim;
}

/** Takes the session, or throws the refusal that says why not. */
export function claim(
  session: Session,
  worker: Worker,
  leaseSeconds: number | undefined,
  now: number,
): Claim {
  refuseClaim(session, worker, now);
  const seconds = leaseSeconds ?? defaultLeaseSeconds;
  const taken: Claim = {
    claimId: `claim_${randomUUID()}`,
    workerId: worker.workerId,
    leaseSeconds: seconds,
    expiresAt: now + seconds * 1000,
    lastSequence: 0,
  };
  session.claim = taken;
  session.lastOwnerId = worker.workerId;
  session.claims.push({ claimId: taken.claimId, workerId: worker.workerId, at: now });
  session.input = null;
  session.inputRequest = null;
  setStatus(session, "active", now);
  return taken;
}

function refuseClaim(session: Session, worker: Worker, now: number): void {
  const { status } = session;
  if (session.ownerUserId !== worker.ownerUserId) throw forbidden("This session is another user's.");
  if (status === "cancelled") throw conflict("cancelled", "The session was cancelled.");
  if (status === "active" || status === "awaiting_input") {
    throw conflict("already_claimed", "The session is claimed already.");
  }
  if (status !== "queued" && status !== "stale") {
    throw conflict("not_claimable", `A session that is ${status} cannot be claimed.`);
  }
  if (!isEligible(session, worker)) throw conflict("not_eligible", "The session is not for this worker.");
  if (status === "stale" && session.lastOwnerId !== worker.workerId) {
    throw conflict("not_eligible", "Only the worker that last owned a stale session may claim it again.");
  }
  if (workerStatus(worker, now) === "offline") {
    throw conflict("not_eligible", "The worker is offline. It has to send a heartbeat first.");
  }
}

/** Renews the lease under the same claim. */
export function renew(
  session: Session,
  worker: Worker,
  claimId: string,
  leaseSeconds: number | undefined,
  renewal: Settings["renewal"],
  now: number,
): Claim {
  if (renewal === "405") throw new Refusal(405, "This platform does not renew claims.");
  const held = activeClaim(session, worker, claimId);
  if (renewal === "409") throw conflict("renewal_unsupported", "This platform does not renew claims.");
  held.leaseSeconds = leaseSeconds ?? held.leaseSeconds;
  held.expiresAt = now + held.leaseSeconds * 1000;
  session.updatedAt = now;
  return held;
}
