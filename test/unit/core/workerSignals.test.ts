import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import { aRecord, aSession } from "../../fakes/builders";
import { lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

describe("control signals and pausing", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
  });

  it("pauses: no new session, the running one lives on; resumes: claims again", async () => {
    await world.start();
    const pause = world.platform.signal("pause");
    await world.clock.advance(5000);
    assert.equal(world.store.state.phase.kind, "paused");
    assert.deepEqual(world.platform.acknowledged, [pause]);
    world.platform.add(aSession({ sessionId: "s2" }));
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    await world.clock.advance(60_000);
    assert.equal(world.platform.count("claim", "s2"), 0);
    assert.equal(world.heartbeat.facts?.state, "paused");
    const resume = world.platform.signal("resume");
    await world.untilPhase("s2", "running", 10_000);
    assert.deepEqual(world.platform.acknowledged, [pause, resume]);
    assert.equal(world.store.state.phase.kind, "online");
    assert.equal(world.heartbeat.states.at(-1), "busy");
  });

  it("stays paused over a reload: the running session goes on, no other is claimed until resumed", async () => {
    const worker = await world.start();
    worker.pause();
    await world.endProcess();
    const fresh = await world.start();
    await world.untilPhase("s1", "running", 10_000);
    world.platform.add(aSession({ sessionId: "s2" }));
    await world.clock.advance(60_000);
    assert.equal(world.store.state.phase.kind, "paused");
    assert.equal(world.heartbeat.facts?.state, "paused");
    assert.equal(world.platform.count("claim", "s2"), 0);
    fresh.resume();
    await world.untilPhase("s2", "running", 10_000);
    assert.equal(world.paused, false);
  });

  it("acknowledges a pause only when it would survive a crash", async () => {
    await world.start();
    let saved: () => void = () => undefined;
    world.beforeSave = () => new Promise((resolve) => (saved = resolve));
    const pause = world.platform.signal("pause");
    await world.clock.advance(5000);
    assert.equal(world.store.state.phase.kind, "paused");
    assert.deepEqual(world.platform.acknowledged, []);
    saved();
    await world.clock.advance(100);
    assert.deepEqual(world.platform.acknowledged, [pause]);
  });

  it("tells idle, busy, paused, stopping in its beats", async () => {
    const worker = await world.start();
    worker.pause();
    worker.resume();
    await world.clock.advance(100);
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    world.platform.add(aSession({ sessionId: "s2" }));
    worker.pollNow();
    await world.untilPhase("s2", "running", 5000);
    worker.drain({ kind: "stopped", bySignal: false });
    assert.deepEqual(world.heartbeat.states, ["idle", "busy", "paused", "busy", "idle", "busy", "stopping"]);
    assert.equal(world.heartbeat.facts?.activeSessions, 1);
  });

  it("stops: finishes the running turn while it goes on beating, acknowledges after, exits", async () => {
    await world.start();
    const stop = world.platform.signal("stop");
    world.platform.add(aSession({ sessionId: "s2" }));
    await world.clock.advance(60_000);
    assert.equal(world.store.state.phase.kind, "stopping");
    assert.equal(world.exit, undefined);
    assert.deepEqual(world.platform.acknowledged, []);
    assert.equal(world.heartbeat.running, true);
    assert.equal(world.heartbeat.facts?.state, "stopping");
    world.runtime.open("s1");
    assert.deepEqual(await world.untilExit(), { kind: "stopped", bySignal: true });
    assert.equal(world.platform.status("s1"), "complete");
    assert.equal(world.platform.status("s2"), "queued");
    assert.deepEqual(world.platform.acknowledged, [stop]);
    assert.equal(world.heartbeat.running, false);
  });

  it("acknowledges a stop only when it would survive a crash", async () => {
    await world.start();
    let saved: () => void = () => undefined;
    world.saveStopped = () => new Promise((resolve) => (saved = resolve));
    const stop = world.platform.signal("stop");
    world.runtime.open("s1");
    await world.clock.advance(20_000);
    assert.equal(world.platform.status("s1"), "complete");
    assert.deepEqual(world.platform.acknowledged, []);
    saved();
    assert.deepEqual(await world.untilExit(), { kind: "stopped", bySignal: true });
    assert.deepEqual(world.platform.acknowledged, [stop]);
  });

  it("stops though the acknowledgement cannot be sent", async () => {
    await world.start();
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    world.platform.onCall = (call) =>
      call.operation === "acknowledge" ? { error: lostAnswer() } : undefined;
    world.platform.signal("stop");
    assert.deepEqual(await world.untilExit(), { kind: "stopped", bySignal: true });
  });

  it("releases on a stop what an earlier process left unfinished", async () => {
    world.journal.records.set("s1", aRecord());
    world.platform.giveClaim("s1");
    world.slots.elsewhere = 3;
    await world.start();
    const stop = world.platform.signal("stop");
    assert.deepEqual(await world.untilExit(), { kind: "stopped", bySignal: true });
    assert.equal(world.platform.status("s1"), "queued");
    assert.equal(world.journal.get("s1")?.outcome, "released");
    assert.equal(world.phase("s1"), "released");
    assert.deepEqual(world.platform.acknowledged, [stop]);
  });

  it("restarts: finishes the turn, and the fresh worker acknowledges", async () => {
    await world.start();
    const restart = world.platform.signal("restart");
    await world.clock.advance(10_000);
    assert.equal(world.exit, undefined);
    world.runtime.open("s1");
    assert.deepEqual(await world.untilExit(), { kind: "restart", signalId: restart });
    assert.deepEqual(world.platform.acknowledged, []);
    await world.start(restart);
    await world.clock.advance(10_000);
    assert.deepEqual(world.platform.acknowledged, [restart]);
    assert.equal(world.exit, undefined, "it is not restarted again");
  });

  it("keeps on a restart the claims that wait for a slot", async () => {
    world.journal.records.set("s1", aRecord());
    world.platform.giveClaim("s1");
    world.slots.elsewhere = 3;
    await world.start();
    world.platform.signal("restart");
    assert.equal((await world.untilExit()).kind, "restart");
    assert.equal(world.platform.status("s1"), "active");
    assert.equal(world.journal.get("s1")?.outcome, "running");
  });

  it("lets a stop win over a restart that is still draining, and acknowledges only the stop", async () => {
    await world.start();
    world.platform.signal("restart");
    await world.clock.advance(6000);
    const stop = world.platform.signal("stop");
    await world.clock.advance(6000);
    world.runtime.open("s1");
    assert.deepEqual(await world.untilExit(), { kind: "stopped", bySignal: true });
    assert.deepEqual(world.platform.acknowledged, [stop]);
  });

  it("lets a person's stop win over a restart that is still draining", async () => {
    const worker = await world.start();
    world.platform.signal("restart");
    await world.clock.advance(6000);
    worker.drain({ kind: "stopped", bySignal: false });
    world.runtime.open("s1");
    assert.deepEqual(await world.untilExit(), { kind: "stopped", bySignal: false });
  });

  it("lets the last of a stop and a restart by signal decide", async () => {
    await world.start();
    world.platform.signal("stop");
    await world.clock.advance(6000);
    const restart = world.platform.signal("restart");
    await world.clock.advance(6000);
    world.runtime.open("s1");
    assert.deepEqual(await world.untilExit(), { kind: "restart", signalId: restart });
    assert.deepEqual(world.platform.acknowledged, []);
  });

  it("acts once on a signal whose acknowledgement is lost, and acknowledges it again", async () => {
    const worker = await world.start();
    let acknowledgements = 0;
    world.platform.onCall = (call) => {
      if (call.operation !== "acknowledge") return undefined;
      acknowledgements += 1;
      return acknowledgements < 3 ? { error: lostAnswer() } : undefined;
    };
    const pause = world.platform.signal("pause");
    await world.clock.advance(5000);
    assert.equal(world.store.state.phase.kind, "paused");
    worker.resume();
    await world.clock.advance(15_000);
    assert.equal(world.store.state.phase.kind, "online", "the person's word after it is not undone");
    assert.deepEqual(world.platform.acknowledged, [pause]);
  });

  it("leaves a signal of an unknown type alone", async () => {
    await world.start();
    world.platform.controlSignal = { signalId: "x", type: "unknown" };
    await world.clock.advance(20_000);
    assert.deepEqual(world.platform.acknowledged, []);
    assert.equal(world.store.state.phase.kind, "online");
  });

  it("collapses a quick pause, resume, pause to the last", async () => {
    await world.start();
    world.platform.signal("pause");
    world.platform.signal("resume");
    const last = world.platform.signal("pause");
    await world.clock.advance(10_000);
    assert.equal(world.store.state.phase.kind, "paused");
    assert.deepEqual(world.platform.acknowledged, [last]);
  });

  it("reads signals on while the record cannot be read for a while", async () => {
    await world.start();
    world.platform.onCall = (call) =>
      call.operation === "getWorker" ? { error: refused("server") } : undefined;
    world.platform.signal("pause");
    await world.clock.advance(20_000);
    world.platform.onCall = () => undefined;
    await world.clock.advance(5000);
    assert.equal(world.store.state.phase.kind, "paused");
  });

  it("ends all sessions without claiming others meanwhile", async () => {
    world.platform.add(aSession({ sessionId: "s2" }));
    const worker = await world.start();
    world.platform.add(aSession({ sessionId: "s3" }));
    const ended = worker.endAll({ kind: "released", byPerson: false, message: "Signing out." }, neverAborted);
    await world.clock.advance(10_000);
    await ended;
    assert.equal(world.platform.count("claim"), 2);
    assert.equal(world.platform.status("s1"), "queued");
  });
});
