import assert from "node:assert/strict";
import type { ToolCall } from "../../../src/core/ports/tools";
import type { Session } from "../../../src/core/session";
import { aConfig } from "../../fakes/builders";
import type { Call, Fault } from "../../fakes/fakePlatform";
import { lostAnswer } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { aRunSession, order, runBranch, runPatches, toGroup, using } from "../../fakes/runs";
import { World } from "../../fakes/world";

interface Step {
  readonly mode: string;
  readonly what?: string;
  /** A model that goes on after a kill does not call again what it called before. */
  readonly callsOnce?: boolean;
  readonly session: Session;
  readonly uses: readonly ToolCall[];
  /** What the run waits for, in the order in which it has to come. */
  readonly expected: readonly string[];
}

const task = { taskId: "task-1" };
const approve: ToolCall = { tool: "set_review_verdict", verdict: "approve", reason: "It holds." };
const mine: ToolCall = { tool: "write_document", title: "Mine", content: "1. Look." };
const next = { nextTarget: toGroup };
const steps: readonly Step[] = [
  { mode: "plan", session: aRunSession("plan", next, task), uses: [], expected: ["document", "child"] },
  ...[true, false].map((callsOnce) => ({
    mode: "plan",
    what: `plan with a document of the model's${callsOnce ? "" : ", which calls again"}`,
    callsOnce,
    session: aRunSession("plan", next, task),
    uses: [mine],
    expected: ["document", "child"],
  })),
  { mode: "code", session: aRunSession("code", next), uses: [], expected: ["push", "confirm", "child"] },
  {
    mode: "review",
    session: aRunSession("review", next, task),
    uses: [approve],
    expected: ["document", "verdict", "child"],
  },
];

/** The first answer to each call of a kind that changes something is lost. */
function losesFirst(): (call: Call) => Fault | undefined {
  const lost = new Set<string>();
  return ({ operation }) => {
    if (["poll", "get", "getWorker", "renew"].includes(operation) || lost.has(operation)) return undefined;
    lost.add(operation);
    return { error: lostAnswer(), acted: true };
  };
}

const scenes = [
  { name: "and started again at once", awayMs: 500, onCall: () => () => undefined },
  { name: "and started again when its claim has run out", awayMs: 300_000, onCall: () => () => undefined },
  { name: "with answers lost, and started again at once", awayMs: 500, onCall: losesFirst },
] as const;

/** What happened that the run waits for, each kind at its first time, and the child at every one. */
class Seen {
  readonly happened: string[] = [];

  constructor(world: World) {
    const { platform, worktrees } = world;
    const pushed = worktrees.publishRun.bind(worktrees);
    worktrees.publishRun = async (...all) => {
      const published = await pushed(...all);
      this.#once("push");
      return published;
    };
    const onPatched = platform.onPatched.bind(platform);
    platform.onPatched = (sessionId, metadata) => {
      onPatched(sessionId, metadata);
      if (metadata.workflowPushConfirmed === true) this.#once("confirm");
      if (metadata.reviewVerdict !== undefined) this.#once("verdict");
    };
    const { documents, delegated } = platform;
    const over = (list: unknown[], what: string): void => {
      const push = list.push.bind(list);
      list.push = (...more) => {
        this.happened.push(what);
        assert.equal(platform.status("s1"), "active", `${what} while the session is not active`);
        return push(...more);
      };
    };
    over(documents, "document");
    over(delegated, "child");
  }

  #once(what: string): void {
    if (!this.happened.includes(what)) this.happened.push(what);
  }
}

function aWorld(step: Step, onCall: (call: Call) => Fault | undefined): { world: World; seen: Seen } {
  const world = new World();
  world.config = aConfig({ leaseSeconds: 120 });
  world.worktrees.remote.set(runBranch, "b".repeat(40));
  world.platform.onCall = onCall;
  world.platform.add(step.session);
  const [calls, silent] = [using([], ...step.uses), using([])];
  world.runtime.script = (run) =>
    (step.callsOnce === true && run.request.resumeThreadId !== undefined ? silent : calls)(run);
  return { world, seen: new Seen(world) };
}

async function untilOver(world: World): Promise<void> {
  await world.clock.until("the end", () => world.dead || world.phase("s1") === "complete", 200_000);
}

function assertDone(world: World, seen: Seen, step: Step): void {
  assert.deepEqual(seen.happened, step.expected);
  assert.equal(world.platform.delegated.length, 1, "the child is created once");
  assert.ok(world.platform.documents.length <= 1, "the document is written once");
  assert.equal(order(world).at(-1), "complete");
  assert.equal(world.platform.status("s1"), "complete");
  const { remarks } = world.platform.of("s1");
  assert.deepEqual(remarks, []);
  if (step.mode === "review") assert.deepEqual(runPatches(world)[0], { reviewVerdict: "approve" });
  if (step.mode !== "code") assert.equal(world.worktrees.commits.length, 0);
}

describe("a session of a run whose worker is killed at any step", () => {
  for (const step of steps) {
    for (const { name, awayMs, onCall } of scenes) {
      it(`does each thing of ${step.what ?? step.mode} once and in order: ${name}`, async function () {
        this.timeout(120_000);
        const whole = aWorld(step, onCall());
        await whole.world.start();
        await untilOver(whole.world);
        assertDone(whole.world, whole.seen, step);
        const count = whole.world.steps;
        await whole.world.endProcess();
        assert.ok(count > 40, `only ${count} steps`);
        for (let at = 1; at <= count; at += 1) {
          try {
            await dieAndLive(step, onCall(), awayMs, at);
          } catch (error) {
            throw new Error(`killed at step ${at} of ${count}`, { cause: error });
          }
        }
      });
    }
  }
});

async function dieAndLive(
  step: Step,
  onCall: (call: Call) => Fault | undefined,
  awayMs: number,
  at: number,
): Promise<void> {
  const { world, seen } = aWorld(step, onCall);
  world.diesAt = at;
  await world.start();
  await untilOver(world);
  if (!world.dead) await world.kill();
  world.diesAt = Infinity;
  await world.clock.advance(awayMs);
  await world.start();
  assertPromises(world);
  await untilOver(world);
  assertDone(world, seen, step);
  assertPromises(world);
  await world.endProcess();
  assert.deepEqual(world.slots.held, []);
}
