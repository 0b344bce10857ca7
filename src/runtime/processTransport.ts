import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "../base/clock";
import { neverAborted } from "../base/abort";
import type { Log } from "../base/log";
import { markerName } from "./environment";
import { findFamily, killEntry, readEntry, signalQuietly, type ProcessEntry } from "./processSweep";
import { programPath } from "./programPath";
import { TextTail } from "./textTail";

/** The process could not be started. */
export class ProcessStartError extends Error {
  override readonly name = "ProcessStartError";
  /** `notFound`: no such program; `refused`: it is there but cannot be run, or the folder is missing. */
  readonly reason: "notFound" | "refused";
  constructor(reason: "notFound" | "refused", message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface ProcessRequest {
  /** argv; never goes through a shell. */
  readonly command: readonly string[];
  readonly workingDirectory: string;
  /** The whole environment; must hold the marker variable. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onOutput: (chunk: Uint8Array) => void;
  /** Told once when the process itself has ended; helpers of it may still live until `close`. */
  readonly onExit?: (description: string) => void;
  readonly graces?: CloseGraces;
}

/** How long each step of closing waits, milliseconds. */
export interface CloseGraces {
  readonly afterEndOfInputMs: number;
  readonly afterTermMs: number;
  readonly sweepMs: number;
}

const defaultGraces: CloseGraces = { afterEndOfInputMs: 1000, afterTermMs: 1000, sweepMs: 5000 };
const pollMs = 15;
const stderrChars = 8192;

/** Starts a program in a process group of its own. Throws ProcessStartError. */
export async function startProcess(request: ProcessRequest): Promise<RunningProcess> {
  const [program, ...args] = request.command;
  if (program === undefined) throw new ProcessStartError("notFound", "The command is empty.");
  const path = await programPath(program, request.environment);
  if (path === undefined) {
    throw new ProcessStartError(
      "notFound",
      `${program} was not found: it must be the name of a program on PATH or an absolute path.`,
    );
  }
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(path, args, {
      cwd: request.workingDirectory,
      env: request.environment,
      detached: process.platform !== "win32",
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
  } catch (error) {
    throw startError(program, request, error);
  }
  // Without a listener a write to a process that is just dying would end the whole extension host.
  child.stdin.on("error", (error) =>
    request.log.debug("input of the process is closed", { error: error.message }),
  );
  try {
    await once(child, "spawn");
  } catch (error) {
    throw startError(program, request, error);
  }
  return new RunningProcess(child, request);
}

function startError(program: string, request: ProcessRequest, error: unknown): ProcessStartError {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  if (code === "ENOENT") {
    return new ProcessStartError(
      "notFound",
      `${program} could not be started: the program, or the folder ${request.workingDirectory}, does not exist.`,
    );
  }
  return new ProcessStartError("refused", `${program} could not be started (${code}).`);
}

/** A started program and everything it starts. Owned by the caller, who must `close` it. */
export class RunningProcess {
  readonly pid: number;
  /** Resolves with a description once the process itself has ended. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #request: ProcessRequest;
  readonly #startedAt: Promise<string | undefined>;
  readonly #stderr = new TextTail(stderrChars);
  #hasExited = false;
  #closing: Promise<number> | undefined;

  constructor(child: ChildProcessWithoutNullStreams, request: ProcessRequest) {
    if (child.pid === undefined) throw new ProcessStartError("refused", "the process has no number");
    this.pid = child.pid;
    this.#child = child;
    this.#request = request;
    this.#startedAt = readEntry(child.pid).then((entry) => entry?.startedAt);
    child.on("error", (error) => request.log.debug("process error", { error: error.message }));
    child.stdout.on("data", (chunk: Uint8Array) => request.onOutput(chunk));
    child.stderr.on("data", (chunk: Uint8Array) => this.#stderr.push(Buffer.from(chunk).toString("utf8")));
    this.exited = this.#watchExit();
  }

  /** The end of what the process wrote to stderr. May hold private text: for diagnosis, never for the platform. */
  get stderrTail(): string {
    return this.#stderr.text;
  }

  hasExited(): boolean {
    return this.#hasExited;
  }

  writeLine(line: string): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(`${line}\n`);
  }

  /** No more input: for programs that read to the end. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /**
   * End of input, then TERM, then KILL, then a sweep for helpers that left the group. Resolves when the process has
   * ended, with the number of helpers that could not be ended (0 but for a stuck kernel call).
   */
  close(): Promise<number> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** As `close`, without the polite part. */
  kill(): Promise<number> {
    if (!this.#hasExited) this.#signalGroup("SIGKILL");
    return this.close();
  }

  async #close(): Promise<number> {
    const graces = this.#request.graces ?? defaultGraces;
    // Who belongs to us is noted while the tree still hangs together: orphans have no parent to be found by.
    const before = await this.#family();
    this.#child.stdin.end();
    await this.#waitExit(graces.afterEndOfInputMs);
    if (!this.#hasExited) {
      this.#signalGroup("SIGTERM");
      await this.#waitExit(graces.afterTermMs);
    }
    // Once the leader is gone its number may be given to a stranger, and the sweep, which checks that, does the rest.
    if (!this.#hasExited || process.platform !== "linux") this.#signalGroup("SIGKILL");
    const left = await this.#sweep(before, graces.sweepMs);
    if (!this.#hasExited) await this.#waitExit(graces.sweepMs);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    return left + (this.#hasExited ? 0 : 1);
  }

  async #sweep(before: readonly ProcessEntry[], limitMs: number): Promise<number> {
    const { clock } = this.#request;
    const until = clock.monotonic() + limitMs;
    await Promise.all(before.map((one) => killEntry(one)));
    for (;;) {
      const left = await this.#family();
      if (left.length === 0 || clock.monotonic() >= until) return left.length;
      await Promise.all(left.map((one) => killEntry(one)));
      await clock.sleep(pollMs, neverAborted);
    }
  }

  async #family(): Promise<readonly ProcessEntry[]> {
    return findFamily(
      this.pid,
      await this.#startedAt,
      `${markerName}=${this.#request.environment[markerName] ?? ""}`,
    );
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (process.platform === "win32") this.#child.kill(signal);
    else signalQuietly(-this.pid, signal);
  }

  async #waitExit(limitMs: number): Promise<void> {
    const waiting = new AbortController();
    const limit = this.#request.clock.sleep(limitMs, waiting.signal).catch(() => undefined);
    await Promise.race([this.exited, limit]);
    waiting.abort(new Error("exited"));
  }

  async #watchExit(): Promise<string> {
    return new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => {
        this.#hasExited = true;
        const description = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
        // The last output may still be in the pipe; a helper that holds the pipe open must not delay the news for ever.
        void this.#drained().then(() => {
          this.#request.onExit?.(description);
          resolve(description);
        });
      });
    });
  }

  async #drained(): Promise<void> {
    if (this.#child.stdout.closed) return;
    const waiting = new AbortController();
    const ended = new Promise<void>((resolve) => this.#child.stdout.once("close", resolve));
    await Promise.race([ended, this.#request.clock.sleep(200, waiting.signal).catch(() => undefined)]);
    waiting.abort(new Error("drained"));
  }
}
