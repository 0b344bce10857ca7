import { LinkedAbort } from "../base/abort";
import { untilAborted } from "../base/background";
import type { ClaimGate } from "./claimGate";
import { isClaimGone } from "./lease";
import { PlatformError } from "./platformError";
import type { SessionCalls } from "./sessionCalls";

/**
 * The calls that carry a claim, held back while it is in doubt. One that is under way when the doubt comes is cut off, so
 * that nothing inside it sends once more; its outcome is unknown then. A claim whose finish was refused is renewed no more:
 * what became of the session is only asked.
 */
export function gatedCalls(calls: SessionCalls, gate: ClaimGate): SessionCalls {
  const through = async <T>(signal: AbortSignal, send: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    await gate.pass(signal);
    const scope = new LinkedAbort(signal);
    const stop = gate.onDoubt(() => scope.abort(cutOff()));
    try {
      return await send(scope.signal);
    } finally {
      stop();
      scope.dispose();
    }
  };
  let refused = false;
  const finish = async (signal: AbortSignal, send: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    try {
      await through(signal, send);
    } catch (error) {
      refused ||= isClaimGone(error);
      throw error;
    }
  };
  return {
    ...calls,
    renew: (claimId, leaseSeconds, signal) =>
      refused ? untilAborted(never(), signal) : calls.renew(claimId, leaseSeconds, signal),
    patch: (claimId, metadata, signal) => through(signal, (inner) => calls.patch(claimId, metadata, inner)),
    activity: (claimId, activity, signal) =>
      through(signal, (inner) => calls.activity(claimId, activity, inner)),
    complete: (claimId, summary, signal) =>
      finish(signal, (inner) => calls.complete(claimId, summary, inner)),
    fail: (claimId, error, signal) => finish(signal, (inner) => calls.fail(claimId, error, inner)),
    release: (claimId, reason, signal) => finish(signal, (inner) => calls.release(claimId, reason, inner)),
    // They carry no claim, and yet are only ours to make while it lives.
    upload: (file, signal) => through(signal, (inner) => calls.upload(file, inner)),
    writeDocument: (document, signal) => through(signal, (inner) => calls.writeDocument(document, inner)),
    delegate: (work, signal) => through(signal, (inner) => calls.delegate(work, inner)),
    comment: (taskId, comment, signal) => through(signal, (inner) => calls.comment(taskId, comment, inner)),
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

function cutOff(): PlatformError {
  return new PlatformError("the call was cut off, since the machine slept", {
    reason: "network",
    outcome: "unknown",
    operation: "claim",
  });
}
