import { request as httpRequest, type Agent } from "node:http";
import { request as httpsRequest } from "node:https";
import { messageOf } from "../../base/log";
import { asWritten } from "../../base/words";
import { retryAfterMs } from "../http/retryAfter";
import { parseJson } from "../http/readBody";
import { errorBody } from "../wire/bodies";
import { operations } from "../wire/operations";

/** What became of one try. */
export type TryResult =
  | { readonly kind: "accepted" }
  | { readonly kind: "unauthorized" }
  /** `retry`: another try may do better at once. */
  | {
      readonly kind: "failed";
      readonly reason: "rejected" | "unreachable";
      readonly message: string;
      readonly retry: boolean;
      /** How long the platform asks to wait (429), milliseconds. */
      readonly askedMs?: number | undefined;
    };

export interface BeatRequest {
  readonly url: URL;
  readonly agent: Agent;
  readonly token: string;
  readonly body: object;
  /** The whole try, connection included. */
  readonly cutOffMs: number;
}

/** Bytes of an answer that are read; only a refusal's message is of interest. */
export const answerBytes = 65_536;

/** What of a beat's answer is looked at. */
export interface BeatAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

/** Judges a beat's answer. @param now wall clock, for a `Retry-After` that is a date. */
export function judgeBeat({ status, retryAfter, text }: BeatAnswer, now: number): TryResult {
  if (operations.heartbeat.expected.some((one) => one === status)) return { kind: "accepted" };
  if (status === 401) return { kind: "unauthorized" };
  if (status === 429) {
    const said = errorBody.safeParse(parseJson(text)).data?.message ?? "";
    const askedMs = retryAfterMs(retryAfter, said, now);
    return {
      kind: "failed",
      reason: "unreachable",
      message:
        askedMs === undefined
          ? asWritten("the platform answered {0}", status)
          : asWritten("the platform answered {0} and asks to wait {1} s", status, Math.ceil(askedMs / 1000)),
      retry: false,
      askedMs,
    };
  }
  const rejected = status === 403 || status === 404;
  return {
    kind: "failed",
    reason: rejected ? "rejected" : "unreachable",
    message: asWritten("the platform answered {0}", status),
    retry: status >= 500,
  };
}

/** Sends one beat with Node's own client. Never rejects and always settles within the cut-off. */
export function sendBeat(beat: BeatRequest): Promise<TryResult> {
  return new Promise((resolve) => {
    const text = JSON.stringify(beat.body);
    const send = beat.url.protocol === "https:" ? httpsRequest : httpRequest;
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      resolve({ kind: "failed", reason: "unreachable", message: messageOf(error), retry: true });
    };
    const request = send(
      beat.url,
      {
        method: operations.heartbeat.method,
        agent: beat.agent,
        headers: {
          accept: "application/json",
          authorization: `Bearer ${beat.token}`,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
        },
      },
      (response) => {
        // The body is drained so that the connection can be used again, but not for ever; only a 429 is told by it.
        const status = response.statusCode ?? 0;
        const parts: Buffer[] = [];
        let size = 0;
        const judge = (): void => {
          const retryAfter = response.headers["retry-after"] ?? null;
          resolve(judgeBeat({ status, retryAfter, text: Buffer.concat(parts).toString("utf8") }, Date.now()));
        };
        response.on("data", (part: Buffer) => {
          size += part.byteLength;
          if (size > answerBytes) response.destroy();
          else parts.push(part);
        });
        response.on("error", () => undefined);
        response.on("close", () => {
          clearTimeout(timer);
          judge();
        });
        if (status !== 429) judge();
      },
    );
    const timer = setTimeout(() => {
      request.destroy(new Error(asWritten("no answer within {0} ms", Math.round(beat.cutOffMs))));
      fail(new Error(asWritten("no answer within {0} ms", Math.round(beat.cutOffMs))));
    }, beat.cutOffMs);
    request.on("error", fail);
    request.end(text);
  });
}
