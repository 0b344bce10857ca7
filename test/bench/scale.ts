import { Dice } from "../simulate/dice";
import { Life } from "../simulate/life";
import { Heart } from "../simulate/heart";
import { useQuickAbort } from "../simulate/quickAbort";
import { Timeline } from "../simulate/timeline";
import { silentLog } from "../../src/base/log";
import { WakeSense } from "../../src/base/wakeSense";
import type { RunOutcome, Runtime } from "../../src/core/ports/runtime";
import { Store } from "../../src/core/store";
import { Worker } from "../../src/core/worker";
import { aConfig } from "../fakes/builders";
import { FakeArtifacts, fakeFolders } from "../fakes/fakeArtifacts";
import { FakeHooks } from "../fakes/fakeHooks";
import { FakeJournal, FakeSlots } from "../fakes/fakeMachine";
import { FakeWorktrees } from "../fakes/fakeWorktrees";
import { FleetPlatform } from "./fleetPlatform";
import type { Figure, Row } from "./table";

const idleMinutes = 10;
/** How long the workers may take for all sessions, virtual time. */
const longestMs = 24 * 3_600_000;
const minuteMs = 60_000;

/** Workers with the real core, each on a machine of its own, on one platform and one virtual clock. */
class Fleet {
  readonly timeline = new Timeline(true);
  readonly platform = new FleetPlatform(() => this.timeline.now);
  /** How often the tool ran for each session. */
  readonly runs = new Map<string, number>();
  readonly errors: string[] = [];
  readonly #end = new AbortController();
  readonly #ended: Promise<unknown>[] = [];

  open(count: number): void {
    for (let n = 0; n < count; n += 1) this.#open(`worker_${n}`, n);
  }

  /** Lets time pass until it is so. */
  async until(done: () => boolean, limitMs: number): Promise<void> {
    const end = this.timeline.elapsed + limitMs;
    while (!done()) {
      if (this.timeline.elapsed > end) throw new Error("the fleet does not get there");
      if (!(await this.timeline.step())) throw new Error("nothing happens any more");
    }
  }

  async pass(ms: number): Promise<void> {
    const end = this.timeline.elapsed + ms;
    await this.until(() => this.timeline.elapsed >= end, ms + minuteMs);
  }

  async close(): Promise<void> {
    this.#end.abort(new Error("the bench is over"));
    let over = false;
    void Promise.all(this.#ended).then(() => (over = true));
    await this.until(() => over, minuteMs);
  }

  #open(workerId: string, seed: number): void {
    const life = new Life(workerId, this.timeline.now, () => undefined);
    const clock = this.timeline.clockOf(life);
    const dice = new Dice(seed + 1, "worker");
    const identity = this.platform.join(workerId);
    const heartbeat = new Heart({
      ...{ life, clock, everyMs: 10_000, real: false },
      watch: { beatStarted: () => undefined, beatStopped: () => undefined },
      beat: () => {
        this.platform.beat(workerId);
        return Promise.resolve();
      },
    });
    const worker = new Worker(
      {
        ...{ clock, identity, heartbeat, random: dice.random, log: silentLog, sense: new WakeSense(clock) },
        ...{
          store: new Store((error) => this.errors.push(String(error))),
          platform: this.platform.for(clock),
        },
        ...{ runtime: this.#tool(dice, clock), worktrees: new FakeWorktrees(), hooks: new FakeHooks() },
        ...{ slots: new FakeSlots(), artifacts: new FakeArtifacts(), journal: new FakeJournal() },
        ...{ folder: "/repository", workerName: workerId, workflow: () => Promise.resolve(aConfig()) },
        prompt: ({ prompt }) => ({ trustedInstructions: "", untrustedInput: prompt, files: [], told: [] }),
        attemptFolders: (sessionId) => Promise.resolve(fakeFolders(sessionId)),
        ...{ startPaused: false, handledSignal: undefined, saveControl: () => Promise.resolve() },
        autoClaim: () => true,
      },
      { provider: "codex", version: "1.0.0" },
    );
    this.#ended.push(worker.run(undefined, this.#end.signal));
  }

  /** A turn of one to three minutes with something to tell now and then. */
  #tool(dice: Dice, clock: ReturnType<Timeline["clockOf"]>): Runtime {
    return {
      provider: "codex",
      probe: () => Promise.resolve({ kind: "ready", provider: "codex", version: "1.0.0" }),
      endLeftovers: () => Promise.resolve(0),
      run: async ({ sessionId }, onEvent, signal): Promise<RunOutcome> => {
        this.runs.set(sessionId, (this.runs.get(sessionId) ?? 0) + 1);
        onEvent({ kind: "threadStarted", threadId: sessionId, model: "scripted", modelProvider: undefined });
        for (let step = 0; step < 3; step += 1) {
          await clock.sleep(dice.between(20_000, 60_000), signal);
          onEvent({ kind: "message", itemId: String(step), text: `Step ${step} is done.`, final: false });
        }
        return { kind: "completed", finalMessage: "Done" };
      },
    };
  }
}

interface Outcome {
  readonly onceEach: number;
  readonly lost: number;
  readonly hours: number;
  /** Of one idle worker. */
  readonly perIdleMinute: number;
}

async function work(workers: number, sessions: number): Promise<Outcome> {
  const fleet = new Fleet();
  for (let n = 0; n < sessions; n += 1) fleet.platform.addWork(`Work ${n}`);
  fleet.open(workers);
  await fleet.until(() => fleet.platform.complete === sessions, longestMs);
  const hours = fleet.timeline.elapsed / 3_600_000;
  // What the last sessions still had to say is over.
  await fleet.pass(minuteMs);
  const before = fleet.platform.requests;
  await fleet.pass(idleMinutes * minuteMs);
  const perIdleMinute = (fleet.platform.requests - before) / workers / idleMinutes;
  await fleet.close();
  if (fleet.errors.length > 0) throw new Error(fleet.errors[0]);
  const { claims, lost } = fleet.platform;
  const onceEach = [...fleet.runs].filter(
    ([sessionId, runs]) => runs === 1 && claims.get(sessionId) === 1,
  ).length;
  return { onceEach, lost, hours, perIdleMinute };
}

/** Many workers on one platform, against one: nothing is done twice, and nobody asks more because there are others. */
export const scale: Row = {
  name: "scale",
  run: async () => {
    const sessions = 10_000;
    const workers = 200;
    const few = 50;
    const quickly = useQuickAbort();
    try {
      const one = await work(1, few);
      const many = await work(workers, sessions);
      return figures(one, many, { workers, sessions, few });
    } finally {
      quickly();
    }
  },
};

function figures(
  one: Outcome,
  many: Outcome,
  { workers, sessions, few }: { readonly workers: number; readonly sessions: number; readonly few: number },
): readonly Figure[] {
  const ratio = many.perIdleMinute / one.perIdleMinute;
  return [
    {
      what: `${sessions.toLocaleString("en")} sessions, ${workers} workers: executed once`,
      ours: `${many.onceEach.toLocaleString("en")} in ${many.hours.toFixed(1)} h`,
      baseline: `${one.onceEach} of ${few} with 1 worker`,
      ratio: undefined,
      goal: "each once",
      met: many.onceEach === sessions && one.onceEach === few,
    },
    {
      what: "requests per idle worker and minute",
      ours: many.perIdleMinute.toFixed(2),
      baseline: `${one.perIdleMinute.toFixed(2)} with 1 worker`,
      ratio,
      goal: "constant (≤ 1.05)",
      met: ratio <= 1.05,
    },
    {
      what: "claims that another worker had won, per session",
      ours: (many.lost / sessions).toFixed(2),
      baseline: (one.lost / few).toFixed(2),
      ratio: undefined,
      goal: "(a count)",
      met: true,
    },
  ];
}
