import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf } from "../../base/log";
import type { HookOutcome, HookRequest, HookRunner } from "../../core/ports/hooks";
import { providerOf } from "../../core/providers";
import { badly, isOpen, outcomeOf } from "../codex/codexHooks";
import { runCommand } from "../commandRunner";
import { runtimeEnvironment } from "../environment";
import { makeScratch, removeScratch } from "../scratch";
import type { Confinement, ConfinementOptions } from "./confinement";

export interface ConfinedHooksOptions extends Omit<ConfinementOptions, "privateFolders"> {
  /** Absolute path below which each hook gets a folder for its temporary files. */
  readonly scratchFolder: string;
  readonly confinement: Confinement;
}

/**
 * The owner's hooks where an agent without a sandbox for others does the work: in the system's sandbox, which holds the agent
 * too, with what a command of it may do. Codex' own work, hooks outside of any sandbox, and a machine without such a one are
 * left to the hooks of Codex.
 */
export class ConfinedHooks implements HookRunner {
  readonly #codex: HookRunner;
  readonly #options: ConfinedHooksOptions;

  constructor(codex: HookRunner, options: ConfinedHooksOptions) {
    this.#codex = codex;
    this.#options = options;
  }

  async run(request: HookRequest, signal: AbortSignal): Promise<HookOutcome> {
    signal.throwIfAborted();
    const { confinement } = this.#options;
    const speaks = providerOf(request.provider)?.speaks;
    const leaves = isOpen(request) || speaks !== "acp" || (await confinement.kind(signal)) === undefined;
    if (leaves) return await this.#codex.run(request, signal);
    const folder = await stat(request.workingDirectory).catch(() => undefined);
    if (folder?.isDirectory() !== true) {
      return badly("failed", `the folder ${request.workingDirectory} does not exist`);
    }
    try {
      return await this.#run(request, signal);
    } catch (error) {
      signal.throwIfAborted();
      return badly("failed", messageOf(error));
    }
  }

  async #run(request: HookRequest, signal: AbortSignal): Promise<HookOutcome> {
    const { workingDirectory, timeoutMs: limitMs } = request;
    const scratch = await makeScratch(this.#options.scratchFolder);
    try {
      const command = await this.#held(request, scratch, signal);
      if (typeof command === "string") return badly("noSandbox", command);
      const environment = { ...this.#environment(request), TMPDIR: scratch };
      const how = { ...this.#options, command, workingDirectory, environment, limitMs, signal };
      return outcomeOf(await runCommand(how), request);
    } finally {
      await removeScratch(scratch);
    }
  }

  /** The hook's argv in the sandbox, or why there is none. */
  async #held(
    request: HookRequest,
    scratch: string,
    signal: AbortSignal,
  ): Promise<readonly string[] | string> {
    const { hook, workingDirectory, policy, artifactsDirectory, environmentNames } = request;
    const [program = "", ...args] = hook;
    // A name is looked up on PATH, a path counts from the folder where the hook runs.
    const own = [/[\\/]/.test(program) ? resolve(workingDirectory, program) : program, ...args];
    const held = await this.#options.confinement.hold(
      // No agent runs here, so that no folders of one are to be written.
      { policy, workingDirectory, artifactsDirectory, environmentNames, provider: "acp", command: [] },
      scratch,
      signal,
    );
    const command = await held.command(own, workingDirectory);
    // It is never started as it is, whatever the reason.
    return command === own ? `${program} is not on the PATH, or the system's sandbox is gone` : command;
  }

  /** Without what the owner passes on to the agent, which tends to be keys. */
  #environment({ marker, workerName: name, artifactsDirectory }: HookRequest): Record<string, string> {
    const { environment: parent } = this.#options;
    const worker = { name, artifactsDirectory };
    return runtimeEnvironment({ parent, platform: process.platform, names: [], marker, worker });
  }
}
