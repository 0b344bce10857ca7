import { request as httpRequest, type Agent } from "node:http";
import { request as httpsRequest } from "node:https";
import { messageOf } from "../../base/log";
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
    };

export interface BeatRequest {
  readonly url: URL;
  readonly agent: Agent;
  readonly token: string;
  readonly body: object;
  /** The whole try, connection included. */
  readonly cutOffMs: number;
}

/** Judges the status of a beat's answer. */
export function judgeBeat(status: number): TryResult {
  if (operations.heartbeat.expected.some((one) => one === status)) return { kind: "accepted" };
  if (status === 401) return { kind: "unauthorized" };
  const rejected = status === 403 || status === 404;
  return {
    kind: "failed",
    reason: rejected ? "rejected" : "unreachable",
    message: `the platform answered ${status}`,
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
        // The status says it all; the body is drained so that the connection can be used again, but not for ever.
        let size = 0;
        response.on("data", (part: Buffer) => {
          size += part.byteLength;
          if (size > 65_536) response.destroy();
        });
        response.on("error", () => undefined);
        response.on("close", () => clearTimeout(timer));
        resolve(judgeBeat(response.statusCode ?? 0));
      },
    );
    const timer = setTimeout(() => {
      request.destroy(new Error(`no answer within ${Math.round(beat.cutOffMs)} ms`));
      fail(new Error(`no answer within ${Math.round(beat.cutOffMs)} ms`));
    }, beat.cutOffMs);
    request.on("error", fail);
    request.end(text);
  });
}
