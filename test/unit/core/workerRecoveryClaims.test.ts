import assert from "node:assert/strict";
import { aRecord, aSession } from "../../fakes/builders";
import { conflict, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

describe("a worker after an earlier process", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
    assert.deepEqual(world.slots.held, []);
  });

  describe("that died while it asked for a claim", () => {
    it("goes on with the claim whose answer was lost", async () => {
      world.platform.add(aSession());
      let open: () => void = () => undefined;
      world.platform.onCall = (call) => {
        if (call.operation !== "claim") return undefined;
        return { gate: new Promise((resolve) => (open = resolve)) };
      };
      await world.start();
      assert.equal(world.journal.get("s1")?.step, "claiming");
      assert.equal(world.journal.get("s1")?.claimId, "");
      await world.kill();
      open();
      world.platform.onCall = () => undefined;
      await world.start();
      await world.untilPhase("s1", "running", 5000);
      assert.equal(world.platform.count("claim"), 1);
    });

    it("shows no row of its own for a claim that was never had", async () => {
      world.journal.records.set("s1", aRecord({ claimId: "", step: "claiming", threadId: undefined }));
      await world.start();
      assert.equal(world.phase("s1"), undefined);
      assert.equal(world.journal.get("s1")?.outcome, "abandoned");
    });

    it("shows the row as cancelled when the session was cancelled before the claim could be taken up", async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1");
      world.journal.records.set("s1", aRecord({ claimId: "", step: "claiming", threadId: undefined }));
      world.platform.onCall = (call) =>
        call.operation === "renew" ? { error: refused("server") } : undefined;
      await world.start();
      assert.equal(world.phase("s1"), "interrupted");
      world.platform.cancel("s1");
      await world.untilPhase("s1", "cancelled", 40_000);
    });

    it("keeps the record of the attempt before when the claim was not had", async () => {
      const before = aRecord({ outcome: "failed", step: "ended", endedAt: 5, detail: "It broke." });
      world.journal.records.set("s1", { ...before, step: "claiming" });
      world.platform.add(aSession({ status: "complete" }));
      await world.start();
      assert.deepEqual(world.journal.get("s1"), before);
    });

    it("leaves the record of the attempt before as it was when the claim is refused", async () => {
      const before = aRecord({ outcome: "failed", step: "ended", endedAt: 5, detail: "It broke." });
      world.journal.records.set("s1", before);
      world.platform.add(aSession());
      world.platform.onCall = (call) =>
        call.operation === "claim" ? { error: conflict("already_claimed") } : undefined;
      await world.start();
      assert.equal(world.journal.saves[0]?.step, "claiming");
      assert.deepEqual(world.journal.get("s1"), before);
    });
  });
});
