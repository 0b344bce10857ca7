import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { fullJitterMs } from "../base/backoff";
import type { Random } from "../base/random";
import { asWritten } from "../base/words";
import { AttemptAborted } from "./attemptEnd";
import { isClaimGone, LeaseLost } from "./lease";
import { PlatformError, refusesContent } from "./platformError";
import type { SessionCalls } from "./sessionCalls";
import type { Session, SessionStatus } from "./session";
import { clip } from "./text";

/** How a claimed session ends; each carries what the platform is told. */
export type Finish =
  | { readonly kind: "complete"; readonly summary: string | undefined }
  | { readonly kind: "fail"; readonly message: string; readonly reason: string }
  | { readonly kind: "release"; readonly reason: string };

/** How a session stands after each finish. */
export const statusAfter: Readonly<Record<Finish["kind"], SessionStatus>> = {
  complete: "complete",
  fail: "error",
  release: "queued",
};

export interface FinishDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sessionId: string;
  readonly calls: SessionCalls;
  readonly claimId: string;
  /** Why this session must not be completed, whatever else was decided; undefined when it may be. */
  readonly whyNotComplete: () => string | undefined;
}

/** What may be told: a completion that would stall its run is none. */
export function allowed(finish: Finish, why: string | undefined): Finish {
  return finish.kind === "complete" && why !== undefined
    ? { kind: "fail", message: why, reason: "no_verdict" }
    : finish;
}

/**
 * Ends the claim exactly once. A finish is not idempotent: after a lost answer the session is read, and its status tells
 * whether the call had been carried out. A finish that is refused for good gives way to a plainer one, since every claimed
 * session has to end. Resolves with the one that was accepted; throws LeaseLost when the claim had ended otherwise and
 * AttemptAborted when the session was cancelled.
 */
export async function finishClaim(deps: FinishDeps, finish: Finish, signal: AbortSignal): Promise<Finish> {
  let refusal: unknown;
  for (const step of stepsOf(allowed(finish, deps.whyNotComplete()))) {
    const refused = await settleWith(deps, step, signal);
    if (refused === undefined) return step;
    refusal = refused;
  }
  throw refusal;
}

function stepsOf(finish: Finish): readonly Finish[] {
  const back: Finish = { kind: "release", reason: asWritten("The platform refused how this session ended.") };
  switch (finish.kind) {
    case "complete":
      return [
        finish,
        { kind: "complete", summary: undefined },
        {
          kind: "fail",
          message: asWritten(
            "The work was done, but the platform refused its completion. It is kept on its branch.",
          ),
          reason: "completion_refused",
        },
        back,
      ];
    case "fail":
      return [
        finish,
        { kind: "fail", message: asWritten("It failed; the platform refused the reason."), reason: "failed" },
        back,
      ];
    case "release":
      return [finish, back];
  }
}

/** Undefined when the session has ended so; else the refusal, which sending again would not change. */
async function settleWith(
  deps: FinishDeps,
  finish: Finish,
  signal: AbortSignal,
): Promise<PlatformError | undefined> {
  const { clock, random, log, sessionId } = deps;
  let gone: PlatformError | undefined;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    // With a claim that was refused nothing more is sent: what became of the session is only asked.
    const error = gone ?? (await trySend(deps, finish, signal));
    if (error === undefined) return undefined;
    if (gone === undefined) {
      const message = messageOf(error);
      log.warn("a finish was not answered with success", { sessionId, finish: finish.kind, message });
    }
    if (refusesContent(error)) return error;
    if (isClaimGone(error)) gone = error;
    const stands = judge(deps, finish, error, await readSession(deps, signal));
    if (stands === "ended") return undefined;
    if (stands === "refused") return error;
    const wait = error.retryAfterMs ?? 250 + fullJitterMs(attempt, { baseMs: 500, maxMs: 15_000 }, random);
    await clock.sleep(wait, signal);
  }
}

/** Undefined when it was accepted. */
async function trySend(
  deps: FinishDeps,
  finish: Finish,
  signal: AbortSignal,
): Promise<PlatformError | undefined> {
  try {
    await send(deps, finish, signal);
    return undefined;
  } catch (error) {
    if (signal.aborted || !(error instanceof PlatformError)) throw error;
    return error;
  }
}

/** What the session's status says about a finish that was refused or not answered. */
function judge(
  deps: FinishDeps,
  finish: Finish,
  error: PlatformError,
  session: Session | undefined,
): "ended" | "refused" | "unknown" {
  if (session === undefined || session.status === "unknown") return "unknown";
  if (session.status === statusAfter[finish.kind]) return "ended";
  if (session.status === "cancelled") throw new AttemptAborted({ kind: "cancelled" });
  const live = session.status === "active" || session.status === "awaiting_input";
  const gone = isClaimGone(error);
  const held = live && (session.claim === undefined ? !gone : session.claim.claimId === deps.claimId);
  if (held) return gone ? "refused" : "unknown";
  // Whoever has it now: it is not ours any more, which is all that a release is for.
  if (finish.kind === "release") return "ended";
  throw new LeaseLost(
    live
      ? asWritten("another claim is active on the session")
      : asWritten("the session is {0} on the platform", session.status),
  );
}

function send(deps: FinishDeps, finish: Finish, signal: AbortSignal): Promise<void> {
  const { calls, claimId } = deps;
  switch (finish.kind) {
    case "complete": {
      const summary = finish.summary === undefined ? undefined : clip(finish.summary, 10_000);
      return calls.complete(claimId, summary, signal);
    }
    case "fail":
      return calls.fail(claimId, { message: clip(finish.message, 10_000), reason: finish.reason }, signal);
    case "release":
      return calls.release(claimId, clip(finish.reason, 2000), signal);
  }
}

async function readSession(deps: FinishDeps, signal: AbortSignal): Promise<Session | undefined> {
  try {
    return await deps.calls.read(signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}
