import assert from "node:assert/strict";
import { aConfig, aSession } from "../../fakes/builders";
import type { Call } from "../../fakes/fakePlatform";
import { gated } from "../../fakes/fakeRuntime";
import { lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

const hour = 3_600_000;
/** Calls that do something with a claim. */
const sends = new Set<Call["operation"]>(["patch", "activity", "complete", "fail", "release"]);

for (const monotonicRuns of [false, true]) {
  describe(`a machine that slept, with a monotonic clock that ${monotonicRuns ? "runs on" : "stands still"}`, () => {
    let world: World;
    beforeEach(async () => {
      world = new World();
      world.platform.add(aSession());
      await world.start();
      await world.untilPhase("s1", "running");
      await world.clock.advance(1500);
    });
    afterEach(async () => {
      await world.endProcess();
      assertPromises(world);
    });
    /** Sleeps and wakes up; tells the calls from then on. */
    const sleep = (ms: number): (() => readonly Call[]) => {
      world.clock.suspend(ms, monotonicRuns);
      const before = world.platform.calls.length;
      return () => world.platform.calls.slice(before);
    };
    const operations = (calls: () => readonly Call[]): readonly string[] =>
      calls().map((call) => call.operation);

    it("beats, reads signals, looks at its sessions and polls within a second or two", async () => {
      const calls = sleep(60_000);
      const pause = world.platform.signal("pause");
      await world.clock.advance(1500);
      assert.equal(world.heartbeat.hurried, 1);
      assert.ok(operations(calls).includes("renew"));
      assert.ok(operations(calls).includes("poll"));
      assert.ok(operations(calls).includes("get"));
      assert.deepEqual(world.platform.acknowledged, [pause]);
      assert.equal(world.phase("s1"), "running");
    });

    it("goes on with a claim that still lives, and sends nothing before it is proven", async () => {
      let open: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (open = resolve));
      world.platform.onCall = (call) => (call.operation === "renew" ? { gate } : undefined);
      const calls = sleep(60_000);
      world.runtime.open("s1");
      await world.clock.advance(5000);
      assert.deepEqual(
        calls().filter((call) => sends.has(call.operation)),
        [],
      );
      open();
      await world.untilPhase("s1", "complete");
      assert.equal(world.platform.count("claim"), 1);
      const [first] = calls().filter((call) => call.operation === "renew" || sends.has(call.operation));
      assert.equal(first?.operation, "renew");
    });

    it("reclaims within 30 s a session that went stale, and sends nothing with the dead claim", async () => {
      const dead = world.platform.of("s1").claim?.claimId;
      const calls = sleep(2 * hour);
      const wokenAt = world.clock.monotonic();
      await world.clock.until("the new claim", () => world.platform.count("claim") === 2, 30_000);
      assert.ok(world.clock.monotonic() - wokenAt <= 30_000);
      await world.untilPhase("s1", "running");
      world.runtime.open("s1");
      await world.untilPhase("s1", "complete");
      assert.deepEqual(
        calls().filter((call) => sends.has(call.operation) && call.claimId === dead),
        [],
      );
      assert.equal(world.platform.of("s1").finishes.length, 1);
    });

    it("gives up within 30 s of awake time when the platform cannot be reached", async () => {
      world.platform.onCall = () => ({ error: lostAnswer() });
      sleep(60_000);
      const wokenAt = world.clock.monotonic();
      await world.clock.until("the end", () => world.runtime.live.size === 0, 40_000);
      assert.ok(world.clock.monotonic() - wokenAt <= 32_000);
      assert.equal(world.phase("s1"), "claimLost");
      world.platform.onCall = () => undefined;
      await world.clock.advance(1000);
    });

    it("waits for no answer to what it asked before the sleep", async () => {
      world.platform.onCall = (call) =>
        call.operation === "poll" || call.operation === "getWorker"
          ? { gate: new Promise(() => undefined) }
          : undefined;
      world.worker?.pollNow();
      await world.clock.advance(6000);
      world.platform.onCall = () => undefined;
      const calls = sleep(60_000);
      const pause = world.platform.signal("pause");
      await world.clock.advance(3000);
      assert.ok(operations(calls).includes("poll"));
      assert.deepEqual(world.platform.acknowledged, [pause]);
    });

    it("waits out no 429 from before the sleep", async () => {
      world.platform.onCall = (call) =>
        call.operation === "poll" ? { error: refused("rateLimited", "wait", 600_000) } : undefined;
      world.worker?.pollNow();
      await world.clock.advance(1000);
      world.platform.onCall = () => undefined;
      const calls = sleep(hour);
      await world.clock.advance(30_000);
      assert.ok(operations(calls).includes("poll"));
    });

    it("verifies the claim of a run that slept in the middle of its preparation before anything is spawned", async () => {
      world.platform.add(aSession({ sessionId: "s2" }));
      let prepared: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (prepared = resolve));
      world.worktrees.beforePrepare = () => gate;
      world.worker?.pollNow();
      await world.untilPhase("s2", "preparing");
      await world.clock.advance(1000);
      let open: () => void = () => undefined;
      const renewal = new Promise<void>((resolve) => (open = resolve));
      world.platform.onCall = (call) => (call.operation === "renew" ? { gate: renewal } : undefined);
      sleep(60_000);
      prepared();
      await world.clock.advance(5000);
      assert.equal(world.runtime.runs.filter((one) => one.sessionId === "s2").length, 0);
      open();
      await world.untilPhase("s2", "running");
    });

    it("ends at once with its process while a claim is being verified", async () => {
      world.platform.onCall = (call) =>
        call.operation === "renew" ? { gate: new Promise(() => undefined) } : undefined;
      sleep(60_000);
      await world.clock.advance(2000);
      await world.endProcess();
      assert.deepEqual(world.exit, { kind: "processEnds" });
    });

    it("sleeps again and again without harm", async () => {
      for (let night = 0; night < 5; night += 1) {
        sleep(60_000 * (night + 1));
        await world.clock.advance(20_000);
      }
      assert.equal(world.phase("s1"), "running");
      assert.equal(world.heartbeat.hurried, 5);
      world.runtime.open("s1");
      await world.untilPhase("s1", "complete");
    });
  });
}

describe("a wall clock that is set", () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.config = aConfig({ leaseSeconds: 120 });
    world.platform.add(aSession());
    world.runtime.script = gated;
    await world.start();
    await world.untilPhase("s1", "running");
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
  });

  for (const step of [-60_000, -24 * hour, -400 * 24 * hour]) {
    it(`back by ${-step / 1000} s harms nothing`, async () => {
      const polls = world.platform.count("poll");
      const renewals = world.platform.count("renew");
      world.clock.jumpWall(step);
      // The platform's clock is another one, and was not set.
      world.platform.skew -= step;
      await world.clock.advance(120_000);
      assert.equal(world.heartbeat.hurried, 0, "it is no wake-up");
      assert.equal(world.phase("s1"), "running");
      assert.ok(world.platform.count("poll") - polls >= 3);
      assert.ok(world.platform.count("renew") - renewals >= 2);
      world.runtime.open("s1");
      await world.untilPhase("s1", "complete");
    });
  }

  it("ahead by a day is a wake-up, and the work goes on", async () => {
    world.clock.jumpWall(24 * hour);
    world.platform.skew -= 24 * hour;
    await world.clock.advance(5000);
    assert.equal(world.heartbeat.hurried, 1);
    assert.equal(world.phase("s1"), "running");
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    assert.equal(world.platform.count("claim"), 1);
  });

  it("by small steps, again and again, wakes nobody", async () => {
    for (let second = 0; second < 600; second += 1) {
      world.clock.jumpWall(second % 2 === 0 ? 1500 : -1400);
      await world.clock.advance(1000);
    }
    assert.equal(world.heartbeat.hurried, 0);
    assert.equal(world.phase("s1"), "running");
  });
});
