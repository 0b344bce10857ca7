import assert from "node:assert/strict";
import { aSession } from "../../fakes/builders";
import { lostAnswer } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

describe("an end that the disk did not take", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    world.errors.length = 0;
    assertPromises(world);
  });

  async function releaseWhileTheDiskIsFull(): Promise<void> {
    const worker = await world.start();
    await world.untilPhase("s1", "running");
    world.journal.failure = new Error("the disk is full");
    const ended = worker.end("s1", { kind: "released", byPerson: true, message: "Released by hand." });
    await world.untilPhase("s1", "released");
    await ended;
    assert.equal(world.journal.get("s1")?.outcome, "running", "so the disk says");
  }

  it("is noted as soon as the disk takes it, so that a later process knows of it", async () => {
    await releaseWhileTheDiskIsFull();
    await world.clock.advance(40_000);
    world.journal.failure = undefined;
    await world.clock.advance(40_000);
    const record = world.journal.get("s1");
    assert.equal(record?.outcome, "released");
    assert.equal(record.releasedByPerson, true);
    await world.endProcess();
    await world.start();
    await world.clock.advance(70_000);
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.platform.count("claim"), 1, "a person gave it back");
  });

  it("is noted before the session is claimed anew, and by a worker that stops", async () => {
    await releaseWhileTheDiskIsFull();
    world.journal.failure = undefined;
    world.worker?.drain({ kind: "stopped", bySignal: false });
    await world.untilExit();
    assert.equal(world.journal.get("s1")?.outcome, "released");
  });
});

describe("a claim that came to light by a poll", () => {
  it("shows no row as interrupted for ever when it is gone before it could be taken up", async () => {
    const world = new World();
    world.platform.add(aSession());
    let claimed = false;
    world.platform.onCall = ({ operation }) => {
      if (operation === "renew") return { error: lostAnswer() };
      if (operation !== "claim" || claimed) return undefined;
      claimed = true;
      return { error: lostAnswer() };
    };
    await world.start();
    world.slots.elsewhere = 3;
    await world.clock.advance(40_000);
    assert.equal(
      world.journal.get("s1")?.outcome,
      "abandoned",
      "the session is in the queue, so the claim was not had",
    );
    // The request had been held up on its way.
    world.slots.elsewhere = 0;
    world.platform.giveClaim("s1", { claimId: "claim-late" });
    await world.untilPhase("s1", "interrupted", 60_000);
    world.platform.cancel("s1");
    await world.clock.advance(70_000);
    assert.equal(world.phase("s1"), "cancelled");
    await world.endProcess();
  });

  it("shows what the row showed before, once the session can be claimed again", async () => {
    const world = new World();
    world.platform.add(aSession());
    const worker = await world.start();
    await world.untilPhase("s1", "running");
    const ended = worker.end("s1", { kind: "released", byPerson: true, message: "Released by hand." });
    await world.untilPhase("s1", "released");
    await ended;
    world.platform.onCall = ({ operation }) => (operation === "renew" ? { error: lostAnswer() } : undefined);
    world.platform.giveClaim("s1", { claimId: "claim-late", leaseSeconds: 45 });
    await world.untilPhase("s1", "interrupted", 60_000);
    await world.clock.advance(100_000);
    assert.equal(world.platform.status("s1"), "stale");
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.platform.count("claim"), 1);
    await world.endProcess();
  });
});
