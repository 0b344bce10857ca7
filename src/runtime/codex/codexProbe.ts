import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { asWritten } from "../../base/words";
import type { RunPolicy } from "../../core/policy";
import type { RuntimeProbe } from "../../core/ports/runtime";
import { runCommand, type CommandResult } from "../commandRunner";
import { JsonRpcResponseError } from "../jsonRpcErrors";
import { headOf } from "../textTail";
import { AppServer } from "./appServer";
import { programOf, sandboxArguments } from "./arguments";
import { configurationFailure, failure, isConfigurationFault, nothingChanged, type Failure } from "./failure";
import { environmentOf, realPaths, type CodexRuntimeOptions } from "./launch";
import { accountAnswer, type AccountAnswer } from "./protocol";
import { isForeign, startFailure } from "./startFailure";
import { foreignVersion, parseVersion, tooOld } from "./version";

const commandMs = 15_000;
const accountMs = 10_000;

/** How the command line says that it has no such command or option. */
const unknownToCommandLine = /unrecognized subcommand|unexpected argument/i;

export interface ProbeOptions {
  readonly command: readonly string[];
  readonly policy: RunPolicy;
  readonly environmentNames: readonly string[];
  readonly signal: AbortSignal;
}

/** Finds out whether Codex can work here. Starts no model call and writes no configuration. */
export class CodexProbe {
  readonly #options: CodexRuntimeOptions;
  /** Programs whose sandbox has worked. A failure is not kept: a person may mend it at any time. */
  readonly #sandboxWorks = new Set<string>();

  constructor(options: CodexRuntimeOptions) {
    this.#options = options;
  }

  async probe(options: ProbeOptions): Promise<RuntimeProbe> {
    try {
      const version = await this.#version(options);
      if (typeof version !== "string") return unavailable(version);
      const fault = (await this.sandboxFault(options)) ?? (await this.#accountFault(options));
      return fault === undefined ? { kind: "ready", provider: "codex", version } : unavailable(fault);
    } catch (error) {
      options.signal.throwIfAborted();
      return unavailable(startFailure(error, undefined));
    }
  }

  /**
   * Without namespaces every command of a turn fails and the turn still completes, so the sandbox is tried before, whatever
   * mode the user's own configuration names.
   * Undefined when it works or is not wanted. Throws ProcessStartError.
   */
  async sandboxFault(options: ProbeOptions): Promise<Failure | undefined> {
    if (options.policy.sandbox === "danger-full-access") return undefined;
    const key = JSON.stringify([programOf(options.command), options.policy.sandbox]);
    if (this.#sandboxWorks.has(key)) return undefined;
    const result = await this.#confined(options, ["true"]);
    if (!result.ok) {
      this.#options.log.warn("the sandbox of codex does not work", {
        ended: result.ended,
        stderr: result.stderr.slice(-500),
      });
      if (isConfigurationFault(result.stderr)) return configurationFailure(result.stderr);
      if (unknownToCommandLine.test(result.stderr)) return noSandboxCommand(result.stderr);
      return failure(
        "sandboxUnavailable",
        asWritten("Codex cannot start its sandbox on this machine ({0})", result.ended),
      );
    }
    if (await this.#readsPrivateFile(options)) {
      return failure(
        "sandboxUnavailable",
        asWritten("The sandbox of Codex let a command read the worker's private files"),
      );
    }
    this.#sandboxWorks.add(key);
    return undefined;
  }

  /** Tries it with a file of its own; where there is no program to read with, nothing is seen. */
  async #readsPrivateFile(options: ProbeOptions): Promise<boolean> {
    const [folder] = await realPaths(this.#options.privateFolders);
    if (folder === undefined) return false;
    const secret = randomUUID();
    const witness = join(folder, `one-worker-witness-${secret}`);
    await writeFile(witness, secret, { mode: 0o600, flag: "wx" });
    try {
      return (await this.#confined(options, ["cat", witness])).stdout.includes(secret);
    } finally {
      await rm(witness, { force: true });
    }
  }

  /** Runs a program in the sandbox that a run has, in nobody's folder. */
  async #confined(options: ProbeOptions, inner: readonly string[]): Promise<CommandResult> {
    const { command, policy } = options;
    const privateFolders = await realPaths(this.#options.privateFolders);
    const none = { untrustedFolders: [], writableRoots: [], shellEnvironment: {} };
    return this.#run(options, sandboxArguments({ command, policy, privateFolders, ...none }, inner));
  }

  async #version(options: ProbeOptions): Promise<string | Failure> {
    const result = await this.#run(options, [...programOf(options.command), "--version"]);
    const version = result.ok ? parseVersion(result.stdout) : undefined;
    if (version !== undefined) return tooOld(version) ?? version;
    const said = headOf(result.stdout.replaceAll(/\p{Cc}+/gu, " ").trim(), 100);
    const instead = said === "" ? "" : ` but “${said}”`;
    const asked = `${programOf(options.command).join(" ")} --version`;
    return foreignVersion(
      "wrongVersion",
      asWritten("{0} gave no version{1} ({2}).", asked, instead, result.ended),
      undefined,
    );
  }

  async #accountFault(options: ProbeOptions): Promise<Failure | undefined> {
    const server = await AppServer.start({
      command: options.command,
      workingDirectory: homedir(),
      environment: environmentOf(this.#options, options),
      clock: this.#options.clock,
      log: this.#options.log,
      redactor: this.#options.redactor,
      keeper: this.#options.keeper,
      onNotification: () => undefined,
      onRequest: () => undefined,
    });
    const onAbort = (): void => void server.close();
    options.signal.addEventListener("abort", onAbort, { once: true });
    try {
      await server.initialize(this.#options.clientVersion);
      const account = await accountOf(server);
      const missing = account?.requiresOpenaiAuth === true && (account.account ?? undefined) === undefined;
      // A probe comes before any work, whatever this failure means in a turn.
      return missing
        ? failure("notSignedIn", asWritten("Codex is not signed in"), undefined, nothingChanged)
        : undefined;
    } finally {
      options.signal.removeEventListener("abort", onAbort);
      await server.close();
    }
  }

  #run(options: ProbeOptions, command: readonly string[]): Promise<CommandResult> {
    return runCommand({
      command,
      workingDirectory: homedir(),
      environment: environmentOf(this.#options, options),
      limitMs: commandMs,
      clock: this.#options.clock,
      log: this.#options.log,
      redactor: this.#options.redactor,
      keeper: this.#options.keeper,
      signal: options.signal,
    });
  }
}

/** Undefined where this Codex cannot tell: a turn will. */
async function accountOf(server: AppServer): Promise<AccountAnswer | undefined> {
  try {
    const answer = await server.rpc.request("account/read", { refreshToken: false }, accountMs);
    return accountAnswer.safeParse(answer).data;
  } catch (error) {
    if (error instanceof JsonRpcResponseError && isForeign(error)) return undefined;
    throw error;
  }
}

function noSandboxCommand(stderr: string): Failure {
  const said = headOf(stderr.trim(), 200);
  return foreignVersion(
    "wrongVersion",
    asWritten("Codex knows its sandbox command in another form: {0}.", said),
    undefined,
  );
}

function unavailable(fault: Failure): RuntimeProbe {
  return { kind: "unavailable", reason: fault.reason, message: fault.message };
}
