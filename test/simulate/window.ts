import type { Log, LogFields } from "../../src/base/log";
import type { Random } from "../../src/base/random";
import { Emitter } from "../../src/base/emitter";
import { WakeSense } from "../../src/base/wakeSense";
import { Controller } from "../../src/core/controller";
import type { Configuration } from "../../src/core/ports/configurations";
import type { Connection } from "../../src/core/ports/connection";
import type { Journal } from "../../src/core/ports/journal";
import type { Platform, Registration, RuntimeFacts } from "../../src/core/ports/platform";
import { Registrar } from "../../src/core/registrar";
import { registrationOf } from "../../src/core/registration";
import { Store } from "../../src/core/store";
import { changeStored } from "../../src/core/storedConfiguration";
import { Worker } from "../../src/core/worker";
import type { WorkerDeps } from "../../src/core/workerDeps";
import type { WorkflowConfig } from "../../src/core/workflowConfig";
import { runWorkerSession } from "../../src/core/workerSession";
import { openJournal, readJournal } from "../../src/machine/journal/journal";
import type { JournalDisk } from "../../src/machine/journal/disk";
import type { Configurations } from "../../src/core/ports/configurations";
import type { Heartbeat } from "../../src/core/ports/heartbeat";
import type { Slots } from "../../src/core/ports/machine";
import type { WorkerLock } from "../../src/core/ports/machineLock";
import type { Runtime } from "../../src/core/ports/runtime";
import type { Worktrees } from "../../src/core/ports/worktrees";
import type { Clock } from "../../src/base/clock";
import { FakeArtifacts, fakeFolders } from "../fakes/fakeArtifacts";
import { FakeHooks } from "../fakes/fakeHooks";
import { FakeQuestions } from "../fakes/fakeConnection";
import type { Life } from "./life";

export const folder = "/repository";
export const origin = "https://live.example";

/** The ports of one process. */
export interface WindowPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly platform: Platform;
  readonly disk: JournalDisk;
  /** Notes in memory that every window of the machine sees, where no trouble of this schedule touches the disk. */
  readonly paper: Journal | undefined;
  readonly configurations: Configurations;
  readonly lock: WorkerLock;
  readonly slots: Slots;
  readonly runtime: Runtime;
  readonly worktrees: Worktrees;
  readonly heartbeat: (everyMs: number) => Heartbeat;
  readonly beatEveryMs: number;
  /** Sees what is noted. */
  readonly journal: (inner: Journal) => Journal;
  readonly config: WorkflowConfig;
  readonly autoClaim: () => boolean;
  readonly remark: (what: () => string) => void;
  /** Something went wrong that must not, whatever the world does. */
  readonly fail: (message: string) => void;
}

const settings = { name: "", instructions: "", groupId: "" };
const facts: RuntimeFacts = { provider: "codex", version: "1.0.0" };

/** Errors in the log that no trouble outside of the worker explains. */
const mistakes = new Set([
  "an attempt ended unexpectedly",
  "an attempt failed inside the worker",
  "a session could not be started",
  "the worker failed",
]);

/** One window of the editor: its process, its memory, and the controller in it. */
export class SimWindow {
  readonly life: Life;
  readonly store: Store;
  readonly controller: Controller;
  /** The notes of the worker that runs here, or ran last. */
  journal: Journal | undefined;
  closing = false;
  readonly #ports: WindowPorts;
  readonly #log: Log;

  constructor(life: Life, ports: WindowPorts) {
    this.life = life;
    this.#ports = ports;
    this.#log = this.#makeLog();
    this.store = new Store((error) => ports.fail(`a listener failed: ${String(error)}`));
    const { clock, random, configurations, lock, platform } = ports;
    const changes = new Emitter<void>();
    const connection: Connection = {
      origin,
      clientId: "client-1",
      platform,
      authentication: {
        onDidChange: changes.event,
        isSignedIn: () => life.call(() => true),
        signIn: () => life.call(() => undefined),
        signOut: () => life.call(() => undefined),
      },
    };
    const registration = (key: string): Promise<Registration> =>
      Promise.resolve(registrationOf(settings, ports.config, facts, key));
    const log = this.#log;
    this.controller = new Controller({
      clock,
      log,
      configurations,
      store: this.store,
      surroundings: () => ({ trusted: true, folder }),
      connection: () => connection,
      autoStart: () => true,
      checkFolder: () => life.call(() => undefined),
      configure: { random, registration, questions: new FakeQuestions() },
      records: async () => ports.paper?.list() ?? (await readJournal(ports.disk, { clock, log })),
      runSession: (current, configuration, onWorker, signal) =>
        runWorkerSession(
          {
            clock,
            random,
            log,
            lock,
            configurations,
            registration,
            onWorker,
            connection: current,
            store: this.store,
            makeWorker: (configured, runtime) => this.#makeWorker(configured, runtime),
          },
          configuration,
          signal,
        ),
    });
  }

  get phase(): string {
    return this.store.state.phase.kind;
  }

  async #makeWorker(configuration: Configuration, runtime: RuntimeFacts): Promise<Worker> {
    const { clock, random, platform, configurations, slots, worktrees, config, autoClaim } = this.#ports;
    const log = this.#log;
    const inner = this.#ports.paper ?? (await openJournal(this.#ports.disk, { clock, log }));
    this.journal = inner;
    const { workspaceId, agentId, workerId, userId } = configuration;
    const registrar = new Registrar(
      { log, platform, configurations, settings: () => settings, runtime },
      configuration,
    );
    const deps: WorkerDeps = {
      clock,
      sense: new WakeSense(clock),
      random,
      log,
      store: this.store,
      platform,
      heartbeat: this.#ports.heartbeat(this.#ports.beatEveryMs),
      runtime: this.#ports.runtime,
      worktrees,
      hooks: new FakeHooks(),
      slots,
      journal: this.#ports.journal(inner),
      identity: { userId, workspaceId, agentId, workerId },
      folder,
      workerName: "VS Code worker",
      workflow: async () => {
        await registrar.update(config, new AbortController().signal);
        return config;
      },
      prompt: (session) => {
        const told = session.untrusted.documents.map(({ documentId }) => documentId);
        return { trustedInstructions: "be good", untrustedInput: session.prompt, files: [], told };
      },
      attemptFolders: (sessionId) => this.life.call(() => fakeFolders(sessionId)),
      artifacts: new FakeArtifacts(),
      startPaused: configuration.paused === true,
      handledSignal: configuration.handledSignal,
      saveControl: (change) => changeStored(configurations, configuration, change),
      autoClaim,
    };
    return new Worker(deps, runtime);
  }

  #makeLog(): Log {
    const { remark, fail } = this.#ports;
    const write =
      (level: string) =>
      (message: string, fields?: LogFields): void => {
        if (this.life.over) return;
        const said = (): string => (fields === undefined ? message : `${message} ${JSON.stringify(fields)}`);
        remark(() => `${this.life.name} ${level}: ${said()}`);
        if (level === "error" && mistakes.has(message)) fail(said());
      };
    return { debug: () => undefined, info: write("info"), warn: write("warn"), error: write("error") };
  }
}
