import { clip } from "../../core/text";
import { messageOf } from "../../base/log";
import { PlatformError, type PlatformErrorReason } from "../../core/platformError";
import { DeadlineExceeded } from "../deadline";
import { errorBody } from "../wire/bodies";
import { BodyTooLarge, parseJson } from "./readBody";
import { retryAfterMs } from "./retryAfter";

/** The request certainly never left this machine. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const byStatus: Readonly<Record<number, PlatformErrorReason>> = {
  400: "badRequest",
  401: "unauthorized",
  403: "forbidden",
  404: "notFound",
  405: "unsupported",
  409: "conflict",
  429: "rateLimited",
};

/** What an answer with an unexpected status means. */
export function failureOfStatus(
  operation: string,
  status: number,
  retryAfter: string | null,
  text: string,
  now: number,
): PlatformError {
  const parsed = errorBody.safeParse(parseJson(text));
  const said = parsed.success ? parsed.data.message : undefined;
  const reason = byStatus[status] ?? reasonOfClass(status);
  return new PlatformError(
    `${operation}: the platform answered ${status}${said === undefined ? "" : ` (${clip(said, 300)})`}`,
    {
      reason,
      // A server fault, or a success of a kind that is not expected, may have acted.
      outcome: status >= 400 && status < 500 ? "refused" : "unknown",
      operation,
      status,
      conflictReason: status === 409 && parsed.success ? parsed.data.reason : undefined,
      retryAfterMs: status === 429 || status === 503 ? retryAfterMs(retryAfter, said ?? "", now) : undefined,
    },
  );
}

function reasonOfClass(status: number): PlatformErrorReason {
  if (status >= 500) return "server";
  return status >= 400 ? "refused" : "badAnswer";
}

/** What a call that got no whole answer means. */
export function failureOfThrow(operation: string, error: unknown): PlatformError {
  if (error instanceof PlatformError) return error;
  if (error instanceof DeadlineExceeded) {
    return new PlatformError(`${operation}: ${error.message}`, {
      reason: "timeout",
      outcome: "unknown",
      operation,
    });
  }
  if (error instanceof BodyTooLarge) {
    return new PlatformError(`${operation}: ${error.message}`, {
      reason: "badAnswer",
      outcome: "unknown",
      operation,
    });
  }
  const root = rootCause(error);
  if (/redirect/iu.test(messageOf(root))) {
    return new PlatformError(`${operation}: the platform answered with a redirect, which is never followed`, {
      reason: "badAnswer",
      outcome: "unknown",
      operation,
    });
  }
  const code = codeOf(root);
  return new PlatformError(
    `${operation}: the platform could not be reached (${code ?? clip(messageOf(root), 200)})`,
    {
      reason: "network",
      outcome: code !== undefined && neverSent.has(code) ? "refused" : "unknown",
      operation,
      cause: error,
    },
  );
}

function rootCause(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 5; depth += 1) {
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else if (current instanceof Error && current.cause !== undefined) current = current.cause;
    else return current;
  }
  return current;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
