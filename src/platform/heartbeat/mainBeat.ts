import type { Clock } from "../../base/clock";
import { PlatformError } from "../../core/platformError";
import type { AccessTokens } from "../accessTokens";
import { withDeadline } from "../deadline";
import { failureOfThrow } from "../http/failures";
import type { Fetch } from "../http/httpClient";
import { readBody } from "../http/readBody";
import { operations } from "../wire/operations";
import { answerBytes, judgeBeat, type TryResult } from "./sendBeat";

export interface MainBeatOptions {
  readonly url: URL;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  readonly cutOffMs: number;
  /** The host's own fetch where absent, with the proxy and certificates that the editor gives it. */
  readonly fetch?: Fetch | undefined;
}

/** One beat by the main thread's own way to the platform; a refused token is renewed once. Throws the signal's reason only. */
export async function mainBeat(
  options: MainBeatOptions,
  body: object,
  signal: AbortSignal,
): Promise<TryResult> {
  const { tokens } = options;
  try {
    const token = await tokens.get(signal);
    const result = await send(options, token, body, signal);
    if (result.kind !== "unauthorized") return result;
    return await send(options, await tokens.renew(token, signal), body, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (PlatformError.is(error, "signedOut")) return { kind: "unauthorized" };
    const { message } = failureOfThrow("heartbeat", error);
    return { kind: "failed", reason: "unreachable", message, retry: true };
  }
}

function send(
  options: MainBeatOptions,
  token: string,
  body: object,
  signal: AbortSignal,
): Promise<TryResult> {
  const request = options.fetch ?? ((to, init) => fetch(to, init));
  return withDeadline(options.clock, options.cutOffMs, signal, async (limit) => {
    const response = await request(options.url, {
      method: operations.heartbeat.method,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
      redirect: "error",
      signal: limit,
    });
    const { status } = response;
    const text = status === 429 ? await readBody(response, answerBytes) : "";
    if (status !== 429) await response.body?.cancel();
    const retryAfter = response.headers.get("retry-after");
    return judgeBeat({ status, retryAfter, text }, options.clock.now());
  });
}
