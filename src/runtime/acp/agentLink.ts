import { client, RequestError, type AnyMessage, type ClientConnection } from "@agentclientprotocol/sdk";
import { LinkedAbort } from "../../base/abort";
import { awakeSleep } from "../../base/awakeSleep";
import type { Clock } from "../../base/clock";
import { messageOf } from "../../base/log";
import { JsonRpcConnectionError } from "../jsonRpcErrors";
import { LineReader } from "../lineReader";
import { startProcess, type RunningProcess, type ToolProcess } from "../processTransport";
import { Traffic } from "./traffic";

const longestLineBytes = 10 * 1024 * 1024;

export interface AgentLinkOptions extends ToolProcess {
  /** A message of the agent that means something. */
  readonly onHeard: () => void;
  /** The parameters of a `session/update`, in the order in which they come. */
  readonly onUpdate: (params: unknown) => void;
  /**
   * Answers a request of the agent, however long it takes; other messages go on. RequestErrors are its refusals.
   * @param signal aborts when the agent waits no longer.
   */
  readonly onRequest: (method: string, params: unknown, signal: AbortSignal) => Promise<unknown>;
}

/** A running agent: the process and the conversation with it. Owned by the caller, who must `close` it. */
export class AgentLink {
  readonly process: RunningProcess;
  readonly #connection: ClientConnection;
  readonly #clock: Clock;
  readonly #ended: Promise<string>;
  #asked = 0;

  private constructor(
    process: RunningProcess,
    connection: ClientConnection,
    clock: Clock,
    ended: Promise<string>,
  ) {
    this.process = process;
    this.#connection = connection;
    this.#clock = clock;
    this.#ended = ended;
  }

  /** Throws ProcessStartError. */
  static async start(options: AgentLinkOptions): Promise<AgentLink> {
    const { log } = options;
    // The process and the conversation need each other: what comes before both stand waits.
    const input: { write: (line: string) => void } = { write: () => undefined };
    const held: { tell: (message: AnyMessage) => void; close: (how: string) => void } = {
      tell: () => undefined,
      close: () => undefined,
    };
    const traffic = new Traffic({
      ...options,
      send: (line) => input.write(line),
      onMessage: (message) => held.tell(message),
    });
    const reader = new LineReader({
      maxBytes: longestLineBytes,
      onLine: (line) => traffic.receive(line),
      onOverlong: () => log.warn("a line of the agent was too long and dropped", { longestLineBytes }),
    });
    const connection = connect(options, traffic, held);
    let tellEnded: (how: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => (tellEnded = resolve));
    try {
      const child = await startProcess({
        ...options,
        onOutput: (chunk) => reader.push(chunk),
        onExit: (how) => {
          reader.end();
          tellEnded(how);
          held.close(`the agent ended with ${how}`);
        },
      });
      input.write = (line) => child.writeLine(line);
      traffic.unsentBytes = () => child.unsentBytes;
      return new AgentLink(child, connection, options.clock, ended);
    } catch (error) {
      held.close("the agent was not started");
      throw error;
    }
  }

  /**
   * Calls a method. Throws RequestError when refused, JsonRpcConnectionError when the outcome is unknown.
   * @param limitMs longest wait for the answer, milliseconds in which the machine is awake; undefined: as long as it lives.
   */
  async request(method: string, params: unknown, limitMs?: number): Promise<unknown> {
    const id = (this.#asked += 1);
    const limit = new LinkedAbort();
    const late = limitMs === undefined ? undefined : this.#late(method, id, limitMs, limit.signal);
    try {
      const answer = this.#connection.agent.request(method, params);
      return await (late === undefined ? answer : Promise.race([answer, late]));
    } catch (error) {
      if (error instanceof RequestError || error instanceof JsonRpcConnectionError) throw error;
      throw new JsonRpcConnectionError(method, id, "closed", messageOf(error));
    } finally {
      limit.abort(new Error("answered"));
      limit.dispose();
    }
  }

  /** Tells the agent something that has no answer. Never rejects. */
  async notify(method: string, params: unknown): Promise<void> {
    await this.#connection.agent.notify(method, params).catch(() => undefined);
  }

  /** Ends the process and everything it started; the number of processes that could not be ended. */
  async close(): Promise<number> {
    const left = await this.process.close();
    this.#connection.close(new Error("the agent was closed"));
    await this.#ended;
    return left;
  }

  async #late(method: string, id: number, limitMs: number, signal: AbortSignal): Promise<never> {
    try {
      await awakeSleep(this.#clock, limitMs, signal);
    } catch {
      return await new Promise<never>(() => undefined); // answered: nobody listens
    }
    throw new JsonRpcConnectionError(method, id, "timeout", `waited ${limitMs} ms`);
  }
}

/** The library's side of the conversation, over our own lines. */
function connect(
  options: AgentLinkOptions,
  traffic: Traffic,
  held: { tell: (message: AnyMessage) => void; close: (how: string) => void },
): ClientConnection {
  const readable = new ReadableStream<AnyMessage>({
    start: (controller) => void (held.tell = (message) => controller.enqueue(message)),
  });
  const writable = new WritableStream<AnyMessage>({ write: (message) => traffic.send(message) });
  const app = client({ name: "One Horizon Worker" }).onRequest("*", ({ method, params, signal }) =>
    options.onRequest(method, params, signal),
  );
  const connection = app.connect({ readable, writable });
  held.close = (how) => {
    held.tell = () => undefined;
    connection.close(new Error(how));
  };
  return connection;
}
