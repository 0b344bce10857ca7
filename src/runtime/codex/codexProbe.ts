import { homedir } from "node:os";
import type { RunPolicy } from "../../core/policy";
import type { RuntimeProbe } from "../../core/ports/runtime";
import { runCommand, type CommandResult } from "../commandRunner";
import { AppServer } from "./appServer";
import { programOf, tomlString } from "./arguments";
import { configurationFailure, failure, isConfigurationFault, type Failure } from "./failure";
import { environmentOf, type CodexRuntimeOptions } from "./launch";
import { accountAnswer } from "./protocol";
import { startFailure } from "./startFailure";
import { compareVersions, minimumVersion, parseVersion } from "./version";

const commandMs = 15_000;
const accountMs = 10_000;

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
    const { sandbox } = options.policy;
    const key = JSON.stringify([programOf(options.command), sandbox]);
    if (this.#sandboxWorks.has(key)) return undefined;
    const result = await this.#run(options, [
      "sandbox",
      "-c",
      `sandbox_mode=${tomlString(sandbox)}`,
      "--",
      "true",
    ]);
    if (!result.ok) {
      this.#options.log.warn("the sandbox of codex does not work", {
        ended: result.ended,
        stderr: result.stderr.slice(-500),
      });
      if (isConfigurationFault(result.stderr)) return configurationFailure(result.stderr);
      return failure(
        "sandboxUnavailable",
        `Codex cannot start its sandbox on this machine (${result.ended})`,
      );
    }
    this.#sandboxWorks.add(key);
    return undefined;
  }

  async #version(options: ProbeOptions): Promise<string | Failure> {
    const result = await this.#run(options, ["--version"]);
    const version = result.ok ? parseVersion(result.stdout) : undefined;
    if (version === undefined) {
      return failure(
        "wrongVersion",
        `${programOf(options.command).join(" ")} --version gave no version (${result.ended})`,
      );
    }
    if (compareVersions(version, minimumVersion) >= 0) return version;
    return failure(
      "wrongVersion",
      `Codex ${version} is older than ${minimumVersion}, the oldest that is supported`,
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
      const answer = await server.rpc.request("account/read", { refreshToken: false }, accountMs);
      const account = accountAnswer.safeParse(answer).data;
      const missing = account?.requiresOpenaiAuth === true && (account.account ?? undefined) === undefined;
      return missing ? failure("notSignedIn", "Codex is not signed in") : undefined;
    } finally {
      options.signal.removeEventListener("abort", onAbort);
      await server.close();
    }
  }

  #run(options: ProbeOptions, args: readonly string[]): Promise<CommandResult> {
    return runCommand({
      command: [...programOf(options.command), ...args],
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

function unavailable(fault: Failure): RuntimeProbe {
  return { kind: "unavailable", reason: fault.reason, message: fault.message };
}
