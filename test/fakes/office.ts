import assert from "node:assert/strict";
import { silentLog, type Log } from "../../src/base/log";
import type { WorkerActions } from "../../src/core/actions";
import { Controller } from "../../src/core/controller";
import type { Configuration } from "../../src/core/ports/configurations";
import type { HeartbeatFacts } from "../../src/core/ports/heartbeat";
import type { RuntimeFacts } from "../../src/core/ports/platform";
import { Registrar } from "../../src/core/registrar";
import { registrationOf, type WorkerSettings } from "../../src/core/registration";
import type { WorkerPhase } from "../../src/core/state";
import { WakeSense } from "../../src/base/wakeSense";
import { Store } from "../../src/core/store";
import { changeStored } from "../../src/core/storedConfiguration";
import { Worker } from "../../src/core/worker";
import type { WorkflowConfig } from "../../src/core/workflowConfig";
import { forwarded, runWindowCommand } from "../../src/core/windowCommands";
import { runWorkerSession } from "../../src/core/workerSession";
import { aConfig } from "./builders";
import { FakeArtifacts, fakeFolders } from "./fakeArtifacts";
import { FakeConfigurations, FakeMachineLock } from "./fakeConfigurations";
import { FakeConnection, FakeQuestions } from "./fakeConnection";
import { FakeWindowLink } from "./fakeWindowLink";
import { FakeHeartbeat } from "./fakeHeartbeat";
import { FakeJournal, FakeSlots } from "./fakeMachine";
import { FakeRuntime } from "./fakeRuntime";
import { FakeHooks } from "./fakeHooks";
import { FakeWorktrees } from "./fakeWorktrees";
import { ManualClock, settle } from "./manualClock";
import { seededRandom } from "./seededRandom";

export const folder = "/repository";

/** A machine with its disk, its coding tool, two platforms and a person; windows open and close on it. */
export class Office {
  readonly clock = new ManualClock();
  readonly live = new FakeConnection("https://live.example", this.clock);
  readonly sandbox = new FakeConnection("http://localhost:1", this.clock);
  readonly configurations = new FakeConfigurations();
  readonly lock = new FakeMachineLock();
  readonly windows = new FakeWindowLink();
  readonly runtime = new FakeRuntime();
  readonly slots = new FakeSlots();
  readonly questions = new FakeQuestions();
  readonly random = seededRandom(5);
  readonly errors: string[] = [];
  readonly #beating = new Map<string, Set<string>>();
  config: WorkflowConfig = aConfig();
  settings: WorkerSettings = { name: "", instructions: "", groupId: "" };
  workflow: () => Promise<WorkflowConfig> = () => Promise.resolve(this.config);
  makeFailure: Error | undefined;
  makeGate: Promise<void> = Promise.resolve();
  /** The connection of the moment; an error where the settings name none. */
  current: FakeConnection | Error = this.live;
  readonly #journals = new Map<string, FakeJournal>();
  readonly #windows: Window[] = [];

  get platform(): FakeConnection["platform"] {
    return this.live.platform;
  }

  /** The workers that beat now on the platform of the moment. */
  get beating(): ReadonlySet<string> {
    return this.beatingAt(this.current instanceof Error ? this.live.origin : this.current.origin);
  }

  beatingAt(origin: string): Set<string> {
    const beating = this.#beating.get(origin) ?? new Set();
    this.#beating.set(origin, beating);
    return beating;
  }

  journalOf(workerId: string): FakeJournal {
    const journal = this.#journals.get(workerId) ?? new FakeJournal();
    this.#journals.set(workerId, journal);
    return journal;
  }

  stored(connection = this.live): Configuration | undefined {
    return this.configurations.stored.get(JSON.stringify([folder, connection.origin]));
  }

  change(change: Partial<Configuration>): void {
    const stored = this.stored();
    assert.ok(stored !== undefined);
    this.configurations.stored.set(JSON.stringify([folder, stored.origin]), { ...stored, ...change });
  }

  /** A window opens, as `activate` does it. */
  async open(): Promise<Window> {
    const window = this.window();
    await window.controller.refresh();
    await settle();
    return window;
  }

  get windowsOpen(): readonly Window[] {
    return this.#windows;
  }

  window(): Window {
    const window = new Window(this);
    this.#windows.push(window);
    return window;
  }

  /** A window with a configured worker that is online. */
  async openConfigured(): Promise<Window> {
    const window = await this.open();
    await window.controller.configure();
    await window.until("online");
    return window;
  }

  async close(): Promise<void> {
    for (const window of this.#windows) await window.close();
    await settle();
    const beating = [...this.#beating.values()].flatMap((one) => [...one]);
    assert.deepEqual(beating, [], "no worker beats without a window");
    assert.deepEqual([...this.lock.held], [], "nothing is held without a window");
    assert.equal(this.slots.held.length, 0);
    assert.equal(this.windows.served.size, 0, "nothing is served without a window");
    assert.equal(this.clock.sleeping, 0, "nothing sleeps on");
  }
}

/** One window: its own process, memory and controller over the machine's disk. */
export class Window {
  readonly controller: Controller;
  /** What the commands of this window call. */
  readonly actions: WorkerActions;
  readonly store: Store;
  trusted = true;
  folder: string | undefined = folder;
  autoStart = true;
  folderFailure: Error | undefined;
  readonly phases: string[] = [];
  readonly #office: Office;
  readonly #life = new AbortController();
  readonly #leave: () => void;

  constructor(office: Office) {
    this.#office = office;
    const log: Log = {
      ...silentLog,
      error: (message, fields) => office.errors.push(`${message} ${JSON.stringify(fields)}`),
    };
    this.store = new Store((error) => office.errors.push(String(error)));
    const shown = this.store.onDidChange(({ phase }) => {
      if (this.phases.at(-1) !== phase.kind) this.phases.push(phase.kind);
    });
    const { clock, random, configurations, lock, questions } = office;
    const registration = async (key: string): ReturnType<Registrations> =>
      registrationOf(office.settings, await office.workflow(), { provider: "codex", version: "1.0.0" }, key);
    this.controller = new Controller({
      clock,
      log,
      configurations,
      store: this.store,
      surroundings: () => ({ trusted: this.trusted, folder: this.folder }),
      connection: () => {
        if (office.current instanceof Error) throw office.current;
        return office.current;
      },
      autoStart: () => this.autoStart,
      checkFolder: async () => {
        await Promise.resolve();
        if (this.folderFailure !== undefined) throw this.folderFailure;
      },
      configure: { random, registration, questions },
      records: ({ workerId }) => Promise.resolve(office.journalOf(workerId).list()),
      runSession: (connection, configuration, onWorker, signal, onOwner) =>
        runWorkerSession(
          {
            clock,
            random,
            log,
            lock,
            configurations,
            connection,
            registration,
            onWorker,
            store: this.store,
            makeWorker: (current, facts) => this.#make(log, current, facts),
            windows: {
              onOwner,
              link: office.windows,
              run: (command) => runWindowCommand(here, () => this.controller.beginStop(), command),
            },
          },
          configuration,
          signal,
        ),
    });
    const here = this.#here(office);
    this.actions = forwarded(
      here,
      () => this.controller.owner,
      () => this.phase,
    );
    const subscriptions = [office.live, office.sandbox].map(({ authentication }) =>
      authentication.onDidChange(() => {
        this.controller.checkAccount().catch((error: unknown) => office.errors.push(String(error)));
      }),
    );
    this.#leave = () => {
      shown.dispose();
      for (const one of subscriptions) one.dispose();
    };
  }

  get phase(): WorkerPhase {
    return this.store.state.phase;
  }

  get kind(): WorkerPhase["kind"] {
    return this.store.state.phase.kind;
  }

  /** What the phase says, if it says anything. */
  get message(): string {
    return "message" in this.phase ? (this.phase.message ?? "") : "";
  }

  async until(kind: WorkerPhase["kind"], limitMs?: number): Promise<void> {
    await this.#office.clock.until(`phase ${kind}`, () => this.kind === kind, limitMs);
  }

  session(sessionId: string): string | undefined {
    return this.store.state.sessions.get(sessionId)?.phase;
  }

  async untilSession(sessionId: string, phase: string, limitMs?: number): Promise<void> {
    await this.#office.clock.until(`${sessionId} ${phase}`, () => this.session(sessionId) === phase, limitMs);
  }

  /** As `deactivate` does it; a person's command that waits for the end of this must not hang. */
  async close(): Promise<void> {
    this.#leave();
    await this.controller.shutDown();
    this.#life.abort();
  }

  #here(office: Office): WorkerActions {
    const { controller, store } = this;
    const here = async (sessionId: string): Promise<string> => {
      await Promise.resolve();
      return `${sessionId} of ${office.windowsOpen.indexOf(this)}`;
    };
    return {
      signIn: () => controller.signIn(),
      signOut: () => controller.signOut(),
      configure: () => controller.configure(),
      answer: async (sessionId, questionId, answer) => {
        await Promise.resolve();
        controller.answer(sessionId, questionId, answer);
      },
      start: () => controller.start(),
      stop: () => controller.stop(),
      pause: async () => {
        await Promise.resolve();
        controller.pause();
      },
      resume: async () => {
        await Promise.resolve();
        controller.resume();
      },
      restart: () => controller.restart(),
      claim: async (sessionId) => {
        await Promise.resolve();
        controller.claim(sessionId);
      },
      release: (sessionId) => controller.release(sessionId),
      fail: (sessionId, reason) => controller.fail(sessionId, reason),
      delegate: (sessionId, work) => controller.delegate(sessionId, work),
      delegationTargets: () => controller.delegationTargets(),
      publishBranch: here,
      archive: async (sessionId) => {
        await Promise.resolve();
        store.dispatch({ kind: "session", sessionId, change: { kind: "archived" } });
      },
      startSandbox: () => Promise.resolve(),
      stopSandbox: () => Promise.resolve(),
    };
  }

  async #make(log: Log, configuration: Configuration, runtime: RuntimeFacts): Promise<Worker> {
    const office = this.#office;
    await office.makeGate;
    if (office.makeFailure !== undefined) throw office.makeFailure;
    const { workspaceId, agentId, workerId, userId, origin } = configuration;
    const connection = origin === office.live.origin ? office.live : office.sandbox;
    const { platform } = connection;
    const { clock, random, slots, configurations } = office;
    const settings = (): WorkerSettings => office.settings;
    const registrar = new Registrar({ log, platform, configurations, settings, runtime }, configuration);
    return new Worker(
      {
        clock,
        random,
        sense: new WakeSense(clock),
        log,
        slots,
        platform,
        store: this.store,
        heartbeat: new CountedHeartbeat(office.beatingAt(origin), office.errors, workerId),
        runtime: office.runtime,
        worktrees: new FakeWorktrees(),
        hooks: new FakeHooks(),
        journal: office.journalOf(workerId),
        identity: { userId, workspaceId, agentId, workerId },
        folder,
        workerName: "VS Code worker",
        workflow: async () => {
          const config = await office.workflow();
          await registrar.update(config, this.#life.signal);
          return config;
        },
        prompt: ({ prompt }) => ({
          ...{ trustedInstructions: "be good", untrustedInput: prompt },
          ...{ files: [], told: [] },
        }),
        attemptFolders: (sessionId) => Promise.resolve(fakeFolders(sessionId)),
        artifacts: new FakeArtifacts(),
        startPaused: configuration.paused === true,
        handledSignal: configuration.handledSignal,
        saveControl: (change) => changeStored(configurations, configuration, change),
        autoClaim: () => true,
      },
      runtime,
    );
  }
}

type Registrations = (key: string) => Promise<ReturnType<typeof registrationOf>>;

/** Notices two workers that beat at once for one folder on one platform. */
class CountedHeartbeat extends FakeHeartbeat {
  readonly #beating: Set<string>;
  readonly #errors: string[];
  readonly #workerId: string;

  constructor(beating: Set<string>, errors: string[], workerId: string) {
    super();
    this.#beating = beating;
    this.#errors = errors;
    this.#workerId = workerId;
  }

  override start(facts: HeartbeatFacts): void {
    const others = [...this.#beating];
    if (others.length > 0) this.#errors.push(`${this.#workerId} beats beside ${others.join()}`);
    this.#beating.add(this.#workerId);
    super.start(facts);
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.#beating.delete(this.#workerId);
  }
}
