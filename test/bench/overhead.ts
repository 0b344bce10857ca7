import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Store } from "../../src/core/store";
import type { Worker } from "../../src/core/worker";
import { codexBinary } from "../fakes/codexBinary";
import { TimedPlatform } from "./calls";
import { median, type Figure, type Row } from "./table";
import { Workshop } from "./workshop";

const pairsEach = 10;
const thinkMs = 1500;
const prompt = "Please add a note to the repository.";

/** What a person does by hand: a worktree, the tool, a commit; milliseconds. */
async function byHand(workshop: Workshop, name: string): Promise<number> {
  const { environment: env, project, root } = workshop;
  const place = join(root, "by-hand", name);
  const git = (cwd: string, ...args: readonly string[]): void => {
    execFileSync("git", args, { cwd, env, stdio: "ignore" });
  };
  const startedAt = performance.now();
  git(project, "worktree", "add", "--quiet", "-b", name, place, "main");
  const tool = spawn(codexBinary(), ["exec", "--sandbox", "workspace-write", prompt], {
    cwd: place,
    env,
    stdio: "ignore",
  });
  await once(tool, "exit");
  if (tool.exitCode !== 0) throw new Error(`codex exec ended with ${String(tool.exitCode)}`);
  git(place, "add", "--all");
  git(place, "commit", "--quiet", "--message", "Add a note");
  return performance.now() - startedAt;
}

interface Pair {
  readonly oursMs: number;
  readonly handMs: number;
  /** From the decision to complete until the last activity left, which waits for the second since the one before it. */
  readonly waitedMs: number;
}

/** Alternating pairs, so that both meet the same machine. */
class Pairs {
  readonly #workshop: Workshop;
  readonly #timed: TimedPlatform;
  readonly #store = new Store((error) => process.stderr.write(`${String(error)}\n`));
  #worker: Worker | undefined;
  #count = 0;
  #reportingAt = Number.NaN;

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
    this.#timed = new TimedPlatform(workshop.platform);
  }

  async start(): Promise<void> {
    let shown: string | undefined;
    this.#store.onDidChange(({ sessions }) => {
      const finishing = [...sessions.values()].find((one) => one.phase === "finishing");
      // The last of what it shows then is that it reports.
      if (finishing !== undefined && finishing.detail !== shown) this.#reportingAt = performance.now();
      shown = finishing?.detail;
    });
    this.#worker = await this.#workshop.start(this.#store, this.#workshop.config(), this.#timed.platform);
  }

  async run(count: number): Promise<readonly Pair[]> {
    const done: Pair[] = [];
    for (let pair = 0; pair < count; pair += 1) {
      this.#count += 1;
      const before = pair % 2 === 0 ? await this.#byHand() : undefined;
      const ours = await this.#byWorker();
      done.push({ ...ours, handMs: before ?? (await this.#byHand()) });
    }
    return done;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #byHand(): Promise<number> {
    return byHand(this.#workshop, `hand${this.#count}`);
  }

  async #byWorker(): Promise<Omit<Pair, "handMs">> {
    await this.#workshop.queue(`Task ${this.#count}`, prompt);
    this.#worker?.pollNow();
    await this.#timed.completed(this.#count);
    const [claim, last, end] = (["claim", "activity", "complete"] as const).map((one) =>
      this.#timed.of(one).at(-1),
    );
    if (claim === undefined || last === undefined || end === undefined) throw new Error("nothing was done");
    const waitedMs = Math.max(0, last.startedAt - this.#reportingAt);
    return { oursMs: end.answeredAt - claim.startedAt, waitedMs };
  }
}

function figureOf(how: string, pairs: readonly Pair[]): Figure {
  const [ours, hand, waited] = [
    median(pairs.map((one) => one.oursMs)),
    median(pairs.map((one) => one.handMs)),
    median(pairs.map((one) => one.waitedMs)),
  ];
  const above = median(pairs.map((one) => one.oursMs - one.handMs));
  return {
    what: `claim to finished session, ${pairs.length} pairs, ${how}`,
    ours: `${ours.toFixed(0)} ms: ${above.toFixed(0)} above, of which the last report waits ${waited.toFixed(0)}`,
    baseline: `${hand.toFixed(0)} ms git worktree add, codex exec, commit`,
    ratio: ours / hand,
    goal: "≤ 300 ms above",
    met: above <= 300,
  };
}

/**
 * A session from its claim to its completion, against the same by hand with the same codex, model and turn. At most one
 * report a second leaves, also at the end: behind a model that answers at once the last one has to wait for that.
 */
export const overhead: Row = {
  name: "overhead",
  run: async () => {
    const workshop = await Workshop.open();
    const pairs = new Pairs(workshop);
    try {
      await pairs.start();
      const atOnce = await pairs.run(pairsEach);
      await workshop.choose(thinkMs);
      const slower = await pairs.run(pairsEach);
      return [
        figureOf("a model that answers at once", atOnce),
        figureOf(`a model that takes ${thinkMs / 1000} s for an answer`, slower),
      ];
    } finally {
      pairs.dispose();
      await workshop.close();
    }
  },
};
