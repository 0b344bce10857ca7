import assert from "node:assert/strict";
import { aSession } from "../../fakes/builders";
import { Office } from "../../fakes/office";
import { lostAnswer } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

describe("control signals and the death of the process", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
  });
  /** The platform hears of no acknowledgement, or hears it and cannot answer. */
  const loseAcknowledgements = (acted = false): void => {
    world.platform.onCall = (call) =>
      call.operation === "acknowledge" ? { error: lostAnswer(), acted } : undefined;
  };
  const hearAgain = (): void => {
    world.platform.onCall = () => undefined;
  };

  it("a pause that was carried out and not acknowledged is only acknowledged by the next process", async () => {
    await world.start();
    loseAcknowledgements();
    const pause = world.platform.signal("pause");
    await world.clock.advance(6000);
    assert.equal(world.store.state.phase.kind, "paused");
    await world.kill();
    hearAgain();
    const fresh = await world.start();
    fresh.resume();
    await world.clock.advance(6000);
    assert.deepEqual(world.platform.acknowledged, [pause]);
    assert.equal(world.store.state.phase.kind, "online", "the person's word after it is not undone");
  });

  it("a pause that the process did not live to note is carried out by the next one", async () => {
    await world.start();
    world.beforeSave = () => new Promise(() => undefined);
    const pause = world.platform.signal("pause");
    await world.clock.advance(6000);
    await world.kill();
    assert.equal(world.paused, false);
    world.beforeSave = () => Promise.resolve();
    await world.start();
    await world.clock.advance(6000);
    assert.equal(world.store.state.phase.kind, "paused");
    assert.deepEqual(world.platform.acknowledged, [pause]);
  });

  it("a pause that the disk does not take is acknowledged once it does", async () => {
    await world.start();
    world.beforeSave = () => Promise.reject(new Error("the disk is full"));
    const pause = world.platform.signal("pause");
    await world.clock.advance(20_000);
    assert.equal(world.store.state.phase.kind, "paused", "it holds all the same");
    assert.deepEqual(world.platform.acknowledged, []);
    world.beforeSave = () => Promise.resolve();
    await world.clock.advance(6000);
    assert.deepEqual(world.platform.acknowledged, [pause]);
    assert.equal(world.paused, true);
  });

  for (const how of ["the answer is lost", "the process is killed"] as const) {
    it(`a stop that was carried out stops no worker that a person starts after: ${how}`, async () => {
      await world.start();
      world.runtime.open("s1");
      await world.untilPhase("s1", "complete");
      loseAcknowledgements();
      const stop = world.platform.signal("stop");
      if (how === "the process is killed") {
        let reached = false;
        world.platform.onCall = (call) => {
          if (call.operation !== "acknowledge") return undefined;
          reached = true;
          return { gate: new Promise(() => undefined) };
        };
        await world.clock.until("the acknowledgement leaves", () => reached);
        await world.kill();
      } else await world.untilExit();
      assert.equal(world.stopped, true);
      hearAgain();
      await world.start();
      await world.clock.advance(20_000);
      assert.deepEqual(world.platform.acknowledged, [stop]);
      assert.equal(world.exit, undefined);
      assert.equal(world.store.state.phase.kind, "online");
    });
  }

  it("a stop that was not carried out yet is carried out by the next process", async () => {
    await world.start();
    await world.untilPhase("s1", "running");
    const stop = world.platform.signal("stop");
    await world.clock.advance(6000);
    assert.equal(world.store.state.phase.kind, "stopping");
    await world.kill();
    assert.equal(world.stopped, false);
    await world.start();
    assert.deepEqual(await world.untilExit(), { kind: "stopped", bySignal: true });
    assert.equal(world.platform.status("s1"), "queued", "what it cannot finish is released");
    assert.deepEqual(world.platform.acknowledged, [stop]);
    assert.equal(world.stopped, true);
  });

  it("a restart is not carried out twice when the process dies before the fresh worker runs", async () => {
    await world.start();
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    const restart = world.platform.signal("restart");
    await world.untilExit();
    await world.kill();
    await world.start();
    await world.clock.advance(20_000);
    assert.equal(world.exit, undefined);
    assert.deepEqual(world.platform.acknowledged, [restart]);
  });

  it("a new signal of the same kind is carried out", async () => {
    await world.start();
    world.platform.signal("pause");
    await world.clock.advance(6000);
    await world.kill();
    const fresh = await world.start();
    fresh.resume();
    await world.clock.advance(6000);
    const again = world.platform.signal("pause");
    await world.clock.advance(6000);
    assert.equal(world.store.state.phase.kind, "paused");
    assert.equal(world.platform.acknowledged.at(-1), again);
  });

  it("a pause that comes while a restart drains holds for the fresh worker", async () => {
    await world.start();
    await world.untilPhase("s1", "running");
    const restart = world.platform.signal("restart");
    await world.clock.advance(6000);
    const pause = world.platform.signal("pause");
    await world.clock.advance(6000);
    assert.deepEqual(world.platform.acknowledged, [pause]);
    world.runtime.open("s1");
    await world.untilExit();
    assert.equal(world.handledSignal, restart);
    await world.start(restart);
    assert.equal(world.store.state.phase.kind, "paused");
  });

  it("an acknowledgement that hangs holds up no later signal", async () => {
    await world.start();
    let hang = true;
    world.platform.onCall = (call) =>
      call.operation === "acknowledge" && hang ? { gate: new Promise(() => undefined) } : undefined;
    world.platform.signal("pause");
    await world.clock.advance(6000);
    assert.equal(world.store.state.phase.kind, "paused");
    const resume = world.platform.signal("resume");
    await world.clock.until("resumed", () => world.store.state.phase.kind === "online", 20_000);
    hang = false;
    await world.clock.advance(20_000);
    assert.deepEqual(world.platform.acknowledged, [resume]);
  });

  it("reads the record every 5 s, however slow the answers are", async () => {
    await world.start();
    world.platform.onCall = (call) =>
      call.operation === "getWorker"
        ? { gate: world.clock.sleep(3000, new AbortController().signal) }
        : undefined;
    const before = world.platform.count("getWorker");
    await world.clock.advance(50_000);
    const reads = world.platform.count("getWorker") - before;
    assert.ok(reads >= 9 && reads <= 11, `${reads} reads`);
  });
});

describe("a stop by signal whose acknowledgement is lost", () => {
  it("keeps the worker stopped over a reload, and lets a person start it for good", async () => {
    const office = new Office();
    const window = await office.openConfigured();
    office.platform.onCall = (call) =>
      call.operation === "acknowledge" ? { error: lostAnswer() } : undefined;
    const stop = office.platform.signal("stop");
    await window.until("stopped");
    await window.close();
    const reloaded = await office.open();
    await office.clock.advance(30_000);
    assert.equal(reloaded.kind, "stopped");
    assert.deepEqual(office.platform.acknowledged, []);
    office.platform.onCall = () => undefined;
    await reloaded.controller.start();
    await reloaded.until("online");
    await office.clock.advance(30_000);
    assert.equal(reloaded.kind, "online");
    assert.deepEqual(office.platform.acknowledged, [stop]);
    assert.equal(office.stored()?.handledSignal, stop);
    await office.close();
    assert.deepEqual(office.errors, []);
  });
});

describe("sessions that are cancelled on the platform", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
  });

  it("stop within 10 s, also while the platform is slow about the others", async () => {
    world.platform.add(aSession({ sessionId: "s2" }), aSession({ sessionId: "s3" }));
    await world.start();
    await world.untilPhase("s3", "running");
    world.platform.onCall = (call) =>
      call.operation === "get" && call.sessionId !== "s2"
        ? { gate: new Promise(() => undefined) }
        : undefined;
    for (const wait of [0, 1100, 2700, 4300]) await world.clock.advance(wait);
    world.platform.cancel("s2");
    await world.untilPhase("s2", "cancelled", 6000);
    assert.equal(world.phase("s1"), "running");
  });

  it("stop within 10 s though each answer takes 3 s", async () => {
    await world.start();
    await world.untilPhase("s1", "running");
    world.platform.onCall = (call) =>
      call.operation === "get" ? { gate: world.clock.sleep(3000, new AbortController().signal) } : undefined;
    await world.clock.advance(12_300);
    world.platform.cancel("s1");
    await world.untilPhase("s1", "cancelled", 10_000);
  });

  it("stop within 10 s while they are prepared", async () => {
    world.worktrees.beforePrepare = () => new Promise(() => undefined);
    await world.start();
    await world.untilPhase("s1", "preparing");
    world.platform.cancel("s1");
    await world.untilPhase("s1", "cancelled", 10_000);
    assert.equal(world.runtime.runs.length, 0);
  });
});
