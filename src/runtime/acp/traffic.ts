import type { AnyMessage } from "@agentclientprotocol/sdk";
import type { Log } from "../../base/log";
import * as z from "zod/mini";

const envelope = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.optional(z.nullable(z.union([z.number(), z.string()]))),
  method: z.optional(z.string()),
  params: z.optional(z.unknown()),
  result: z.optional(z.unknown()),
  error: z.optional(z.looseObject({ code: z.int(), message: z.string(), data: z.optional(z.unknown()) })),
});

/** Requests of the agent that are worked on at once; more are refused. */
const requestsOpen = 100;
/** What the agent has not read of our answers. Beyond it, requests are refused. */
const unsentLimit = 32 * 1024 * 1024;
const complaintsLogged = 5;
const internalError = -32_603;

export interface TrafficOptions {
  readonly log: Log;
  /** Sends one line; its end is added by the receiver. */
  readonly send: (line: string) => void;
  readonly onHeard: () => void;
  readonly onUpdate: (params: unknown) => void;
  /** Every other message that is well formed and expected. */
  readonly onMessage: (message: AnyMessage) => void;
}

/**
 * Stands between the lines of an agent and the library's conversation: what is no message is dropped, answers to no
 * question too, updates go past it in the order in which they come, and nothing piles up for an agent that does not read.
 */
export class Traffic {
  readonly #options: TrafficOptions;
  /** Our requests without an answer. */
  readonly #asked = new Set<unknown>();
  #answering = 0;
  #complaints = 0;
  /** Bytes that wait to be read by the agent. */
  unsentBytes: () => number = () => 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** A message of ours. */
  send(message: AnyMessage): void {
    if ("method" in message) {
      if ("id" in message) this.#asked.add(message.id);
    } else this.#answering -= 1;
    this.#options.send(JSON.stringify(message));
  }

  /** A line of the agent. */
  receive(line: string): void {
    const message = parse(line);
    if (message === undefined) {
      this.#complain("a malformed line was dropped", line.length);
      return;
    }
    const { id, method, params, result, error } = message;
    const { onHeard, onUpdate, onMessage } = this.#options;
    if (method !== undefined) {
      onHeard();
      if (id === undefined || id === null) {
        if (method === "session/update") onUpdate(params);
        else onMessage({ jsonrpc: "2.0", method, params });
        return;
      }
      if (this.#isFull()) this.#refuse(id);
      else {
        this.#answering += 1;
        onMessage({ jsonrpc: "2.0", id, method, params });
      }
      return;
    }
    if (id === undefined || id === null || !this.#asked.delete(id)) {
      this.#complain("an answer to no question was dropped", line.length);
      return;
    }
    onHeard();
    if (error === undefined) onMessage({ jsonrpc: "2.0", id, result: result ?? null });
    else onMessage({ jsonrpc: "2.0", id, error });
  }

  #isFull(): boolean {
    return this.#answering >= requestsOpen || this.unsentBytes() > unsentLimit;
  }

  /** An answer is small; an agent that reads none of them is silent in the end. */
  #refuse(id: number | string): void {
    this.#complain("a request was refused, since too many are open", 0);
    if (this.unsentBytes() > 2 * unsentLimit) return;
    const error = { code: internalError, message: "too many requests are open" };
    this.#options.send(JSON.stringify({ jsonrpc: "2.0", id, error }));
  }

  #complain(what: string, length: number): void {
    this.#complaints += 1;
    if (this.#complaints > complaintsLogged) return;
    const more = this.#complaints === complaintsLogged ? { last: true } : {};
    this.#options.log.warn(what, { length, ...more });
  }
}

function parse(line: string): z.infer<typeof envelope> | undefined {
  try {
    return envelope.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
