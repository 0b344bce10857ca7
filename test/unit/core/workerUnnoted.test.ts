import assert from "node:assert/strict";
import { aConfig, aSession } from "../../fakes/builders";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

describe("what a worker does that cannot be noted", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
    assert.deepEqual(world.slots.held, []);
    assert.equal(world.runtime.live.size, 0);
    assert.equal(world.openFolders, 0);
  });

  it("claims nothing that it cannot note down, until the fault is gone", async () => {
    world.journal.failure = new Error("ENOSPC: no space left on device");
    world.platform.add(aSession({ sessionId: "s2" }));
    world.config = aConfig({ maxActiveExecutions: 1 });
    await world.start();
    await world.clock.advance(25_000);
    assert.equal(world.platform.count("claim"), 0);
    assert.equal(world.platform.status("s1"), "queued");
    assert.match(world.fault()?.message ?? "", /no space left/u);
    assert.equal(world.phase("s1"), "listed");
    world.journal.failure = undefined;
    world.errors.length = 0;
    await world.clock.until("one runs", () => world.runtime.live.size === 1, 120_000);
  });

  it("gives back a session whose claim it cannot note down, and executes nothing", async () => {
    world.platform.onCall = (call) => {
      if (call.operation === "claim") world.journal.failure = new Error("ENOSPC: no space left on device");
      return undefined;
    };
    await world.start();
    await world.clock.advance(5000);
    assert.equal(world.runtime.runs.length, 0);
    assert.equal(world.platform.status("s1"), "queued");
    assert.match(world.fault()?.message ?? "", /no space left/u);
    world.errors.length = 0;
  });

  for (const step of ["executing", "committing"] as const) {
    it(`does nothing further when the step “${step}” cannot be noted: the session goes back to the queue`, async () => {
      const save = world.journal.save.bind(world.journal);
      world.journal.save = async (record) => {
        if (record.step === step) throw new Error("ENOSPC: no space left on device");
        await save(record);
      };
      world.runtime.open("s1");
      await world.start();
      await world.clock.advance(5000);
      assert.equal(world.runtime.runs.length, step === "executing" ? 0 : 1);
      assert.equal(world.worktrees.commits.length, 0);
      assert.equal(world.platform.status("s1"), "queued");
      assert.equal(world.phase("s1"), "released");
      assert.match(world.fault()?.message ?? "", /no space left/u);
    });
  }
});
