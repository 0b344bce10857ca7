import assert from "node:assert/strict";
import { aConfig, aSession } from "../../fakes/builders";
import type { Call, Fault } from "../../fakes/fakePlatform";
import { completed, type Script } from "../../fakes/fakeRuntime";
import { lostAnswer } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

const lines = 4;

/** Says a few lines that name the run, and completes. Before it starts, what must hold at each spawn is checked. */
function telling(world: World): Script {
  return async ({ emit, request, signal }) => {
    assertMaySpawn(world, request.sessionId, request.marker);
    const run = world.runtime.runs.length;
    emit({ kind: "processStarted", processId: run });
    const threadId = request.resumeThreadId ?? `thread-${run}`;
    emit({ kind: "threadStarted", threadId, model: "m", modelProvider: undefined });
    for (let line = 1; line <= lines; line += 1) {
      emit({ kind: "message", itemId: `${run}-${line}`, text: `run ${run} line ${line}`, final: false });
      await world.clock.sleep(700, signal);
    }
    return completed;
  };
}

/** Nothing is executed without a live claim and a note, nor twice, nor beside what an earlier process left. */
function assertMaySpawn(world: World, sessionId: string, marker: string): void {
  const record = world.journal.get(sessionId);
  assert.equal(record?.step, "executing");
  assert.equal(record.marker, marker);
  assert.equal(record.ran, undefined, "the work was complete already");
  assert.equal(record.ending, undefined, "the end was decided already");
  assert.equal(world.worktrees.commits.length, 0, "its work was committed already");
  assert.equal(world.platform.of(sessionId).claim?.claimId, record.claimId, "without a live claim");
  const earlier = world.runtime.runs.slice(0, -1).map((one) => one.marker);
  for (const one of earlier) assert.ok(world.runtime.swept.includes(one), "leftovers were not ended");
}

/** What the platform, the repository and the screen say when all is over. */
function assertTold(world: World): void {
  assert.equal(world.platform.status("s1"), "complete");
  assert.equal(world.phase("s1"), "complete");
  assert.equal(world.journal.get("s1")?.outcome, "completed");
  assert.ok(world.worktrees.commits.length > 0);
  const { activities, finishes, remarks } = world.platform.of("s1");
  assert.deepEqual(remarks, []);
  assert.deepEqual(
    finishes.map((one) => one.kind),
    ["complete"],
  );
  const told = activities.map((one) => one.activity);
  assert.equal(new Set(told.map((one) => one.activityId)).size, told.length);
  assert.deepEqual(
    told.filter((one) => one.type === "completion"),
    told.slice(-1),
    "the completion is told once, and last",
  );
  const said = told.flatMap((one) => one.message.split("\n\n")).filter((one) => one.startsWith("run "));
  const runs = world.runtime.runs.length;
  for (let run = 1; run <= runs; run += 1) {
    const ofRun = said.filter((one) => one.startsWith(`run ${run} `));
    const expected = Array.from({ length: ofRun.length }, (_one, index) => `run ${run} line ${index + 1}`);
    assert.deepEqual(ofRun, expected, "no line is missing or doubled");
    if (run === runs) assert.equal(ofRun.length, lines, "the last run is told in full");
  }
}

interface Scene {
  readonly name: string;
  /** How long nobody runs after the kill, milliseconds. */
  readonly awayMs: number;
  readonly onCall: () => (call: Call) => Fault | undefined;
}

/** The first answer to each call of a kind that changes something is lost. */
function losesFirst(): (call: Call) => Fault | undefined {
  const lost = new Set<string>();
  return (call) => {
    if (["poll", "get", "getWorker", "renew"].includes(call.operation) || lost.has(call.operation)) {
      return undefined;
    }
    lost.add(call.operation);
    return { error: lostAnswer(), acted: true };
  };
}

const scenes: readonly Scene[] = [
  { name: "and started again at once", awayMs: 500, onCall: () => () => undefined },
  { name: "and started again when its claim has run out", awayMs: 300_000, onCall: () => () => undefined },
  { name: "with answers lost, and started again at once", awayMs: 500, onCall: losesFirst },
  {
    name: "with answers lost, and started again when its claim has run out",
    awayMs: 300_000,
    onCall: losesFirst,
  },
];

function aWorld(scene: Scene): World {
  const world = new World();
  world.config = aConfig({ leaseSeconds: 120 });
  world.platform.onCall = scene.onCall();
  world.platform.add(aSession());
  world.runtime.script = telling(world);
  return world;
}

async function untilOver(world: World): Promise<void> {
  await world.clock.until("the end", () => world.dead || world.phase("s1") === "complete", 200_000);
}

describe("a worker killed at any step", () => {
  for (const scene of scenes) {
    it(`tells every report once and executes nothing twice: ${scene.name}`, async function () {
      this.timeout(120_000);
      const whole = aWorld(scene);
      await whole.start();
      await untilOver(whole);
      const { steps } = whole;
      assertTold(whole);
      await whole.endProcess();
      assert.ok(steps > 60, `only ${steps} steps`);
      for (let step = 1; step <= steps; step += 1) {
        try {
          await dieAndLive(scene, step);
        } catch (error) {
          throw new Error(`killed at step ${step} of ${steps}`, { cause: error });
        }
      }
    });
  }
});

async function dieAndLive(scene: Scene, step: number): Promise<void> {
  const world = aWorld(scene);
  world.diesAt = step;
  await world.start();
  await untilOver(world);
  if (!world.dead) await world.kill();
  world.diesAt = Infinity;
  await world.clock.advance(scene.awayMs);
  await world.start();
  assertPromises(world);
  if (world.phase("s1") === "running") {
    assert.ok(world.platform.of("s1").claim, "shown as running without a claim");
  }
  await untilOver(world);
  assertTold(world);
  assertPromises(world);
  await world.endProcess();
  assert.deepEqual(world.slots.held, []);
}
