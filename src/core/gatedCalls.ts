import { LinkedAbort } from "../base/abort";
import type { ClaimGate } from "./claimGate";
import { PlatformError } from "./platformError";
import type { SessionCalls } from "./sessionCalls";

/**
 * The calls that carry a claim, held back while it is in doubt. One that is under way when the doubt comes is cut off, so
 * that nothing inside it sends once more; its outcome is unknown then.
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
  return {
    ...calls,
    patch: (claimId, metadata, signal) => through(signal, (inner) => calls.patch(claimId, metadata, inner)),
    activity: (claimId, activity, signal) =>
      through(signal, (inner) => calls.activity(claimId, activity, inner)),
    complete: (claimId, summary, signal) =>
      through(signal, (inner) => calls.complete(claimId, summary, inner)),
    fail: (claimId, error, signal) => through(signal, (inner) => calls.fail(claimId, error, inner)),
    release: (claimId, reason, signal) => through(signal, (inner) => calls.release(claimId, reason, inner)),
  };
}

function cutOff(): PlatformError {
  return new PlatformError("the call was cut off, since the machine slept", {
    reason: "network",
    outcome: "unknown",
    operation: "claim",
  });
}
