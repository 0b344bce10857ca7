import type { HttpReply, HttpRequest } from "./http/call";
import { mediaType } from "./http/call";

/** One request as the log keeps it: nothing in it is a token. */
interface LoggedRequest {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly operationId: string | undefined;
  /** What the caller got; `null` where the connection was cut instead. */
  readonly status: number | null;
  readonly body: unknown;
  readonly answer: unknown;
}

const keptRequests = 5_000;
const longestKept = 16_384;
const secretNames =
  /^(access_token|refresh_token|code|code_verifier|code_challenge|state|ticket|client_secret)$/;

/** The last requests, for tests and for the curious. */
export interface RequestLog {
  add(at: number, request: HttpRequest, operationId: string | undefined, reply: HttpReply | undefined): void;
  list(): readonly LoggedRequest[];
  clear(): void;
}

export function requestLog(): RequestLog {
  let kept: LoggedRequest[] = [];
  return {
    add: (at, request, operationId, reply) => {
      kept.push({
        at,
        method: request.method,
        path: request.path,
        query: hideInForm(request.query).toString(),
        operationId,
        status: reply?.status ?? null,
        body: bodyOf(request),
        answer: bounded(hide(reply?.json)),
      });
      if (kept.length > keptRequests) kept = kept.slice(-keptRequests / 2);
    },
    list: () => kept,
    clear: () => {
      kept = [];
    },
  };
}

function bodyOf(request: HttpRequest): unknown {
  if (request.body.length === 0) return undefined;
  const type = mediaType(request.headers);
  // Anybody who reaches the port can send a body, so a long one must not stay.
  if (request.body.length > longestKept) return `${request.body.length} bytes of ${type}`;
  if (type === "application/x-www-form-urlencoded") {
    return Object.fromEntries(hideInForm(new URLSearchParams(request.body.toString("utf8"))));
  }
  if (type !== "application/json") return `${request.body.length} bytes of ${type}`;
  try {
    return hide(JSON.parse(request.body.toString("utf8")));
  } catch {
    return "not JSON";
  }
}

function hideInForm(form: URLSearchParams): URLSearchParams {
  const shown = new URLSearchParams();
  for (const [name, value] of form) shown.append(name, secretNames.test(name) ? "hidden" : value);
  return shown;
}

/** Polls repeat whole sessions; their copies would fill the memory of a sandbox that runs for days. */
function bounded(answer: unknown): unknown {
  const length = answer === undefined ? 0 : JSON.stringify(answer).length;
  return length > longestKept ? `${length} characters of JSON` : answer;
}

function hide(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => [
      name,
      typeof inner === "string" && /^(access_token|refresh_token|code_verifier)$/.test(name)
        ? "hidden"
        : inner,
    ]),
  );
}
