import { PlatformError, type PlatformErrorReason } from "../../src/core/platformError";
import { Refusal } from "../../src/sandbox/refusal";

const reasons: Readonly<Record<number, PlatformErrorReason>> = {
  400: "badRequest",
  401: "unauthorized",
  403: "forbidden",
  404: "notFound",
  405: "unsupported",
  409: "conflict",
  429: "rateLimited",
};

/** What the platform's refusal becomes on the machine's side of the network. */
export function errorOf(operation: string, error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  return new PlatformError(`${operation}: ${error.message}`, {
    reason: reasons[error.status] ?? (error.status >= 500 ? "server" : "refused"),
    outcome: error.status >= 500 ? "unknown" : "refused",
    operation,
    status: error.status,
    conflictReason: error.status === 409 ? error.reason : undefined,
    retryAfterMs: error.status === 429 ? Number(error.headers["retry-after"] ?? 2) * 1000 : undefined,
  });
}

export function cutOff(operation: string): PlatformError {
  return new PlatformError(`${operation}: the connection was cut off`, {
    reason: "network",
    outcome: "unknown",
    operation,
  });
}

export function neverSent(operation: string): PlatformError {
  return new PlatformError(`${operation}: the platform could not be reached`, {
    reason: "network",
    outcome: "refused",
    operation,
  });
}

export function tooLate(operation: string): PlatformError {
  return new PlatformError(`${operation}: no answer in time`, {
    reason: "timeout",
    outcome: "unknown",
    operation,
  });
}
