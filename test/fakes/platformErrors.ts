import { PlatformError, type PlatformErrorReason } from "../../src/core/platformError";

const statusOf: Partial<Record<PlatformErrorReason, number>> = {
  badRequest: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  unsupported: 405,
  conflict: 409,
  rateLimited: 429,
  refused: 422,
  server: 503,
};

/** The platform did not act. */
export function refused(
  reason: PlatformErrorReason,
  message = `refused: ${reason}`,
  retryAfterMs?: number,
): PlatformError {
  return new PlatformError(message, {
    reason,
    outcome: "refused",
    operation: "fake",
    status: statusOf[reason],
    retryAfterMs,
  });
}

/** The answer was lost: it may have acted. */
export function lostAnswer(reason: PlatformErrorReason = "network"): PlatformError {
  return new PlatformError("the connection was cut off", { reason, outcome: "unknown", operation: "fake" });
}

export function conflict(conflictReason: string): PlatformError {
  return new PlatformError(`conflict: ${conflictReason}`, {
    reason: "conflict",
    outcome: "refused",
    operation: "fake",
    status: 409,
    conflictReason,
  });
}

export function claimInactive(): PlatformError {
  return conflict("claim_inactive");
}
