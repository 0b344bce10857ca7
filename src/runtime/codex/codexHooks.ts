import { randomUUID } from "node:crypto";
import { access, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf } from "../../base/log";
import { asWritten } from "../../base/words";
import type { HookOutcome, HookRequest, HookRunner } from "../../core/ports/hooks";
import { runCommand, type CommandResult } from "../commandRunner";
import { ProcessStartError } from "../processTransport";
import { makeScratch, removeScratch } from "../scratch";
import { sandboxArguments, type ArgumentsRequest } from "./arguments";
import { CodexProbe } from "./codexProbe";
import { environmentOf, sandboxOf, type CodexRuntimeOptions } from "./launch";
import { Leftovers } from "./leftovers";

/** How long the proof that the sandbox holds may take, milliseconds. */
const proofMs = 15_000;

type Badly = Exclude<HookOutcome, { kind: "completed" }>;

/** The owner's hooks in the sandbox of codex, as a command of the model would run: they may run files that it wrote. */
export class CodexHooks implements HookRunner {
  readonly #options: CodexRuntimeOptions;
  readonly #probe: CodexProbe;
  /** Sandboxes that were seen to hold. */
  readonly #proven = new Set<string>();

  constructor(options: CodexRuntimeOptions) {
    this.#options = options;
    this.#probe = new CodexProbe(options);
  }

  async run(request: HookRequest, signal: AbortSignal): Promise<HookOutcome> {
    signal.throwIfAborted();
    const folder = await stat(request.workingDirectory).catch(() => undefined);
    if (folder?.isDirectory() !== true) {
      return badly("failed", asWritten("the folder {0} does not exist", request.workingDirectory));
    }
    try {
      return await this.#run(request, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProcessStartError)) return badly("failed", messageOf(error));
      // The program of a hook in the sandbox is codex itself.
      return badly(isOpen(request) || error.reason === "keeper" ? "failed" : "noSandbox", error.message);
    }
  }

  async #run(request: HookRequest, signal: AbortSignal): Promise<HookOutcome> {
    if (isOpen(request)) return outcomeOf(await this.#runOpen(request, signal), request);
    const scratch = await makeScratch(this.#options.scratchFolder);
    const leftovers = await Leftovers.note(foldersOf(request));
    try {
      const environment = this.#environment(request);
      const sandbox = await sandboxOf(this.#options, request, environment, scratch);
      const fault = await this.#whyNotConfined(request, sandbox, environment, signal);
      if (fault !== undefined) return badly("noSandbox", fault);
      const command = sandboxArguments(sandbox, request.hook);
      return outcomeOf(
        await this.#command(command, request, environment, request.timeoutMs, signal),
        request,
      );
    } finally {
      await leftovers.remove();
      await removeScratch(scratch);
    }
  }

  /** The session has no sandbox, or the owner has allowed that hooks run outside of it. */
  async #runOpen(request: HookRequest, signal: AbortSignal): Promise<CommandResult> {
    const [program = "", ...args] = request.hook;
    // As the sandbox has it: a name is looked up on PATH, a path counts from the folder where the hook runs.
    const path = /[\\/]/.test(program) ? resolve(request.workingDirectory, program) : program;
    // What makes the editor's binary a Node is for the coding tool alone.
    const { ELECTRON_RUN_AS_NODE: _, ...environment } = this.#environment(request);
    return await this.#command([path, ...args], request, environment, request.timeoutMs, signal);
  }

  /** Undefined when the sandbox works and was seen to keep a command from writing elsewhere. */
  async #whyNotConfined(
    request: HookRequest,
    sandbox: ArgumentsRequest,
    environment: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const fault = await this.#probe.sandboxFault({ ...request, signal });
    if (fault !== undefined) return fault.message;
    const { command, policy } = request;
    const key = JSON.stringify([command, policy]);
    if (this.#proven.has(key)) return undefined;
    const witness = join(this.#options.scratchFolder, `one-worker-witness-${randomUUID()}`);
    await this.#command(sandboxArguments(sandbox, ["touch", witness]), request, environment, proofMs, signal);
    if (await exists(witness)) {
      await rm(witness, { force: true });
      return asWritten("the sandbox of Codex let a command write outside of the worktree");
    }
    this.#proven.add(key);
    return undefined;
  }

  #command(
    command: readonly string[],
    request: HookRequest,
    environment: Readonly<Record<string, string>>,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<CommandResult> {
    const { clock, log, redactor, keeper } = this.#options;
    const { workingDirectory } = request;
    return runCommand({
      command,
      workingDirectory,
      environment,
      limitMs,
      clock,
      log,
      redactor,
      keeper,
      signal,
    });
  }

  #environment(request: HookRequest): Record<string, string> {
    const { marker, workerName: name, artifactsDirectory } = request;
    return environmentOf(this.#options, request, { marker, worker: { name, artifactsDirectory } });
  }
}

/** The owner has allowed that it runs outside of any sandbox. */
export function isOpen({ unsandboxed, policy }: HookRequest): boolean {
  return unsandboxed || policy.sandbox === "danger-full-access";
}

function foldersOf({ workingDirectory, artifactsDirectory }: HookRequest): readonly string[] {
  return artifactsDirectory === undefined ? [workingDirectory] : [workingDirectory, artifactsDirectory];
}

/** What the end of a hook's process means. */
export function outcomeOf(result: CommandResult, { timeoutMs }: HookRequest): HookOutcome {
  const { ok, ended, outputTail, left } = result;
  if (left === 1) return badly("stuck", asWritten("1 of its processes could not be ended"), outputTail);
  if (left > 1) return badly("stuck", asWritten("{0} of its processes could not be ended", left), outputTail);
  if (ok) return { kind: "completed" };
  const tooLong = ended.startsWith(asWritten("no end"));
  const how = tooLong
    ? asWritten("it did not end within {0} s (hooks.timeout_ms) and was ended", timeoutMs / 1000)
    : ended;
  return badly("failed", how, outputTail);
}

export function badly(kind: Badly["kind"], how: string, outputTail = ""): Badly {
  return { kind, how, outputTail };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
