import { silentLog, type Log, type LogFields } from "../../src/base/log";
import { WakeSense } from "../../src/base/wakeSense";
import type { Session } from "../../src/core/session";
import { Store } from "../../src/core/store";
import type { SessionPhase, WorkerFault } from "../../src/core/state";
import type { ControlChange } from "../../src/core/storedConfiguration";
import { Worker, type WorkerExit } from "../../src/core/worker";
import type { InputFile, PromptTurn } from "../../src/core/work";
import type { WorkerDeps } from "../../src/core/workerDeps";
import type { WorkflowConfig } from "../../src/core/workflowConfig";
import type { Random } from "../../src/base/random";
import { aConfig, us } from "./builders";
import { FakeArtifacts, fakeFolders } from "./fakeArtifacts";
import { FakeHooks } from "./fakeHooks";
import { FakeHeartbeat } from "./fakeHeartbeat";
import { FakeJournal, FakeSlots } from "./fakeMachine";
import { FakePlatform } from "./fakePlatform";
import { FakeRuntime } from "./fakeRuntime";
import { FakeWorktrees } from "./fakeWorktrees";
import { forgetOpen } from "../leaks";
import { Life } from "./mortal";
import { ManualClock, settle } from "./manualClock";
import { seededRandom } from "./seededRandom";

/** One worker process and all that surrounds it; the surroundings outlive the process. */
export class World {
  readonly clock = new ManualClock();
  readonly platform = new FakePlatform(this.clock);
  readonly runtime = new FakeRuntime();
  readonly worktrees = new FakeWorktrees();
  readonly hooks = new FakeHooks();
  readonly slots = new FakeSlots();
  readonly artifacts = new FakeArtifacts();
  readonly journal = new FakeJournal();
  readonly errors: string[] = [];
  heartbeat = new FakeHeartbeat();
  store = new Store((error) => this.errors.push(String(error)));
  config: WorkflowConfig = aConfig();
  workflow: () => Promise<WorkflowConfig> = async () => Promise.resolve(this.config);
  autoClaim = true;
  /** What is on disk of a pause. */
  paused = false;
  /** What is on disk of a stop by signal. */
  stopped = false;
  /** What is on disk of the control signal that was carried out last. */
  handledSignal: string | undefined;
  saveStopped: () => Promise<void> = async () => Promise.resolve();
  /** Holds up the disk that a pause is saved to. */
  beforeSave: () => Promise<void> = async () => Promise.resolve();
  /** Folders of attempts that were made and not tidied. */
  openFolders = 0;
  folders: () => Promise<void> = async () => Promise.resolve();
  /** The worker that runs now. */
  worker: Worker | undefined;
  exit: WorkerExit | undefined;
  failure: Error | undefined;
  /** What each prompt was built from. */
  readonly turns: PromptTurn[] = [];
  /** What each prompt gives as files, and what was written. */
  inputs: readonly InputFile[] = [];
  readonly written: InputFile[] = [];
  /** What each prompt tells, by the ids of its comments. */
  tells: (session: Session) => readonly string[] = () => [];
  keepInput: (file: InputFile) => Promise<void> = (file) => {
    this.written.push(file);
    return Promise.resolve();
  };
  /** Of each prompt, the person's answer in it. */
  readonly answers: (string | undefined)[] = [];
  /** The step at which the next process is killed, see `steps`. */
  diesAt = Infinity;
  #process = new AbortController();
  #life = new Life();
  #ended: Promise<void> = Promise.resolve();
  #death: Promise<void> = Promise.resolve();
  readonly #random: Random;

  constructor(random: Random = seededRandom(1)) {
    this.#random = random;
  }

  get deps(): WorkerDeps {
    const life = this.#life;
    return {
      clock: life.of(this.clock, ["now", "monotonic"]),
      sense: new WakeSense(this.clock),
      random: this.#random,
      log: this.#log(),
      store: this.store,
      platform: life.of(this.platform),
      heartbeat: this.heartbeat,
      runtime: life.of(this.runtime),
      worktrees: life.of(this.worktrees),
      hooks: life.of(this.hooks),
      slots: life.of(this.slots),
      artifacts: life.of(this.artifacts),
      journal: life.of(this.journal, ["list", "outbox"]),
      identity: us,
      folder: "/repository",
      workerName: "VS Code worker",
      workflow: () => this.workflow(),
      prompt: (session, _config, turn) => {
        this.turns.push(turn);
        this.answers.push(session.pendingResumeInput?.text);
        const prompt = { trustedInstructions: "be good", untrustedInput: session.prompt, files: this.inputs };
        return { ...prompt, told: this.tells(session) };
      },
      attemptFolders: async (sessionId) => {
        await this.folders();
        this.openFolders += 1;
        const tidy = (): Promise<void> => {
          this.openFolders -= 1;
          return Promise.resolve();
        };
        return { ...fakeFolders(sessionId, tidy), keepInput: (file) => this.keepInput(file) };
      },
      startPaused: this.paused,
      handledSignal: this.handledSignal,
      saveControl: (change) => this.#saveControl(change, life),
      autoClaim: () => this.autoClaim,
    };
  }

  /** Starts a worker process, fresh but for what is on disk and on the platform. */
  async start(acknowledgeFirst?: string): Promise<Worker> {
    // What the dead opened in their last moment is gone with them.
    if (this.dead) forgetOpen();
    this.heartbeat = new FakeHeartbeat();
    this.platform.knownDead.clear();
    this.store = new Store((error) => this.errors.push(String(error)));
    this.#process = new AbortController();
    this.#death = new Promise((resolve) => {
      this.#life = new Life(this.diesAt, () => {
        this.#died();
        resolve();
      });
    });
    this.exit = undefined;
    this.failure = undefined;
    const worker = new Worker(this.deps, { provider: "codex", version: "1.0.0" });
    this.worker = worker;
    this.#ended = worker.run(acknowledgeFirst, this.#process.signal).then(
      (exit) => {
        this.exit = exit;
      },
      (error: unknown) => {
        this.failure = error instanceof Error ? error : new Error(String(error));
      },
    );
    await settle();
    return worker;
  }

  /** The process ends in an orderly way, as at the end of an extension host. */
  async endProcess(): Promise<void> {
    this.#process.abort(new Error("the process ends"));
    await settle();
    // It may die on its way out.
    await Promise.race([this.#ended, this.#death]);
  }

  /** The process is killed between two instructions; the system frees its slots and its tools die with it. */
  async kill(): Promise<void> {
    this.#life.end();
    this.#died();
    await settle();
  }

  /** The process of the moment was killed. */
  get dead(): boolean {
    return this.#life.over;
  }

  /** How often the process of the moment has asked something outside or was answered: each is a place to be killed at. */
  get steps(): number {
    return this.#life.steps;
  }

  #died(): void {
    this.slots.freeAll();
    this.runtime.killAll();
  }

  phase(sessionId: string): SessionPhase | undefined {
    return this.store.state.sessions.get(sessionId)?.phase;
  }

  fault(): WorkerFault | undefined {
    return this.store.state.fault;
  }

  detail(sessionId: string): string | undefined {
    return this.store.state.sessions.get(sessionId)?.detail;
  }

  async untilPhase(sessionId: string, phase: SessionPhase, limitMs?: number): Promise<void> {
    await this.clock.until(`${sessionId} ${phase}`, () => this.phase(sessionId) === phase, limitMs);
  }

  async untilExit(limitMs?: number): Promise<WorkerExit> {
    await this.clock.until("the exit", () => this.exit !== undefined || this.failure !== undefined, limitMs);
    if (this.failure !== undefined) throw this.failure;
    if (this.exit === undefined) throw new Error("no exit");
    return this.exit;
  }

  async #saveControl(change: ControlChange, life: Life): Promise<void> {
    if (change.paused !== undefined) await this.beforeSave();
    if (change.stoppedByPerson === true) await this.saveStopped();
    if (life.over) await new Promise<never>(() => undefined);
    this.paused = change.paused ?? this.paused;
    this.stopped = change.stoppedByPerson ?? this.stopped;
    this.handledSignal = change.handledSignal ?? this.handledSignal;
  }

  #log(): Log {
    if (process.env["WORLD_LOG"] === undefined) {
      return { ...silentLog, error: (message, fields) => this.errors.push(said(message, fields)) };
    }
    const write = (message: string, fields?: LogFields): void => {
      process.stderr.write(`${this.clock.monotonic()} ${said(message, fields)}\n`);
    };
    return { debug: write, info: write, warn: write, error: write };
  }
}

function said(message: string, fields: LogFields | undefined): string {
  return fields === undefined ? message : `${message} ${JSON.stringify(fields)}`;
}
