import { spawn, type ChildProcess } from "node:child_process";
import * as z from "zod/mini";

const readySchema = z.object({
  baseUrl: z.url(),
  dashboardUrl: z.url(),
  dashboardToken: z.string(),
  modelBaseUrl: z.url(),
  clientId: z.string(),
});

/** Where a running sandbox is reached. The dashboard's token must not be logged. */
type SandboxAddresses = z.infer<typeof readySchema>;

export interface LaunchOptions {
  /** The bundled sandbox, `dist/sandbox.js`. */
  readonly bundlePath: string;
  /** The editor's own program or a Node; it is told to be a Node. */
  readonly execPath: string;
  readonly dataDir: string;
  readonly modelScript?: string | undefined;
  /** Callbacks accepted besides the built-in ones. */
  readonly callbacks?: readonly string[] | undefined;
  /** Further `host:port` names under which a browser reaches it, for a forwarded port. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** The environment that the allowed names are taken from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** 15 s where absent. */
  readonly deadlineMs?: number | undefined;
}

export interface LaunchedSandbox extends SandboxAddresses {
  /** Ends with the process, whatever ended it. */
  readonly exited: Promise<void>;
  /** Tells it a further `host:port` under which a browser reaches it. Rejects where it does not take it. */
  allowHost(host: string): Promise<void>;
  /** Ends the process and waits for it. */
  dispose(): Promise<void>;
}

const passedOn = ["PATH", "HOME", "USERPROFILE", "LANG", "TMPDIR", "TEMP", "SystemRoot"];
const killAfterMs = 3_000;
const tellMs = 5_000;
const errorTailLength = 2_000;

/**
 * Starts the sandbox in a process of its own and waits until it answers. Throws where it does not start in time, with
 * the end of what it said. The process ends with this one, because its stdin does.
 */
export async function launchSandbox(options: LaunchOptions, signal: AbortSignal): Promise<LaunchedSandbox> {
  signal.throwIfAborted();
  const child = spawn(options.execPath, argumentsOf(options), {
    env: environmentOf(options.environment),
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  child.stdin.on("error", () => undefined);
  const dispose = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    await exited;
    clearTimeout(timer);
  };
  try {
    const addresses = await readyLine(child, options.deadlineMs ?? 15_000, signal);
    return { ...addresses, exited, dispose, allowHost: (host) => tellHost(addresses, host) };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function tellHost(sandbox: SandboxAddresses, host: string): Promise<void> {
  const answer = await fetch(`${sandbox.baseUrl}/sandbox/api/hosts`, {
    method: "POST",
    redirect: "error",
    headers: { "x-sandbox-token": sandbox.dashboardToken, "content-type": "application/json" },
    body: JSON.stringify({ host }),
    signal: AbortSignal.timeout(tellMs),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status}.`);
}

function argumentsOf(options: LaunchOptions): string[] {
  return [
    options.bundlePath,
    "--data-dir",
    options.dataDir,
    "--exit-with-parent",
    ...(options.modelScript === undefined ? [] : ["--model-script", options.modelScript]),
    ...(options.callbacks ?? []).flatMap((one) => ["--callback", one]),
    ...(options.allowedHosts ?? []).flatMap((one) => ["--allow-host", one]),
  ];
}

function environmentOf(from: LaunchOptions["environment"]): Record<string, string> {
  const environment: Record<string, string> = { ELECTRON_RUN_AS_NODE: "1" };
  for (const name of passedOn) {
    const value = from[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function readyLine(child: ChildProcess, deadlineMs: number, signal: AbortSignal): Promise<SandboxAddresses> {
  return new Promise((resolve, reject) => {
    let out = "";
    let errors = "";
    const finish = (outcome: SandboxAddresses | Error): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const fail = (what: string): void => finish(new Error(`${what} ${errors.trim()}`.trim()));
    const onAbort = (): void => fail("The start of the sandbox was called off.");
    const timer = setTimeout(
      () => fail(`The sandbox did not start within ${deadlineMs / 1000} s.`),
      deadlineMs,
    );
    signal.addEventListener("abort", onAbort, { once: true });
    child.once("error", (error) => fail(`The sandbox could not be started: ${error.message}`));
    child.once("exit", (code) => fail(`The sandbox ended with ${code ?? "a signal"} before it was ready.`));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-errorTailLength);
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      const end = out.indexOf("\n");
      if (end < 0) return;
      const parsed = readySchema.safeParse(parseJson(out.slice(0, end)));
      out = "";
      if (parsed.success) finish(parsed.data);
      else fail("The sandbox said something else than its addresses.");
    });
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
