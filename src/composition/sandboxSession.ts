import { join } from "node:path";
import { Emitter, type Event } from "../base/emitter";
import type { Disposable } from "../base/disposable";
import { messageOf, type Log } from "../base/log";
import { say } from "../base/words";
import { UserError } from "../core/actions";
import type { Runtime } from "../core/ports/runtime";
import type { RunPolicy } from "../core/policy";
import type { Account } from "../platform/oauth/account";
import { launchSandbox, type LaunchedSandbox } from "../sandbox/launch";
import { codexSandboxArguments } from "../sandbox/model/codexConfig";

export interface SandboxOptions {
  readonly bundlePath: string;
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The editor's own callback address, accepted besides the usual ones. */
  readonly callback: string;
  /** The address under which the person's browser reaches an address of this machine. */
  readonly externalAddress: (address: string) => Promise<string>;
  readonly runtime: Runtime;
  readonly log: Log;
}

/** The coding tool that goes with the sandbox. */
export interface SandboxTool {
  /** argv. */
  readonly command: readonly string[];
  /** True for the stand-in that ships with the extension; false for the installed codex with a scripted model. */
  readonly scripted: boolean;
}

const policy: RunPolicy = { sandbox: "workspace-write", approvals: "never", network: false };

/** The sandbox platform in a process of its own, and the coding tool that goes with it. */
export class SandboxSession implements Disposable {
  readonly #options: SandboxOptions;
  readonly #changed = new Emitter<void>();
  #starting: Promise<SandboxTool> | undefined;
  #running: { readonly sandbox: LaunchedSandbox; readonly tool: SandboxTool } | undefined;

  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  /** Fires when it ended by itself. */
  get onDidEnd(): Event<void> {
    return this.#changed.event;
  }

  get account(): Account | undefined {
    const sandbox = this.#running?.sandbox;
    return sandbox === undefined ? undefined : { origin: sandbox.baseUrl, clientId: sandbox.clientId };
  }

  /** The dashboard's address, with its token in the fragment; never logged. */
  get dashboardUrl(): string | undefined {
    return this.#running?.sandbox.dashboardUrl;
  }

  get tool(): SandboxTool | undefined {
    return this.#running?.tool;
  }

  /** Starts it once, however often it is asked for. @throws UserError when it does not start. */
  async start(signal: AbortSignal): Promise<SandboxTool> {
    if (this.#running !== undefined) return this.#running.tool;
    this.#starting ??= this.#start(signal).finally(() => {
      this.#starting = undefined;
    });
    return await this.#starting;
  }

  async #start(signal: AbortSignal): Promise<SandboxTool> {
    const { log } = this.#options;
    try {
      const sandbox = await this.#launch(signal);
      await this.#tellExternalHost(sandbox);
      const tool = await this.#chooseTool(sandbox, signal);
      this.#running = { sandbox, tool };
      const ended = (): void => this.#ended(sandbox);
      sandbox.exited.then(ended, ended);
      log.info("sandbox started", { origin: sandbox.baseUrl, scriptedTool: tool.scripted });
      return tool;
    } catch (error) {
      signal.throwIfAborted();
      log.error("the sandbox did not start", { message: messageOf(error) });
      throw new UserError(say("The sandbox did not start. Nothing was changed. {0}", messageOf(error)), {
        cause: error,
      });
    }
  }

  /** It is not used any more; what is still told to it until `end` runs arrives. */
  detach(): { end(): Promise<void> } | undefined {
    const sandbox = this.#running?.sandbox;
    this.#running = undefined;
    return sandbox === undefined ? undefined : { end: () => sandbox.dispose() };
  }

  dispose(): void {
    this.detach()
      ?.end()
      .catch((error: unknown) => {
        this.#options.log.warn("the sandbox did not end", { message: messageOf(error) });
      });
    this.#changed.dispose();
  }

  async #launch(signal: AbortSignal): Promise<LaunchedSandbox> {
    const { bundlePath, dataFolder, environment, callback } = this.#options;
    return await launchSandbox(
      {
        bundlePath,
        dataDir: join(dataFolder, "sandbox"),
        execPath: process.execPath,
        environment,
        callbacks: [callback],
      },
      signal,
    );
  }

  /** In a remote editor the browser comes through the editor's own address, which the sandbox must know by name. */
  async #tellExternalHost(sandbox: LaunchedSandbox): Promise<void> {
    try {
      const external = new URL(await this.#options.externalAddress(`${sandbox.baseUrl}/`));
      await sandbox.allowHost(external.host);
    } catch (error) {
      this.#options.log.warn("the sandbox's dashboard may not be reached from outside", {
        message: messageOf(error),
      });
    }
  }

  async #chooseTool(sandbox: LaunchedSandbox, signal: AbortSignal): Promise<SandboxTool> {
    const { runtime, log, bundlePath } = this.#options;
    const codex = ["codex", ...codexSandboxArguments(sandbox.modelBaseUrl), "app-server"];
    const probe = await runtime.probe({
      provider: "codex",
      command: codex,
      policy,
      environmentNames: [],
      signal,
    });
    if (probe.kind === "ready") return { command: codex, scripted: false };
    log.info("the sandbox uses its scripted tool", { reason: probe.reason });
    return { command: [process.execPath, bundlePath, "--scripted-tool", "app-server"], scripted: true };
  }

  #ended(sandbox: LaunchedSandbox): void {
    if (this.#running?.sandbox !== sandbox) return;
    this.#options.log.warn("the sandbox ended by itself");
    this.#running = undefined;
    this.#changed.fire();
  }
}
