import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod/mini";

const messageSchema = z.looseObject({
  id: z.optional(z.number()),
  method: z.optional(z.string()),
  params: z.optional(z.unknown()),
  result: z.optional(z.looseObject({})),
  error: z.optional(z.looseObject({ message: z.string() })),
});
type Message = z.infer<typeof messageSchema>;

const evaluated = z.looseObject({
  result: z.looseObject({ value: z.optional(z.unknown()) }),
  exceptionDetails: z.optional(z.unknown()),
});
const created = z.looseObject({ targetId: z.string() });
const attached = z.looseObject({ sessionId: z.string() });

/** One page in a real Chromium, driven over its debugging pipe. */
export interface BrowserPage {
  open(url: string): Promise<void>;
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** One command of the debugging protocol, such as `Page.captureScreenshot`, and its answer. */
  command(method: string, params?: object): Promise<object>;
  /** Waits until an expression is truthy; throws with the page's text after 60 s. */
  until(expression: string): Promise<void>;
  /** What the browser complained about: errors of scripts, loads and the content policy. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-sync",
];
const quiet = ["--disable-background-networking", "--disable-component-update"];
const deadlineMs = 60_000;

export async function openBrowserPage(): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const child = spawn(
    chromium(),
    [...flags, ...quiet, "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"],
    {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      // A group of its own: its helpers outlive it by a moment and still write to the profile.
      detached: true,
      // What it leaves in its temporary folder goes with the profile.
      env: { ...process.env, TMPDIR: profile },
    },
  );
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const [, , , toBrowser, fromBrowser] = child.stdio;
  if (!(toBrowser instanceof Writable) || !(fromBrowser instanceof Readable)) {
    throw new Error("no debugging pipe");
  }
  const complaints: string[] = [];
  const waiting = new Map<number, (message: Message) => void>();
  let rest = "";
  fromBrowser.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\0");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const message = messageSchema.parse(JSON.parse(part));
      if (message.id !== undefined) waiting.get(message.id)?.(message);
      else if (message.method === "Runtime.exceptionThrown" || message.method === "Log.entryAdded") {
        complaints.push(JSON.stringify(message.params));
      }
    }
  });
  let lastId = 0;
  const session: { sessionId?: string } = {};
  const send = (method: string, params: object = {}): Promise<object> =>
    new Promise((resolve, reject) => {
      const id = (lastId += 1);
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      toBrowser.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
  const { targetId } = created.parse(await send("Target.createTarget", { url: "about:blank" }));
  session.sessionId = attached.parse(
    await send("Target.attachToTarget", { targetId, flatten: true }),
  ).sessionId;
  for (const domain of ["Page", "Runtime", "Log"]) await send(`${domain}.enable`);
  const evaluate = async (expression: string): Promise<unknown> => {
    const answer = evaluated.parse(
      await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true }),
    );
    if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  };
  const holds = async (expression: string): Promise<boolean> => {
    try {
      return (await evaluate(`Boolean(${expression})`)) === true;
    } catch (error) {
      // A page that is on its way to the next one answers nothing.
      if (error instanceof Error && /navigated|context/i.test(error.message)) return false;
      throw error;
    }
  };
  return {
    complaints,
    command: send,
    evaluate,
    open: async (url) => {
      await send("Page.navigate", { url });
    },
    until: async (expression) => {
      const endsAt = Date.now() + deadlineMs;
      while (!(await holds(expression))) {
        if (Date.now() > endsAt) {
          throw new Error(
            `${expression} did not come true on: ${String(await evaluate("document.body?.innerText"))}`,
          );
        }
        await sleep(20);
      }
    },
    close: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await exited;
      clearTimeout(timer);
      endGroup(child.pid);
      // A helper that dies slowly would hold the other ends, and this process with them.
      toBrowser.destroy();
      fromBrowser.destroy();
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

function chromium(): string {
  const named = process.env["CHROMIUM_EXECUTABLE"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const places = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const found = named ?? places.find((one) => existsSync(one));
  if (found === undefined) {
    throw new Error("No Chromium was found. Run `node scripts/hostTools.mjs`, or set CHROMIUM_EXECUTABLE.");
  }
  return found;
}

/** Ends what is left of a process group; it is fine when nothing is. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing is left.
  }
}
