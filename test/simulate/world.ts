import { messageOf } from "../../src/base/log";
import type { Configuration } from "../../src/core/ports/configurations";
import type { Journal } from "../../src/core/ports/journal";
import { isExecuting } from "../../src/core/state";
import type { WorkflowConfig } from "../../src/core/workflowConfig";
import { aConfig } from "../fakes/builders";
import { FakeJournal } from "../fakes/fakeMachine";
import { Dice } from "./dice";
import { Git } from "./git";
import { Heart } from "./heart";
import { Life } from "./life";
import { Line } from "./line";
import { Machine } from "./machine";
import { unchanged, type Mutant } from "./mutant";
import { planOf, type Plan } from "./plan";
import { Platter, SimDisk } from "./simDisk";
import { simIdentity, SimPlatform } from "./simPlatform";
import { Timeline } from "./timeline";
import { Tool } from "./tool";
import { Trace } from "./trace";
import { Watch } from "./watch";
import { Weather } from "./weather";
import { folder, origin, SimWindow, type WindowPorts } from "./window";

const { userId, workspaceId, agentId, workerId } = simIdentity;

/** A configured worker, as an earlier sign-in left it. */
const configuration: Configuration = {
  origin,
  folder,
  userId,
  workspaceId,
  agentId,
  workerId,
  clientId: "client-1",
  workspaceName: "Workspace",
  agentName: "Agent",
  idempotencyKey: "0123456789abcdef",
  stoppedByPerson: false,
};

/** Notes in memory: a process may die before and after each. */
function mortal(paper: FakeJournal, life: Life): Journal {
  return {
    list: () => paper.list(),
    outbox: (sessionId, claimId) => paper.outbox(sessionId, claimId),
    save: (record) => life.call(() => paper.save(record)),
    append: (sessionId, claimId, entry) => life.call(() => paper.append(sessionId, claimId, entry)),
  };
}

/** A machine, its windows, the network and the platform, all driven by one seed. */
export class SimWorld {
  readonly plan: Plan;
  readonly trace: Trace;
  readonly timeline: Timeline;
  readonly platform: SimPlatform;
  readonly weather: Weather;
  readonly platter = new Platter();
  readonly machine: Machine;
  readonly tool: Tool;
  readonly git: Git;
  readonly watch: Watch;
  readonly dice: Dice;
  readonly windows: SimWindow[] = [];
  readonly #seed: number;
  readonly #mutant: Mutant;
  readonly #config: WorkflowConfig;
  readonly #networkDice: Dice;
  readonly #diskDice: Dice;
  readonly #paper: FakeJournal | undefined;
  #opened = 0;
  /** Nobody looks after the windows any more. */
  settled = false;

  constructor(seed: number, options: { readonly keepTrace: boolean; readonly mutant?: Mutant }) {
    this.#seed = seed;
    this.#mutant = options.mutant ?? unchanged;
    const plan = planOf(seed);
    this.plan = plan;
    this.trace = new Trace(options.keepTrace);
    this.timeline = new Timeline(plan.monotonicRuns);
    const { timeline, trace } = this;
    this.git = new Git(new Dice(seed, "git"), plan);
    this.platform = new SimPlatform(timeline, plan.renewal, {
      ...{ share: plan.runs, dice: new Dice(seed, "runs"), git: this.git },
      // A call that its caller has given up may arrive all the same.
      mayStraggle: plan.network.straggling + plan.network.slow > 0,
      notesLost: () => this.notesLost,
      fail: (message) => this.watch.fail(message),
    });
    this.weather = new Weather(new Dice(seed, "weather"), plan);
    this.machine = new Machine(this.platter, () => timeline.now);
    const { platform, weather } = this;
    const { leaseSeconds } = plan;
    const clockHolds = plan.wallSteps === 0;
    const notesLost = (): boolean => this.notesLost;
    const holdsSlot = (life: Life, sessionId: string): boolean => this.machine.holdsSlot(life, sessionId);
    const { renewal } = plan;
    this.watch = new Watch({
      ...{ timeline, platform, weather, trace, leaseSeconds, clockHolds, notesLost, holdsSlot },
      renews: renewal === "supported",
    });
    this.tool = new Tool(new Dice(seed, "tool"), new Dice(seed, "asks"), plan, timeline, this.watch);
    this.dice = new Dice(seed, "world");
    this.#networkDice = new Dice(seed, "network");
    this.#diskDice = new Dice(seed, "disk");
    const { realJournal, diskTroubles, bitRot } = plan;
    this.#paper = realJournal || diskTroubles + bitRot > 0 ? undefined : new FakeJournal();
    this.#config = aConfig({
      leaseSeconds,
      maxActiveExecutions: plan.maxActive,
      maxRetryAttempts: plan.maxRetries,
    });
  }

  /** What the worker noted was lost or never taken by the disk: it may know less than it should. */
  get notesLost(): boolean {
    return this.platter.rotten || this.platter.failures > 0 || this.weather.contentRefused > 0;
  }

  get open(): readonly SimWindow[] {
    return this.windows.filter((window) => !window.life.over);
  }

  /** The window whose worker runs. */
  get owner(): SimWindow | undefined {
    return this.open.find((window) => ["online", "paused", "stopping"].includes(window.phase));
  }

  async begin(): Promise<void> {
    await this.machine.store(configuration);
    for (let index = 0; index < this.plan.sessions; index += 1) this.platform.addWork(`Work ${index}`);
    const { awaiting, leaseSeconds, windows } = this.plan;
    for (let index = 0; index < awaiting; index += 1) this.platform.addAwaiting("Asked", leaseSeconds);
    for (let index = 0; index < windows; index += 1) this.openWindow();
  }

  openWindow(): void {
    this.#opened += 1;
    const name = `window${this.#opened}`;
    const life = new Life(name, this.timeline.now, (one) => this.#died(one));
    this.watch.note(`${name} opens`);
    const window = new SimWindow(life, this.#portsOf(life));
    this.windows.push(window);
    void window.controller.refresh();
  }

  /** In order, as an editor does it: with five seconds for everything, then the process ends. */
  closeWindow(window: SimWindow): void {
    if (window.closing) return;
    window.closing = true;
    this.watch.note(`${window.life.name} closes`);
    const end = (): void => window.life.end();
    this.timeline.after(5000, () => this.timeline.whenAwake(end));
    window.controller
      .shutDown()
      .then(end, (error: unknown) => this.watch.fail(`a window did not close: ${messageOf(error)}`));
  }

  /** What must hold after every step. */
  look(): void {
    this.watch.look();
    for (const error of this.machine.errors) this.watch.fail(error);
    if (this.machine.slotsHeld > this.plan.maxActive) this.watch.fail("more slots are held than there are");
    for (const window of this.open) this.#lookAt(window);
  }

  #lookAt({ life, store, phase, closing }: SimWindow): void {
    if (!closing && (phase === "online" || phase === "paused" || phase === "stopping")) {
      if (!this.watch.beating.has(life)) this.watch.fail(`${life.name} is ${phase} and does not beat`);
    }
    for (const view of store.state.sessions.values()) {
      this.watch.questions.look(life, view);
      if (!isExecuting(view.phase) || view.phase === "claiming") continue;
      if (!this.watch.hasProven(life, view.sessionId)) {
        this.watch.fail(`${view.sessionId} shows as ${view.phase} without a claim`);
      }
      if (view.phase !== "running" || this.watch.running.ranLately(life, view.sessionId)) continue;
      this.watch.fail(`${view.sessionId} shows as running without a process`);
    }
  }

  #portsOf(life: Life): WindowPorts {
    const { timeline, platform, weather, watch, platter } = this;
    const clock = timeline.clockOf(life);
    const line = new Line({ timeline, platform, weather, watch, life, clock, dice: this.#networkDice });
    const ports: WindowPorts = {
      clock,
      random: new Dice(this.#seed, `core ${life.name}`).random,
      platform: line,
      disk: new SimDisk({ platter, life, dice: this.#diskDice, now: () => timeline.now }),
      paper: this.#paper && mortal(this.#paper, life),
      configurations: this.machine.configurationsOf(life),
      lock: this.machine.lockOf(life),
      slots: this.machine.slotsOf(life),
      runtime: this.tool.runtimeOf(life, clock),
      worktrees: this.git.worktreesOf(life, clock),
      beatEveryMs: 10_000,
      heartbeat: (everyMs) =>
        new Heart({
          everyMs,
          life,
          clock,
          watch,
          real: this.plan.realBeats,
          beat: (cutOffMs) => line.once({ operation: "beat" }, cutOffMs, () => platform.beat()),
        }),
      journal: (inner) => watch.journal(life, inner),
      config: this.#config,
      autoClaim: () => true,
      remark: (what) => this.trace.remark(timeline.elapsed, what),
      fail: (message) => watch.fail(message),
    };
    return this.#mutant(ports, this, life);
  }

  #died(life: Life): void {
    this.watch.note(`${life.name} is gone`);
    this.machine.died(life);
    this.tool.died(life);
  }
}
