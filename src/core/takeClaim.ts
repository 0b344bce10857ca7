import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import type { EndPlan } from "./attemptEnding";
import { latestAttempt } from "./latestAttempt";
import type { HeldSlot } from "./heldSlot";
import { claimGoneMessage, isRenewalUnsupported, leaseFrom, type Lease } from "./lease";
import type { SessionChange } from "./events";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
import type { Claim, Session } from "./session";
import type { SessionCalls } from "./sessionCalls";
import type { WorkerDeps } from "./workerDeps";
import type { WorkflowConfig } from "./workflowConfig";
import { wasCancelled } from "./wasCancelled";

/** What is left of a claim by the platform's clock is shortened by this much, since the two clocks may differ. */
const clockDoubtMs = 30_000;

/** What taking and executing one session needs. */
export interface Execution {
  readonly deps: WorkerDeps;
  readonly config: WorkflowConfig;
  readonly calls: SessionCalls;
  readonly dispatch: (change: SessionChange) => void;
  /** The session already carries a claim of ours. */
  readonly holdsClaim: boolean;
  readonly slot: HeldSlot;
  /** Nothing is executed: the session ends so. */
  readonly decided?: EndPlan;
  /** A person gave the session back: that is noted with the claim, and outlives this process. */
  readonly givenBack?: boolean;
}

export interface TakenClaim {
  readonly session: Session;
  readonly lease: Lease;
}

/**
 * Claims the session, or proves the claim that it carries. `refused`: the claim is not to be had; `unknown`: nobody knows
 * yet, the next poll tells. The row says why.
 */
export async function takeClaim(
  execution: Execution,
  session: Session,
  signal: AbortSignal,
): Promise<TakenClaim | "refused" | "unknown"> {
  const { deps, dispatch } = execution;
  try {
    const taken = await ask(execution, session, signal);
    const leaseEndsAt = deps.clock.now() + taken.lease.endsAtMonotonic - deps.clock.monotonic();
    dispatch({ kind: "claimed", leaseEndsAt });
    return taken;
  } catch (error) {
    deps.log.info("a session was not claimed", { sessionId: session.sessionId, message: messageOf(error) });
    await notTaken(execution, session, error, signal);
    return PlatformError.is(error) && error.outcome === "refused" ? "refused" : "unknown";
  }
}

async function ask(execution: Execution, session: Session, signal: AbortSignal): Promise<TakenClaim> {
  const { deps, calls, config, holdsClaim } = execution;
  const requestedAt = deps.clock.monotonic();
  const held = holdsClaim ? session.claim : undefined;
  if (held === undefined) {
    const answer = await calls.claim(config.leaseSeconds, signal);
    return {
      session: answer.session,
      lease: leaseFrom(answer.claim, requestedAt, config.leaseSeconds),
    };
  }
  try {
    const claim = await calls.renew(held.claimId, config.leaseSeconds, signal);
    return { session, lease: leaseFrom(claim, requestedAt, config.leaseSeconds) };
  } catch (error) {
    if (!isRenewalUnsupported(error)) throw error;
    const longestMs = (held.leaseSeconds ?? config.leaseSeconds) * 1000;
    return { session, lease: restOf(held, requestedAt, deps.clock.now(), longestMs, error) };
  }
}

/**
 * Without renewal a claim that is there can only be lived out, as long as the platform said it lasts; a clock of ours that is
 * behind makes it no longer than it was granted for.
 */
function restOf(claim: Claim, requestedAt: number, now: number, longestMs: number, error: unknown): Lease {
  const leftMs = Math.min((claim.expiresAt ?? 0) - now, longestMs) - clockDoubtMs;
  if (leftMs <= 0) throw error;
  return { claimId: claim.claimId, grantedMs: leftMs, endsAtMonotonic: requestedAt + leftMs };
}

async function notTaken(
  execution: Execution,
  session: Session,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const { deps, calls, dispatch, holdsClaim } = execution;
  const at = deps.clock.now();
  const show = (
    phase: "elsewhere" | "cancelled" | "claimLost" | "interrupted" | "listed",
    detail: string | undefined,
  ): void => dispatch({ kind: "ended", phase, at, detail, byPerson: false });
  if (holdsClaim) {
    if (signal.aborted || !PlatformError.is(error, "conflict", "notFound", "forbidden")) {
      // The claim may well live on: the next poll tries again.
      const detail = signal.aborted
        ? undefined
        : asWritten("It could not go on yet: {0}. It is tried again at the next poll.", troubleWith(error));
      show("interrupted", detail);
      return;
    }
    const cancelled = await wasCancelled({ clock: deps.clock, calls }, signal);
    const detail = cancelled
      ? asWritten("Cancelled on the platform. The work so far is kept in its worktree.")
      : asWritten(
          "The claim on this session ended while the worker was away: {0}. What was done is kept in its worktree.",
          claimGoneMessage(error),
        );
    await forget(execution, session, cancelled ? "cancelled" : "abandoned", detail);
    show(cancelled ? "cancelled" : "claimLost", detail);
    return;
  }
  const conflict = PlatformError.is(error, "conflict") ? error.conflictReason : undefined;
  if (conflict === "already_claimed") {
    show("elsewhere", asWritten("Another worker was faster and has this session."));
  } else if (conflict === "cancelled") {
    show("cancelled", asWritten("Cancelled on the platform before it was claimed."));
  } else if (signal.aborted) show("listed", undefined);
  else show("listed", asWritten("Not claimed: {0}. It is tried again at the next poll.", troubleWith(error)));
}

/** The record of an earlier process is closed, so that nothing waits for that claim any more. */
async function forget(
  execution: Execution,
  session: Session,
  outcome: "cancelled" | "abandoned",
  detail: string,
): Promise<void> {
  const { journal, clock, log } = execution.deps;
  const record = latestAttempt(journal, session.sessionId);
  if (record?.outcome !== "running") return;
  try {
    await journal.save({ ...record, step: "ended", outcome, endedAt: clock.now(), detail });
  } catch (error) {
    log.error("an attempt's record could not be stored", {
      sessionId: session.sessionId,
      message: messageOf(error),
    });
  }
}
