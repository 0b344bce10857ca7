import type { Clock } from "../base/clock";
import type { Log } from "../base/log";
import type { Random } from "../base/random";
import type { Journal } from "../core/ports/journal";
import type { Configuration } from "../core/ports/configurations";
import type { RuntimeFacts } from "../core/ports/platform";
import type { Runtime } from "../core/ports/runtime";
import type { Worktrees } from "../core/ports/worktrees";
import { Registrar } from "../core/registrar";
import { displayName, type WorkerSettings } from "../core/registration";
import type { Store } from "../core/store";
import { changeStored } from "../core/storedConfiguration";
import { Worker } from "../core/worker";
import type { WorkflowConfig } from "../core/workflowConfig";
import { makeAttemptFolders } from "../machine/attemptFolders";
import { openAttemptStore } from "../machine/attemptStore";
import type { PlatformConnection } from "../platform/connection";
import type { NetworkFacts } from "../platform/heartbeat/network";
import { ThreadHeartbeat } from "../platform/threadHeartbeat";
import { buildPrompt } from "../workflow/prompt";
import type { MachineServices } from "./machineServices";

export interface WorkerFactoryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: Store;
  readonly machine: MachineServices;
  readonly runtime: Runtime;
  readonly worktrees: Worktrees;
  /** Absolute path of the heartbeat thread's bundle. */
  readonly threadFile: string;
  readonly version: string;
  readonly settings: () => WorkerSettings & { readonly autoClaim: boolean };
  /** The workflow with the tool for the platform at this origin. */
  readonly workflow: (origin: string) => Promise<WorkflowConfig>;
  readonly network: () => Promise<NetworkFacts>;
  /** Told how many damaged records were set aside. */
  readonly onDamaged: (count: number) => void;
  readonly life: AbortSignal;
}

/** Builds the worker of one configuration. */
export class WorkerFactory {
  readonly #options: WorkerFactoryOptions;
  #journal: Journal | undefined;

  constructor(options: WorkerFactoryOptions) {
    this.#options = options;
  }

  /** The records of the worker that was made last. */
  get journal(): Journal | undefined {
    return this.#journal;
  }

  /** The records of a configuration's worker, for reading and archiving while it does not run too. */
  async open({ origin, workerId }: Configuration): Promise<Journal> {
    const { clock, log, machine, onDamaged } = this.#options;
    const journal = await openAttemptStore(machine.paths.state, { origin, workerId }, { clock, log });
    if (journal.damaged > 0) onDamaged(journal.damaged);
    this.#journal = journal;
    return journal;
  }

  async make(
    connection: PlatformConnection,
    configuration: Configuration,
    runtime: RuntimeFacts,
  ): Promise<Worker> {
    const { clock, random, log, store, machine, settings, worktrees } = this.#options;
    const { workspaceId, agentId, workerId, userId, origin, folder } = configuration;
    const journal = await this.open(configuration);
    const registrar = new Registrar(
      { log, platform: connection.platform, configurations: machine.configurations, settings, runtime },
      configuration,
    );
    return new Worker(
      {
        clock,
        random,
        log,
        store,
        worktrees,
        journal,
        folder,
        platform: connection.platform,
        heartbeat: this.#beatFor(connection, configuration),
        runtime: this.#options.runtime,
        slots: machine.slots,
        identity: { userId, workspaceId, agentId, workerId },
        workerName: displayName(settings()),
        workflow: async () => {
          const config = await this.#options.workflow(origin);
          await registrar.update(config, this.#options.life);
          return config;
        },
        prompt: (session, config, interrupted) =>
          buildPrompt(session, settings().instructions, config, interrupted),
        attemptFolders: (sessionId) => makeAttemptFolders(machine.paths.tmp, sessionId, random),
        startPaused: configuration.paused === true,
        savePaused: (paused) => changeStored(machine.configurations, configuration, { paused }),
        saveStopped: () => changeStored(machine.configurations, configuration, { stoppedByPerson: true }),
        autoClaim: () => settings().autoClaim,
      },
      runtime,
    );
  }

  #beatFor(connection: PlatformConnection, configuration: Configuration): ThreadHeartbeat {
    const { clock, random, log, threadFile, version, network } = this.#options;
    const { workspaceId, agentId, workerId } = configuration;
    return new ThreadHeartbeat({
      clock,
      random,
      log,
      threadFile,
      workerVersion: version,
      platform: process.platform,
      origin: connection.origin,
      path: { workspaceId, agentId, workerId },
      tokens: connection.tokens,
      network,
    });
  }
}
