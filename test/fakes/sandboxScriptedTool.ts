import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import * as z from "zod/mini";
import { runScriptedTool } from "../../src/sandbox/scriptedTool/appServer";

const messageSchema = z.looseObject({
  id: z.optional(z.number()),
  method: z.optional(z.string()),
  result: z.optional(z.unknown()),
  error: z.optional(z.looseObject({ code: z.number() })),
  params: z.optional(z.looseObject({})),
});
export type ToolMessage = z.infer<typeof messageSchema>;

const started = z.looseObject({
  thread: z.looseObject({ id: z.string() }),
  sandbox: z.looseObject({ type: z.string() }),
});
const turnEnd = z.looseObject({
  turn: z.looseObject({ status: z.string(), error: z.nullable(z.looseObject({ message: z.string() })) }),
});
export type ToolTurn = z.infer<typeof turnEnd>["turn"];

/** The scripted coding tool in this process, spoken to as the worker does. */
export class ScriptedToolLab {
  readonly folder = mkdtempSync(join(tmpdir(), "scripted-"));
  readonly input = new PassThrough();
  readonly messages: ToolMessage[] = [];
  /** What each request of the tool is answered with; undefined: nothing. */
  answer: (message: ToolMessage) => object | undefined = () => undefined;
  readonly #output = new PassThrough();
  readonly #over: Promise<void>;

  constructor() {
    createInterface(this.#output).on("line", (line) => {
      const message = messageSchema.parse(JSON.parse(line));
      this.messages.push(message);
      const result = message.method === undefined ? undefined : this.answer(message);
      if (result !== undefined) this.write({ id: message.id, result });
    });
    this.#over = runScriptedTool(this.input, this.#output);
  }

  /** The first message that fits, from now or before. */
  async until(fits: (message: ToolMessage) => boolean): Promise<ToolMessage> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found) return found;
      await once(this.#output, "data");
      await new Promise(setImmediate);
    }
  }

  write(message: object): void {
    this.input.write(`${JSON.stringify(message)}\n`);
  }

  async request(id: number, method: string, params: object = {}): Promise<ToolMessage> {
    this.write({ id, method, params });
    return await this.until((one) => one.id === id && one.method === undefined);
  }

  /** Starts a thread in the folder; gives its id. */
  async thread(more: object = {}): Promise<string> {
    const rules = { cwd: this.folder, sandbox: "workspace-write", approvalPolicy: "never", ...more };
    return threadIdOf(await this.request(1, "thread/start", rules));
  }

  /** Runs one turn to its end; gives its record. */
  async turn(threadId: string): Promise<ToolTurn> {
    await this.request(2, "turn/start", { threadId, input: [{ type: "text", text: "write evil.md" }] });
    return await this.ended();
  }

  async ended(): Promise<ToolTurn> {
    return turnEnd.parse((await this.until((one) => one.method === "turn/completed")).params).turn;
  }

  async close(): Promise<void> {
    this.input.end();
    await this.#over;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const threadIdOf = (answer: ToolMessage): string => started.parse(answer.result).thread.id;
