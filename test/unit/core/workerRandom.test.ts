import assert from "node:assert/strict";
import fc from "fast-check";
import type { Random } from "../../../src/base/random";
import { aConfig, aSession } from "../../fakes/builders";
import type { Call, Fault } from "../../fakes/fakePlatform";
import { completed, failed, type Script } from "../../fakes/fakeRuntime";
import { Nights } from "../../fakes/nights";
import { lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { seededRandom } from "../../fakes/seededRandom";
import { World } from "../../fakes/world";

const sessions = ["s1", "s2", "s3"];
const calmAfterMs = 90_000;
const signals = ["pause", "resume", "pause", "resume", "restart", "stop"] as const;

/** Refused, lost on the way there, or lost on the way back. */
function randomFault(call: Call, random: Random, share: number): Fault | undefined {
  if (random.next() >= share) return undefined;
  const dice = random.next();
  if (dice < 0.25) return { error: refused("server") };
  if (dice < 0.4) return { error: refused("rateLimited", "wait", 2000) };
  return { error: lostAnswer(), acted: dice < 0.75 && call.operation !== "getWorker" };
}

/** Works a random while with a few reports, and now and then fails. */
function randomWork(world: World, random: Random): Script {
  return async ({ emit, request, signal }) => {
    emit({ kind: "processStarted", processId: 1 });
    const threadId = request.resumeThreadId ?? `thread-${request.sessionId}`;
    emit({ kind: "threadStarted", threadId, model: undefined, modelProvider: undefined });
    for (let step = 0; step < 6; step += 1) {
      await world.clock.sleep(random.next() * 4000, signal);
      emit({ kind: "message", itemId: `m${step}`, text: `Step ${step}`, final: false });
      const steps = [{ text: `step ${step}`, status: "pending" }] as const;
      if (random.next() < 0.3) emit({ kind: "plan", explanation: undefined, steps });
    }
    return random.next() < 0.15 ? failed("turnFailed") : completed;
  };
}

interface Trouble {
  readonly share: number;
  readonly kills: boolean;
  readonly people: boolean;
  /** The machine sleeps, its clock is set. */
  readonly sleeps?: boolean;
  readonly signals?: boolean;
}

async function live(seed: number, trouble: Trouble): Promise<World> {
  const random = seededRandom(seed);
  const world = new World(random);
  const nights = new Nights(world, random);
  world.config = aConfig({
    maxActiveExecutions: 2,
    leaseSeconds: 120,
    maxRetryAttempts: random.next() < 0.5 ? 2 : 0,
  });
  world.platform.add(...sessions.map((sessionId) => aSession({ sessionId })));
  world.platform.onCall = (call) =>
    world.clock.monotonic() < calmAfterMs ? randomFault(call, random, trouble.share) : undefined;
  world.runtime.script = randomWork(world, random);
  await world.start();
  for (let step = 0; step < 60; step += 1) {
    await world.clock.advance(random.next() * 5000);
    assertPromises(world);
    nights.assertProven();
    await goOnAfterExit(world);
    if (world.clock.monotonic() >= calmAfterMs) continue;
    await disturb(world, random, trouble);
    if (trouble.sleeps === true) nights.pass();
  }
  if (world.dead) {
    world.diesAt = Infinity;
    await world.start();
  }
  world.worker?.resume();
  await world.clock.advance(30_000);
  await goOnAfterExit(world);
  world.worker?.resume();
  await world.clock.advance(600_000);
  assertPromises(world);
  nights.assertProven();
  return world;
}

/** A person starts it again, whatever ended it. */
async function goOnAfterExit(world: World): Promise<void> {
  const { exit } = world;
  if (exit === undefined || world.dead) return;
  assert.ok(exit.kind === "stopped" || exit.kind === "restart" || exit.kind === "processEnds", exit.kind);
  if (exit.kind === "stopped") world.paused = false;
  await world.start(exit.kind === "restart" ? exit.signalId : undefined);
}

async function disturb(world: World, random: Random, trouble: Trouble): Promise<void> {
  if (trouble.kills && (world.dead || random.next() < 0.15)) {
    if (world.dead || random.next() < 0.5) await world.kill();
    else await world.endProcess();
    await world.clock.advance(random.next() * 200_000);
    // Some die somewhere in the middle of what they do.
    world.diesAt = random.next() < 0.5 ? Math.ceil(random.next() * 300) : Infinity;
    await world.start();
  }
  if (trouble.signals === true && random.next() < 0.2) {
    world.platform.signal(signals[Math.floor(random.next() * signals.length)] ?? "pause");
  }
  const sessionId = sessions[Math.floor(random.next() * sessions.length)] ?? "s1";
  if (trouble.people && random.next() < 0.1) {
    const status = world.platform.status(sessionId);
    if (status === "active" || status === "queued") world.platform.cancel(sessionId);
  }
}

/** When the trouble is over every session has ended on the platform, and here all is quiet and says the same. */
function assertSettled(world: World, trouble: Trouble): void {
  assert.equal(world.platform.controlSignal, undefined, "every signal is acknowledged");
  const shown = { complete: "complete", error: "failed", cancelled: "cancelled" } as const;
  for (const sessionId of sessions) {
    const status = world.platform.status(sessionId);
    assert.ok(
      status === "complete" || status === "error" || status === "cancelled",
      `${sessionId} is ${status}`,
    );
    const { activities, finishes } = world.platform.of(sessionId);
    for (const { claimId, kind } of finishes) {
      const under = activities.filter((one) => one.claimId === claimId).map((one) => one.activity);
      // Where a claim only told an end anew, its last activity had been stored under the claim before.
      const told = under.length > 0 ? under : activities.map((one) => one.activity);
      if (under.length > 0) assert.equal(told[0]?.sequence, 1);
      const last = { complete: "completion", fail: "failure", release: "release" }[kind];
      assert.equal(told.at(-1)?.type, last, `${sessionId}: the end is told before the finish`);
    }
    if (status !== "cancelled") {
      const ends = finishes.filter((one) => one.kind !== "release");
      assert.equal(ends.length, 1, `${sessionId} is finished once`);
      assert.ok(
        trouble.signals === true || finishes.length === 1,
        `${sessionId} is given back only on a stop`,
      );
      const phase = world.phase(sessionId);
      assert.ok(
        phase === shown[status] || phase === "claimLost",
        `${sessionId} shows ${String(phase)} for ${status}`,
      );
    }
    assert.notEqual(world.journal.get(sessionId)?.outcome, "running");
  }
  assert.equal(world.runtime.live.size, 0);
  assert.deepEqual(world.slots.held, []);
  assert.ok(world.runtime.mostLive <= 2);
}

describe("a worker in random trouble", () => {
  const troubles: readonly [string, Trouble][] = [
    ["answers lost and refused", { share: 0.25, kills: false, people: false }],
    ["answers lost, processes killed", { share: 0.15, kills: true, people: false }],
    ["answers lost, processes killed, sessions cancelled", { share: 0.2, kills: true, people: true }],
    ["answers lost, the machine sleeps", { share: 0.15, kills: false, people: false, sleeps: true }],
    ["answers lost, control signals", { share: 0.15, kills: false, people: false, signals: true }],
    ["all of it", { share: 0.15, kills: true, people: true, sleeps: true, signals: true }],
  ];
  for (const [name, trouble] of troubles) {
    it(`tells every session once and in order: ${name}`, async function () {
      this.timeout(60_000);
      const runs = Number(process.env["RANDOM_RUNS"] ?? "40");
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
          const world = await live(seed, trouble);
          assertSettled(world, trouble);
          await world.endProcess();
        }),
        { numRuns: runs, seed: Number(process.env["RANDOM_SEED"] ?? "1"), endOnFailure: true },
      );
    });
  }
});
