import type * as z from "zod/mini";
import { fullJitterMs } from "../../base/backoff";
import type { Clock } from "../../base/clock";
import type { Log } from "../../base/log";
import type { Random } from "../../base/random";
import { PlatformError } from "../../core/platformError";
import type { AccessTokens } from "../accessTokens";
import { CallBook } from "../callBook";
import { withDeadline } from "../deadline";
import { operations, type Operation, type OperationId } from "../wire/operations";
import { addressOf, type PathValues } from "./address";
import { formBody, type FormFile } from "./formBody";
import { failureOfStatus, failureOfThrow } from "./failures";
import { parseJson, readBody } from "./readBody";

export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export interface HttpClientOptions {
  /** As `platformOrigin` returns it. */
  readonly origin: string;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Node's own fetch where absent, looked up at each call, since the editor replaces it to honour its proxy settings. */
  readonly fetch?: Fetch;
  /** Bounds of retrying; the defaults suit a person's connection. */
  readonly retry?: { readonly attempts: number; readonly baseMs: number; readonly maxMs: number };
}

export interface CallOptions {
  readonly path?: PathValues;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Sent as a form in the place of a body. */
  readonly file?: FormFile;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A 429 that asks for more is handed to the caller, whose loop knows what else to do meanwhile. */
const longestWaitInsideMs = 10_000;
const usualRetry = { attempts: 4, baseMs: 500, maxMs: 8_000 };

/** Sends the operations of the table. Rejects with PlatformError, or with the signal's reason. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  /** How the last calls ended. */
  readonly calls = new CallBook();

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** The checked answer of a call. */
  async call<T extends z.ZodMiniType>(id: OperationId, schema: T, options: CallOptions): Promise<z.infer<T>> {
    const parsed = schema.safeParse(parseJson((await this.#noted(id, options)).text));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const failure = new PlatformError(
      `${id}: the answer does not fit the contract (${issue?.path.map(String).join(".") ?? ""})`,
      {
        reason: "badAnswer",
        outcome: "unknown",
        operation: id,
      },
    );
    this.calls.ended(id, this.#options.clock.now(), failure);
    throw failure;
  }

  /** A call whose answer carries nothing the worker needs but its status. */
  async order(id: OperationId, options: CallOptions): Promise<number> {
    return (await this.#noted(id, options)).status;
  }

  async #noted(id: OperationId, options: CallOptions): Promise<Answer> {
    const { clock } = this.#options;
    try {
      const answer = await this.#send(id, options);
      this.calls.ended(id, clock.now());
      return answer;
    } catch (error) {
      // Given up from this side: that says nothing of the platform.
      if (!options.signal.aborted) this.calls.ended(id, clock.now(), error);
      throw error;
    }
  }

  async #send(id: OperationId, options: CallOptions): Promise<Answer> {
    const { clock, log } = this.#options;
    const { attempts } = this.#options.retry ?? usualRetry;
    let renewed = false;
    let token: string | undefined = await this.#options.tokens.get(options.signal);
    for (let attempt = 0; ; attempt += 1) {
      options.signal.throwIfAborted();
      try {
        return await this.#attempt(id, token, options);
      } catch (error) {
        options.signal.throwIfAborted();
        const failure = failureOfThrow(id, error);
        if (failure.reason === "unauthorized" && !renewed) {
          renewed = true;
          token = await this.#options.tokens.renew(token, options.signal);
          attempt -= 1;
          continue;
        }
        const waitMs =
          attempt + 1 < attempts ? this.#waitBeforeRetry(failure, operations[id], attempt) : undefined;
        if (waitMs === undefined) throw failure;
        log.debug("a call is tried again", {
          operation: id,
          reason: failure.reason,
          status: failure.status,
          waitMs,
        });
        await clock.sleep(waitMs, options.signal);
      }
    }
  }

  /** Undefined: not to be retried here. */
  #waitBeforeRetry(failure: PlatformError, operation: Operation, attempt: number): number | undefined {
    const transient = PlatformError.is(failure, "server", "network", "timeout", "rateLimited");
    if (!transient || (failure.outcome === "unknown" && !operation.idempotent)) return undefined;
    const jitter = fullJitterMs(attempt, this.#options.retry ?? usualRetry, this.#options.random);
    if (failure.retryAfterMs === undefined) return jitter;
    // Never earlier than asked, and not all at the same instant.
    return failure.retryAfterMs > longestWaitInsideMs
      ? undefined
      : failure.retryAfterMs + Math.min(jitter, 1000);
  }

  #payload({
    body,
    file,
  }: CallOptions): { type: string; bytes: string | Uint8Array<ArrayBuffer> } | undefined {
    if (file !== undefined) return formBody(file, `one-worker-${this.#options.random.uuid()}`);
    return body === undefined ? undefined : { type: "application/json", bytes: JSON.stringify(body) };
  }

  async #attempt(id: OperationId, token: string, options: CallOptions): Promise<Answer> {
    const { clock, origin } = this.#options;
    const operation: Operation = operations[id];
    const url = addressOf(origin, id, options.path, options.query);
    const send = this.#options.fetch ?? ((to, init) => fetch(to, init));
    const payload = this.#payload(options);
    const sentAt = clock.now();
    return withDeadline(clock, operation.deadlineMs, options.signal, async (signal) => {
      const response = await send(url, {
        method: operation.method,
        headers: {
          accept: "application/json",
          authorization: `Bearer ${token}`,
          ...(payload === undefined ? {} : { "content-type": payload.type }),
        },
        ...(payload === undefined ? {} : { body: payload.bytes }),
        redirect: "error",
        signal,
      });
      this.calls.heardTime(response.headers.get("date"), sentAt, clock.now());
      const text = await readBody(response);
      if (operation.expected.includes(response.status)) return { status: response.status, text };
      throw failureOfStatus(id, response.status, response.headers.get("retry-after"), text, clock.now());
    });
  }
}
