import * as z from "zod/mini";
import { LinkedAbort } from "../base/abort";
import { awakeSleep } from "../base/awakeSleep";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { JsonRpcConnectionError, JsonRpcResponseError } from "./jsonRpcErrors";

const idSchema = z.union([z.number(), z.string()]);
const messageSchema = z.looseObject({
  id: z.optional(z.nullable(idSchema)),
  method: z.optional(z.string()),
  params: z.optional(z.unknown()),
  result: z.optional(z.unknown()),
  error: z.optional(z.nullable(z.looseObject({ code: z.number(), message: z.string() }))),
});

/** What a request of the other side is answered with. */
export type RpcAnswer =
  { readonly result: unknown } | { readonly error: { readonly code: number; readonly message: string } };

type Answering = RpcAnswer | undefined | Promise<RpcAnswer | undefined>;

export interface JsonRpcOptions {
  /** Sends one message; the line end is added by the receiver of this call. */
  readonly send: (line: string) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly onNotification: (method: string, params: unknown) => void;
  /**
   * Undefined means that the method is not known here. An answer may take as long as it likes: other messages go on.
   * @param id of the request, as the other side knows it.
   */
  readonly onRequest: (method: string, params: unknown, id: number | string) => Answering;
}

interface Pending {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const methodNotFound = -32601;
const internalError = -32603;

/**
 * A JSON-RPC peer over lines, without the `jsonrpc` member. Knows no method by name. The ids of the two directions
 * overlap, so that only a message without `method` is an answer to us.
 */
export class JsonRpcPeer {
  readonly #options: JsonRpcOptions;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #closed: string | undefined;

  constructor(options: JsonRpcOptions) {
    this.#options = options;
  }

  /**
   * Calls a method. Throws JsonRpcResponseError when refused, JsonRpcConnectionError when the outcome is unknown.
   * @param deadlineMs longest wait for the answer, milliseconds in which the machine is awake.
   */
  async request(method: string, params: unknown, deadlineMs: number): Promise<unknown> {
    const id = this.#nextId++;
    if (this.#closed !== undefined) throw new JsonRpcConnectionError(method, id, "closed", this.#closed);
    const deadline = new LinkedAbort();
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { method, resolve, reject });
    });
    awakeSleep(this.#options.clock, deadlineMs, deadline.signal).then(
      () => this.#reject(id, new JsonRpcConnectionError(method, id, "timeout", `waited ${deadlineMs} ms`)),
      () => undefined,
    );
    try {
      this.#options.send(JSON.stringify({ id, method, params }));
      return await answer;
    } finally {
      deadline.abort(new Error("answered"));
      this.#pending.delete(id);
    }
  }

  notify(method: string, params?: unknown): void {
    if (this.#closed !== undefined) return;
    this.#options.send(JSON.stringify(params === undefined ? { method } : { method, params }));
  }

  /** One line of the other side. */
  receive(line: string): void {
    const message = parseMessage(line);
    if (message === undefined) {
      this.#options.log.warn("a malformed line was dropped", { length: line.length });
      return;
    }
    const { id, method } = message;
    if (method !== undefined) {
      if (id === undefined || id === null) this.#notified(method, message.params);
      else this.#answer(id, method, message.params);
      return;
    }
    const pending = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (pending === undefined || typeof id !== "number") {
      this.#options.log.warn("an answer to no question was dropped", { id: String(id) });
      return;
    }
    const { error } = message;
    if (error === undefined || error === null) pending.resolve(message.result);
    else pending.reject(new JsonRpcResponseError(pending.method, id, error.code, error.message));
  }

  /** The connection is gone: every call without an answer is rejected, later ones at once. */
  close(detail: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = detail;
    for (const [id, { method }] of [...this.#pending]) {
      this.#reject(id, new JsonRpcConnectionError(method, id, "closed", detail));
    }
  }

  #reject(id: number, error: Error): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.reject(error);
  }

  #notified(method: string, params: unknown): void {
    try {
      this.#options.onNotification(method, params);
    } catch (error) {
      this.#options.log.warn("a notification could not be handled", { method, error: messageOf(error) });
    }
  }

  #answer(id: number | string, method: string, params: unknown): void {
    const failed = (error: unknown): void => {
      this.#options.log.warn("a request could not be handled", { method, error: messageOf(error) });
      this.#reply(id, { error: { code: internalError, message: "the request could not be handled" } });
    };
    const unknown = { error: { code: methodNotFound, message: `unknown method ${method}` } };
    try {
      const answer = this.#options.onRequest(method, params, id);
      if (answer instanceof Promise) answer.then((later) => this.#reply(id, later ?? unknown), failed);
      else this.#reply(id, answer ?? unknown);
    } catch (error) {
      failed(error);
    }
  }

  #reply(id: number | string, answer: RpcAnswer): void {
    if (this.#closed === undefined) this.#options.send(JSON.stringify({ id, ...answer }));
  }
}

function parseMessage(line: string): z.infer<typeof messageSchema> | undefined {
  try {
    const parsed = messageSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
