import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import type { TextRedactor } from "../base/redaction/redactor";
import { WakeSense } from "../base/wakeSense";
import { say } from "../base/words";
import { UserError } from "../core/actions";
import type { AttemptRecord, Journal } from "../core/ports/journal";
import type { Artifacts } from "../core/ports/artifacts";
import type { Configuration } from "../core/ports/configurations";
import type { HookRunner } from "../core/ports/hooks";
import type { RuntimeFacts } from "../core/ports/platform";
import type { Runtime } from "../core/ports/runtime";
import type { Worktrees } from "../core/ports/worktrees";
import { redactedJournal } from "../core/redacted/redactedJournal";
import { Registrar } from "../core/registrar";
import { displayName, type WorkerSettings } from "../core/registration";
import type { Store } from "../core/store";
import { changeStored } from "../core/storedConfiguration";
import { Worker } from "../core/worker";
import { turnName } from "../core/takeTurn";
import type { WorkflowConfig } from "../core/workflowConfig";
import { makeAttemptFolders } from "../machine/attemptFolders";
import { readAllJournals } from "../machine/journal/allJournals";
import { openJournal, readJournal, type JournalDamage } from "../machine/journal/journal";
import type { JournalDisk } from "../machine/journal/disk";
import { journalDisk } from "../machine/journal/realDisk";
import { removeOldAttempts } from "../machine/oldAttempts";
import { removeOldTimelines } from "../machine/timeline/oldTimelines";
import type { PlatformConnection } from "../platform/connection";
import type { NetworkFacts } from "../platform/heartbeat/network";
import { ThreadHeartbeat } from "../platform/threadHeartbeat";
import { buildPrompt } from "../workflow/prompt";
import type { MachineServices } from "./machineServices";

export interface WorkerFactoryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly redactor: TextRedactor;
  readonly store: Store;
  readonly machine: MachineServices;
  readonly runtime: Runtime;
  readonly worktrees: Worktrees;
  readonly hooks: HookRunner;
  readonly artifacts: Artifacts;
  /** Absolute path of the heartbeat thread's bundle. */
  readonly threadFile: string;
  readonly version: string;
  readonly settings: () => WorkerSettings & { readonly autoClaim: boolean };
  /** The workflow with the tool for the platform at this origin. */
  readonly workflow: (origin: string) => Promise<WorkflowConfig>;
  readonly network: () => Promise<NetworkFacts>;
  /** Told when damaged notes were set aside: a person should know. */
  readonly onDamaged: (damage: JournalDamage) => void;
  readonly life: AbortSignal;
}

/** Builds the worker of one configuration. */
export class WorkerFactory {
  readonly #options: WorkerFactoryOptions;
  #journal: Journal | undefined;
  #configuration: Configuration | undefined;

  constructor(options: WorkerFactoryOptions) {
    this.#options = options;
  }

  /** The records of a configuration's worker, which may run in another window. */
  async records(configuration: Configuration): Promise<readonly AttemptRecord[]> {
    const { clock, log } = this.#options;
    this.#configuration = configuration;
    return await readJournal(this.#disk(configuration), { clock, log });
  }

  /** Notes for good that a session is no longer listed, also while the worker does not run. */
  async archive(sessionId: string): Promise<void> {
    await this.#note(say("The session could not be archived"), sessionId, (record) => ({
      ...record,
      archived: true,
    }));
  }

  /** Notes that a session's branch is about to be published, or that this is over. A running attempt keeps its own step. */
  async notePublishing(sessionId: string, step: "publishing" | "ended"): Promise<void> {
    await this.#note(say("The session could not be published"), sessionId, (record) => {
      const ours = record.step === "ended" || record.step === "publishing";
      return record.outcome !== "running" && ours ? { ...record, step } : record;
    });
  }

  async #note(
    what: string,
    sessionId: string,
    change: (record: AttemptRecord) => AttemptRecord,
  ): Promise<void> {
    const configuration = this.#configuration;
    if (configuration === undefined) return;
    try {
      await this.#amend(configuration, sessionId, change);
    } catch (error) {
      throw new UserError(
        say(
          "{0}: {1}. Nothing was changed. Try again in a moment, or in the window that runs the worker.",
          what,
          messageOf(error),
        ),
        { cause: error },
      );
    }
  }

  async #amend(
    configuration: Configuration,
    sessionId: string,
    change: (record: AttemptRecord) => AttemptRecord,
  ): Promise<void> {
    const held = await this.#options.machine.workerLock.tryHold(turnName(configuration));
    try {
      // Not held: the worker runs, here or in another window, whose journal turns us away.
      const journal = held === undefined ? this.#journal : await this.#open(configuration);
      if (journal === undefined) throw new Error("another window runs the worker");
      const record = journal.list().find((one) => one.sessionId === sessionId);
      if (record === undefined) return;
      const changed = change(record);
      if (changed !== record) await journal.save(changed);
    } finally {
      held?.dispose();
    }
  }

  async make(
    connection: PlatformConnection,
    configuration: Configuration,
    runtime: RuntimeFacts,
  ): Promise<Worker> {
    const { clock, random, log, store, machine, settings, worktrees } = this.#options;
    const { workspaceId, agentId, workerId, userId, origin, folder } = configuration;
    const journal = await this.#open(configuration);
    this.#configuration = configuration;
    this.#journal = journal;
    // Nobody waits for these, and they never reject.
    const old = { clock, log, ...machine.paths, records: () => this.#allRecords() };
    void removeOldAttempts(old);
    void removeOldTimelines(old);
    const registrar = new Registrar(
      { log, platform: connection.platform, configurations: machine.configurations, settings, runtime },
      configuration,
    );
    return new Worker(
      {
        clock,
        sense: new WakeSense(clock),
        random,
        log,
        store,
        worktrees,
        hooks: this.#options.hooks,
        artifacts: this.#options.artifacts,
        journal,
        folder,
        platform: connection.platform,
        heartbeat: this.#beatFor(connection, configuration),
        runtime: this.#options.runtime,
        slots: machine.slots,
        groups: {
          board: machine.groups,
          group: () => groupOf(configuration, settings().groupId),
        },
        identity: { userId, workspaceId, agentId, workerId },
        workerName: displayName(settings()),
        workflow: async () => {
          const config = await this.#options.workflow(origin);
          await registrar.update(config, this.#options.life);
          return config;
        },
        prompt: (session, config, turn) => buildPrompt(session, settings().instructions, config, turn),
        attemptFolders: (sessionId, known) => makeAttemptFolders(machine.paths.tmp, sessionId, random, known),
        startPaused: configuration.paused === true,
        handledSignal: configuration.handledSignal,
        saveControl: (change) => changeStored(machine.configurations, configuration, change),
        autoClaim: () => settings().autoClaim,
      },
      runtime,
    );
  }

  async #open(configuration: Configuration): Promise<Journal> {
    const { clock, log, redactor, onDamaged } = this.#options;
    const journal = await openJournal(this.#disk(configuration), { clock, log });
    if (journal.damage !== undefined) onDamaged(journal.damage);
    return redactedJournal(journal, redactor);
  }

  #allRecords(): Promise<readonly AttemptRecord[]> {
    const { clock, log, machine } = this.#options;
    return readAllJournals(machine.paths.state, { clock, log });
  }

  #disk({ origin, workerId }: Configuration): JournalDisk {
    const { clock, machine } = this.#options;
    return journalDisk(machine.paths.state, { origin, workerId }, clock);
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

/** The same for all workers of the group, wherever they are. */
function groupOf({ origin, workspaceId, agentId }: Configuration, groupId: string): string | undefined {
  const group = groupId.trim();
  return group === "" ? undefined : JSON.stringify([origin, workspaceId, agentId, group]);
}
