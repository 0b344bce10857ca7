import type { IncomingHttpHeaders } from "node:http";

/** One request, read to its end. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Ends when the caller goes away or the sandbox closes. */
  readonly signal: AbortSignal;
}

/** One answer. At most one of `json` and `text` is set. */
export interface HttpReply {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The media type without its parameters, in lower case. */
export function mediaType(headers: IncomingHttpHeaders): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

export const json = (status: number, body: unknown): HttpReply => ({ status, json: body });
