import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";

const messageSchema = z.looseObject({
  id: z.optional(z.number()),
  method: z.optional(z.string()),
  params: z.optional(z.looseObject({ threadId: z.optional(z.string()) })),
  result: z.optional(z.unknown()),
  error: z.optional(z.looseObject({ message: z.string() })),
});
export type Message = z.infer<typeof messageSchema>;

const threadAnswer = z.object({ thread: z.object({ id: z.string() }) });

/** A small client of the app-server protocol, for any program that speaks it. */
export interface AppServerClient {
  readonly messages: readonly Message[];
  request(method: string, params: object): Promise<unknown>;
  /** The first message that fits, from now or before. */
  seen(fits: (message: Message) => boolean, what: string): Promise<Message>;
  /** Starts a thread in the folder and gives its id. */
  thread(cwd: string, more?: object): Promise<string>;
  /** Runs one turn to its end; gives the turn's record. */
  turn(threadId: string, text: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface AppServerOptions {
  readonly command: readonly string[];
  /** The text of its config.toml. */
  readonly config?: string;
  /** What each request of the server is answered with. */
  readonly answer?: (message: Message) => object;
}

const deadlineMs = 60_000;

export async function startAppServer(options: AppServerOptions): Promise<AppServerClient> {
  const home = mkdtempSync(join(tmpdir(), "codex-home-"));
  writeFileSync(join(home, "config.toml"), options.config ?? "", { mode: 0o600 });
  const [program = "", ...args] = options.command;
  const child = spawn(program, args, {
    env: { PATH: process.env["PATH"] ?? "", HOME: home, CODEX_HOME: home },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const messages: Message[] = [];
  const listeners = new Set<() => void>();
  const write = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = messageSchema.parse(JSON.parse(line));
      messages.push(message);
      if (message.id !== undefined && message.method !== undefined) {
        write({ id: message.id, result: options.answer?.(message) ?? {} });
      }
    }
    for (const one of [...listeners]) one();
  });
  const seen: AppServerClient["seen"] = (fits, what) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = messages.find(fits);
        if (!found) return;
        listeners.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        listeners.delete(look);
        reject(new Error(`${what} did not come; the last was ${JSON.stringify(messages.at(-1))}`));
      }, deadlineMs);
      listeners.add(look);
      look();
    });
  let lastId = 1000;
  const request = async (method: string, params: object): Promise<unknown> => {
    const id = (lastId += 1);
    write({ id, method, params });
    const answer = await seen((one) => one.id === id && one.method === undefined, `the answer to ${method}`);
    if (answer.error) throw new Error(answer.error.message);
    return answer.result;
  };
  await request("initialize", {
    clientInfo: { name: "test", title: "test", version: "1.0.0" },
    capabilities: { experimentalApi: true },
  });
  write({ method: "initialized" });
  return {
    messages,
    request,
    seen,
    thread: async (cwd, more = {}) => {
      const rules = { cwd, sandbox: "workspace-write", approvalPolicy: "never", ...more };
      return threadAnswer.parse(await request("thread/start", rules)).thread.id;
    },
    turn: async (threadId, text) => {
      const before = messages.length;
      await request("turn/start", { threadId, input: [{ type: "text", text }] });
      const isEnd = (one: Message): boolean =>
        one.method === "turn/completed" &&
        one.params?.threadId === threadId &&
        messages.indexOf(one) >= before;
      return (await seen(isEnd, "the turn's end")).params?.["turn"];
    },
    close: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await exited;
      clearTimeout(timer);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
