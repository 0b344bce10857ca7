import { messageOf, type Log } from "../base/log";
import type { Configuration, Configurations } from "./ports/configurations";
import type { Platform, RuntimeFacts } from "./ports/platform";
import { registrationFingerprint, registrationOf, type WorkerSettings } from "./registration";
import { changeStored } from "./storedConfiguration";
import { ExitRequest } from "./workerExit";
import type { WorkflowConfig } from "./workflowConfig";

export interface RegistrarDeps {
  readonly log: Log;
  readonly platform: Pick<Platform, "registerWorker">;
  readonly configurations: Configurations;
  readonly settings: () => WorkerSettings;
  readonly runtime: RuntimeFacts;
}

/** Sends changed facts of a running worker by registering again with the same key. */
export class Registrar {
  readonly #deps: RegistrarDeps;
  readonly #configuration: Configuration;
  #registered: string | undefined;

  constructor(deps: RegistrarDeps, configuration: Configuration) {
    this.#deps = deps;
    this.#configuration = configuration;
    this.#registered = configuration.registrationHash;
  }

  /**
   * Facts that could not be sent are sent at the next call.
   * @throws ExitRequest when the platform answers with another worker: there is no silent fallback to it.
   */
  async update(config: WorkflowConfig, signal: AbortSignal): Promise<void> {
    const { platform, settings, runtime, log } = this.#deps;
    const { workspaceId, agentId, workerId, idempotencyKey } = this.#configuration;
    const registration = registrationOf(settings(), config, runtime, idempotencyKey);
    const fingerprint = registrationFingerprint(registration);
    if (fingerprint === this.#registered) return;
    let answered: string;
    try {
      answered = (await platform.registerWorker({ workspaceId, agentId }, registration, signal)).workerId;
    } catch (error) {
      log.warn("changed facts could not be registered yet", { workerId, message: messageOf(error) });
      return;
    }
    if (answered !== workerId) throw new ExitRequest({ kind: "rejected", message: otherWorkerAnswered });
    this.#registered = fingerprint;
    log.info("changed facts registered", { workerId });
    await this.#remember(fingerprint);
  }

  /** Without the note the same facts are merely sent once more at the next start. */
  async #remember(registrationHash: string): Promise<void> {
    const { configurations, log } = this.#deps;
    try {
      await changeStored(configurations, this.#configuration, { registrationHash });
    } catch (error) {
      log.warn("what was registered could not be noted", { message: messageOf(error) });
    }
  }
}

export const otherWorkerAnswered = "the platform answered the registration with another worker";
