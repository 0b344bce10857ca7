import assert from "node:assert/strict";
import { aRecord, aSession } from "../../fakes/builders";
import { gated } from "../../fakes/fakeRuntime";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

describe("what the coding tool is told", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
  });

  it("is built from the place where it works", async () => {
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    assert.deepEqual(world.turns, [
      {
        continued: false,
        interrupted: false,
        place: {
          workingDirectory: "/worktrees/s1",
          branch: "one-horizon/s1",
          detached: false,
          baseCommit: "a".repeat(40),
          conflicts: [],
          artifactsDirectory: "/artifacts/s1",
          inputsDirectory: "/inputs/s1",
        },
      },
    ]);
  });

  it("has its files in place before it starts", async () => {
    world.inputs = [{ name: "document-1.md", text: "long" }];
    world.runtime.script = (stage) => {
      assert.deepEqual(world.written, world.inputs);
      return gated(stage);
    };
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
  });

  it("is not told at all where its files cannot be written", async () => {
    world.inputs = [{ name: "document-1.md", text: "long" }];
    world.keepInput = () => Promise.reject(new Error("no room"));
    await world.start();
    await world.untilPhase("s1", "released");
    assert.deepEqual(world.runtime.runs, []);
    assert.match(world.detail("s1") ?? "", /long texts could not be written: no room/);
    assert.equal(world.fault()?.reason, "storage");
  });

  it("is all of the work where the thread that was cut off is not known", async () => {
    world.platform.giveClaim("s1");
    world.journal.records.set("s1", aRecord({ threadId: undefined }));
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    assert.equal(world.runtime.runs[0]?.resumeThreadId, undefined);
    assert.deepEqual(
      world.turns.map(({ continued, interrupted }) => ({ continued, interrupted })),
      [{ continued: false, interrupted: true }],
    );
  });
});
