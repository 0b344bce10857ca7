import { randomUUID } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import * as z from "zod/mini";
import { eachLine } from "./lines";
import {
  messageSchema,
  modeOf,
  threadAnswer,
  threadParams,
  threadRecord,
  toolVersion,
  turnParams,
  turnRecord,
  workOf,
} from "./protocol";
import type { Thread, ThreadParams, Turn } from "./protocol";
import type { UseTool } from "./stepWork";
import { playTurn } from "./turn";

/** An error of the protocol. */
class RequestError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

interface RunningTurn {
  readonly turn: Turn;
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

/** Speaks codex's app-server protocol, newline-delimited JSON, until the input ends. Asks no model and runs no command. */
export async function runScriptedTool(input: Readable, output: Writable): Promise<void> {
  const server = new ScriptedServer((message) => void output.write(`${JSON.stringify(message)}\n`));
  await eachLine(input, (line) => server.receive(line));
  await server.close();
}

class ScriptedServer {
  readonly #send: (message: object) => void;
  readonly #threads = new Map<string, Thread>();
  readonly #running = new Map<string, RunningTurn>();
  /** The client's answers that are waited for, by request. */
  readonly #calls = new Map<number | string, (result: unknown) => void>();
  #lastCall = 0;

  constructor(send: (message: object) => void) {
    this.#send = send;
  }

  receive(line: string): void {
    const message = messageSchema.safeParse(parseJson(line)).data;
    // As codex does: what cannot be read is passed over, and so are notifications.
    if (message?.id === undefined) return;
    if (message.method === undefined) {
      this.#calls.get(message.id)?.(message.result);
      return;
    }
    try {
      this.#send({ id: message.id, result: this.#answer(message.method, message.params) });
    } catch (error) {
      const code = error instanceof RequestError ? error.code : -32603;
      this.#send({
        id: message.id,
        error: { code, message: error instanceof Error ? error.message : "failed" },
      });
    }
  }

  /** Interrupts every turn and waits until each has said so. */
  async close(): Promise<void> {
    for (const one of this.#running.values()) one.stop.abort();
    await Promise.all([...this.#running.values()].map((one) => one.over));
  }

  #answer(method: string, params: unknown): object {
    switch (method) {
      case "initialize":
        return {
          userAgent: `one-horizon-scripted-tool/${toolVersion}`,
          codexHome: "",
          platformFamily: "",
          platformOs: "",
        };
      case "account/read":
        return { account: null, requiresOpenaiAuth: false };
      case "thread/start":
        return this.#open(read(threadParams, params), randomUUID());
      case "thread/resume": {
        const given = read(threadParams, params);
        return this.#open(given, given.threadId ?? randomUUID());
      }
      case "turn/start":
        return this.#start(read(turnParams, params).threadId);
      case "turn/interrupt":
        this.#running.get(read(turnParams, params).threadId)?.stop.abort();
        return {};
      case "turn/steer":
        return { turnId: this.#running.get(read(turnParams, params).threadId)?.turn.id ?? "" };
      case "thread/backgroundTerminals/clean":
        return {};
      default:
        throw new RequestError(-32601, `The scripted tool does not know ${method}.`);
    }
  }

  #open(params: ThreadParams, id: string): object {
    const known = this.#threads.get(id);
    const thread: Thread = {
      id,
      folder: params.cwd ?? known?.folder,
      sandbox: params.sandbox ?? modeOf(params.permissions) ?? known?.sandbox ?? "read-only",
      profile: params.permissions ?? undefined,
      approvals: params.approvalPolicy ?? known?.approvals ?? "never",
      ...workOf(params, known),
      createdAt: known?.createdAt ?? Date.now(),
    };
    this.#threads.set(id, thread);
    if (!known) this.#send(notification("thread/started", { thread: threadRecord(thread) }));
    return threadAnswer(thread);
  }

  #start(threadId: string): object {
    const thread = this.#threads.get(threadId);
    if (!thread) throw new RequestError(-32600, `There is no thread ${threadId}.`);
    const active = this.#running.get(threadId);
    if (active) return { turn: turnRecord(active.turn, "inProgress", Date.now()) };
    const turn: Turn = { id: randomUUID(), startedAt: Date.now(), items: [] };
    const stop = new AbortController();
    const notify = (method: string, params: object): void => {
      if (method === "turn/completed") this.#running.delete(threadId);
      this.#send(notification(method, params));
    };
    // The answer to this request goes out before the turn's first word.
    const use: UseTool = (tool, given) => this.#use(thread, turn, { tool, given }, stop.signal);
    const over = Promise.resolve().then(() => playTurn(thread, turn, notify, use, stop.signal));
    this.#running.set(threadId, { turn, stop, over });
    return { turn: turnRecord(turn, "inProgress", Date.now()) };
  }

  /** Asks the client to carry out one of its tools. False where it offers none of that name, or did not do it. */
  async #use(
    thread: Thread,
    turn: Turn,
    { tool, given }: { readonly tool: string; readonly given: object },
    signal: AbortSignal,
  ): Promise<boolean> {
    signal.throwIfAborted();
    if (thread.tools?.has(tool) === false) return false;
    const id = (this.#lastCall += 1);
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#calls.set(id, resolve);
      signal.addEventListener("abort", () => reject(new Error("The turn was interrupted.")), { once: true });
    });
    const call = { threadId: thread.id, turnId: turn.id, callId: `call_${randomUUID()}`, namespace: null };
    this.#send({ id, method: "item/tool/call", params: { ...call, tool, arguments: given } });
    try {
      return toolAnswer.safeParse(await answered).data?.success === true;
    } finally {
      this.#calls.delete(id);
    }
  }
}

const toolAnswer = z.looseObject({ success: z.boolean() });

const notification = (method: string, params: object): object => ({
  method,
  params,
  emittedAtMs: Date.now(),
});

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function read<T>(
  schema: { safeParse: (value: unknown) => { success: boolean; data?: T } },
  params: unknown,
): T {
  const parsed = schema.safeParse(params);
  if (!parsed.success || parsed.data === undefined) {
    throw new RequestError(-32602, "The parameters do not fit.");
  }
  return parsed.data;
}
