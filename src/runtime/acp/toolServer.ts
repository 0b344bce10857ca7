import * as z from "zod/mini";
import type { Disposable } from "../../base/disposable";
import { messageOf, type Log } from "../../base/log";
import type { RunRequest } from "../../core/ports/runtime";
import { readToolCall, toolSpecs } from "../tools";

const message = z.looseObject({
  id: z.optional(z.union([z.number(), z.string()])),
  method: z.string(),
  params: z.optional(z.unknown()),
});
const initializeParams = z.looseObject({ protocolVersion: z.string() });
const callParams = z.looseObject({ name: z.string(), arguments: z.optional(z.unknown()) });

/** The version of the Model Context Protocol that is offered to who names none. What is used of it is in all of them. */
const protocolVersion = "2025-06-18";
const methodNotFound = -32_601;
const invalidParams = -32_602;
/** Calls that are open at once; more are told to wait. */
const callsAtMost = 20;

export interface ToolServerDeps {
  readonly log: Log;
  readonly clientVersion: string;
  /** Sends one line; its end is added by the receiver. */
  readonly send: (line: string) => void;
  readonly useTool: RunRequest["useTool"];
  readonly hold: () => Disposable;
}

type Answer =
  { readonly result: unknown } | { readonly error: { readonly code: number; readonly message: string } };

/** The worker's own tools in the Model Context Protocol, on one connection. */
export class ToolServer {
  readonly #deps: ToolServerDeps;
  readonly #signal: AbortSignal;
  #open = 0;

  constructor(deps: ToolServerDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  /** One line of the agent. */
  receive(line: string): void {
    const asked = parse(line);
    // Notifications need nothing, and answers were not asked for.
    if (asked?.id === undefined) return;
    const { id, method, params } = asked;
    const reply = (answer: Answer): void =>
      this.#deps.send(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
    if (method === "tools/call") {
      void this.#call(params).then(reply);
      return;
    }
    reply(this.#answer(method, params));
  }

  #answer(method: string, params: unknown): Answer {
    switch (method) {
      case "initialize": {
        const version = initializeParams.safeParse(params).data?.protocolVersion ?? protocolVersion;
        const serverInfo = { name: "one-horizon-worker", version: this.#deps.clientVersion };
        return { result: { protocolVersion: version, capabilities: { tools: {} }, serverInfo } };
      }
      case "ping":
        return { result: {} };
      case "tools/list":
        return { result: { tools: toolSpecs() } };
      default:
        return { error: { code: methodNotFound, message: "unknown method" } };
    }
  }

  /** Never rejects. */
  async #call(params: unknown): Promise<Answer> {
    const asked = callParams.safeParse(params).data;
    if (asked === undefined) return { error: { code: invalidParams, message: "the name is missing" } };
    if (this.#open >= callsAtMost) return said("Too many calls are open. Wait for their answers.", false);
    const read = readToolCall(asked.name, asked.arguments ?? {});
    if ("wrong" in read) return said(read.wrong, false);
    const held = this.#deps.hold();
    this.#open += 1;
    try {
      const { text, ok } = await this.#deps.useTool(read.call, read.key, this.#signal);
      return said(text, ok);
    } catch (error) {
      this.#deps.log.warn("a tool of the worker failed", { tool: read.call.tool, message: messageOf(error) });
      return said("It could not be done.", false);
    } finally {
      this.#open -= 1;
      held.dispose();
    }
  }
}

function said(text: string, ok: boolean): Answer {
  return { result: { content: [{ type: "text", text }], isError: !ok } };
}

function parse(line: string): z.infer<typeof message> | undefined {
  try {
    return message.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
