/** Why a platform call failed. */
export type PlatformErrorReason =
  | "badRequest" // 400
  | "unauthorized" // 401 also after one refresh
  | "forbidden" // 403
  | "notFound" // 404
  | "unsupported" // 405
  | "conflict" // 409, see conflictReason
  | "rateLimited" // 429, see retryAfterMs
  | "refused" // any other 4xx
  | "server" // 5xx
  | "network" // no connection, or cut off
  | "timeout" // no answer within the deadline
  | "badAnswer" // an answer that does not fit the contract or is too large
  | "signedOut"; // there is no usable token

/**
 * A platform call failed. `outcome` tells what matters most: `refused` means the platform did not act; `unknown` means
 * it may have acted, so a call that is not idempotent must be asked about before it is repeated.
 */
export class PlatformError extends Error {
  override readonly name = "PlatformError";
  readonly reason: PlatformErrorReason;
  readonly outcome: "refused" | "unknown";
  /** The operationId of openapi.yaml. */
  readonly operation: string;
  /** HTTP status, when an answer came. */
  readonly status: number | undefined;
  /** The platform's own word for a conflict, for example `already_claimed` or `claim_inactive`. */
  readonly conflictReason: string | undefined;
  /** How long the platform asks to wait, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    facts: {
      readonly reason: PlatformErrorReason;
      readonly outcome: "refused" | "unknown";
      readonly operation: string;
      readonly status?: number | undefined;
      readonly conflictReason?: string | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.reason = facts.reason;
    this.outcome = facts.outcome;
    this.operation = facts.operation;
    this.status = facts.status;
    this.conflictReason = facts.conflictReason;
    this.retryAfterMs = facts.retryAfterMs;
  }

  static is(error: unknown, ...reasons: readonly PlatformErrorReason[]): error is PlatformError {
    return error instanceof PlatformError && (reasons.length === 0 || reasons.includes(error.reason));
  }
}

/** The platform refuses what was sent for its content: sending the same again would change nothing. */
export function refusesContent(error: unknown): boolean {
  return PlatformError.is(error, "badRequest", "refused", "unsupported");
}
