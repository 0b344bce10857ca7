import assert from "node:assert/strict";
import type { SessionStatus } from "../../../src/core/session";
import { emptyOutbox } from "../../../src/core/outbox";
import { aRecord, aSession } from "../../fakes/builders";
import { gated } from "../../fakes/fakeRuntime";
import { lostAnswer, refused } from "../../fakes/platformErrors";
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

  it("goes on with the same claim and thread and the next number", async () => {
    world.platform.add(aSession());
    await world.start();
    await world.clock.advance(5000);
    const before = world.platform.of("s1").activities.length;
    assert.ok(before > 0);
    await world.endProcess();
    assert.deepEqual(world.exit, { kind: "processEnds" });
    assert.equal(world.phase("s1"), "interrupted");
    assert.equal(world.journal.get("s1")?.outcome, "running");
    assert.equal(world.runtime.live.size, 0);
    const told = world.platform.calls.length;
    await world.clock.advance(20_000);
    assert.equal(world.platform.calls.length, told, "nothing is sent after the end");
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    assert.equal(world.runtime.runs[1]?.resumeThreadId, "thread-s1");
    assert.equal(world.platform.count("claim"), 1);
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    const sequences = world.platform.of("s1").activities.map((one) => one.activity.sequence);
    assert.deepEqual(
      sequences,
      sequences.map((_one, index) => index + 1),
    );
    assert.ok(sequences.length > before);
  });

  it("shows the tokens of what an earlier process finished", async () => {
    const usage = {
      inputTokens: 5,
      cachedInputTokens: 4,
      outputTokens: 3,
      reasoningOutputTokens: 2,
      totalTokens: 8,
      contextWindow: 100,
    };
    world.runtime.script = async (stage) => {
      stage.emit({ kind: "usage", usage });
      return await gated(stage);
    };
    world.platform.add(aSession());
    await world.start();
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    await world.endProcess();
    await world.start();
    assert.deepEqual(world.store.state.sessions.get("s1")?.usage, usage);
  });

  for (const [noted, stored] of [
    [5, 6],
    [0, 1],
    [3, 6],
  ] as const) {
    it(`finds the next number though ${stored - noted} activities were stored without a note (${noted})`, async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1", { sequence: stored });
      world.journal.records.set("s1", aRecord());
      world.journal.outboxes.set("s1 claim-s1", { ...emptyOutbox, sequence: noted });
      let lost = false;
      world.platform.onCall = (call) => {
        if (call.operation !== "activity" || lost) return undefined;
        lost = true;
        return { error: lostAnswer() };
      };
      await world.start();
      world.runtime.open("s1");
      await world.untilPhase("s1", "complete");
      const { activities } = world.platform.of("s1");
      assert.equal(activities[0]?.activity.sequence, stored + 1);
      assert.equal(activities.at(-1)?.activity.type, "completion");
      assert.equal(world.journal.outbox("s1", "claim-s1").sequence, activities.at(-1)?.activity.sequence);
    });
  }

  it("claims a stale session of its own anew and resumes its thread", async () => {
    world.platform.add(aSession());
    world.platform.giveClaim("s1");
    world.platform.expire("s1");
    world.journal.records.set("s1", aRecord());
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    assert.equal(world.platform.count("claim"), 1);
    assert.equal(world.runtime.runs[0]?.resumeThreadId, "thread-s1");
    await world.clock.advance(3000);
    assert.equal(world.platform.of("s1").activities[0]?.activity.sequence, 1);
  });

  it("keeps a stale session of its own resumable while there is no slot", async () => {
    world.platform.add(aSession());
    world.platform.giveClaim("s1");
    world.platform.expire("s1");
    world.journal.records.set("s1", aRecord());
    world.slots.elsewhere = 3;
    await world.start();
    await world.clock.advance(40_000);
    assert.equal(world.phase("s1"), "interrupted");
    world.slots.elsewhere = 0;
    await world.untilPhase("s1", "running", 40_000);
    assert.equal(world.runtime.runs[0]?.resumeThreadId, "thread-s1");
  });

  const settled: readonly [SessionStatus, string, string][] = [
    ["complete", "completed", "complete"],
    ["error", "failed", "failed"],
    ["cancelled", "cancelled", "cancelled"],
    ["pending", "abandoned", "claimLost"],
  ];
  for (const [status, outcome, phase] of settled) {
    it(`settles an attempt whose session is ${status}`, async () => {
      world.platform.add(aSession({ status }));
      world.journal.records.set("s1", aRecord());
      await world.start();
      assert.equal(world.journal.get("s1")?.outcome, outcome);
      assert.equal(world.phase("s1"), phase);
      await world.clock.advance(60_000);
      assert.equal(world.platform.count("get"), 1);
      assert.equal(world.runtime.runs.length, 0);
    });
  }

  it("settles an attempt whose session another worker took, or that is gone", async () => {
    world.platform.add(aSession());
    world.platform.giveClaim("s1", { holder: "worker-2", claimId: "other" });
    world.journal.records.set("s1", aRecord());
    world.journal.records.set("s2", aRecord({ sessionId: "s2" }));
    await world.start();
    assert.equal(world.phase("s1"), "claimLost");
    assert.equal(world.phase("s2"), "claimLost");
  });

  it("asks again about an attempt when the platform could not be asked", async () => {
    world.platform.add(aSession({ status: "complete" }));
    world.journal.records.set("s1", aRecord());
    world.platform.onCall = (call) => (call.operation === "get" ? { error: refused("server") } : undefined);
    await world.start();
    assert.equal(world.phase("s1"), "interrupted");
    world.platform.onCall = () => undefined;
    await world.untilPhase("s1", "complete", 40_000);
  });

  it("says that the claim ended when it cannot be proven any more", async () => {
    world.platform.add(aSession());
    world.platform.giveClaim("s1");
    world.journal.records.set("s1", aRecord());
    world.platform.onCall = (call) => {
      if (call.operation === "renew") world.platform.cancel("s1");
      return undefined;
    };
    await world.start();
    await world.clock.advance(60_000);
    assert.equal(world.runtime.runs.length, 0);
    assert.equal(world.phase("s1"), "cancelled");
    assert.notEqual(world.journal.get("s1")?.outcome, "running");
  });

  it("hands a person's answer to the session that waited for it, on the claim that exists", async () => {
    world.platform.add(aSession());
    world.platform.giveClaim("s1");
    world.platform.set("s1", {
      status: "awaiting_input",
      pendingResumeInput: { inputId: "input-1", text: "Use the second one." },
    });
    world.journal.records.set("s1", aRecord());
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    await world.clock.advance(3000);
    assert.equal(world.platform.count("claim"), 0);
    const patch = world.platform
      .of("s1")
      .patches.find((one) => one.metadata.consumedResumeInputId === "input-1");
    assert.equal(patch?.metadata.status, "active");
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
  });

  it("names its work to the tool as the process before did, and a person's answer as other work", async () => {
    world.platform.add(aSession());
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    await world.endProcess();
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    await world.endProcess();
    world.platform.set("s1", {
      status: "awaiting_input",
      pendingResumeInput: { inputId: "input-1", text: "Use the second one." },
    });
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    const [first, second, answered] = world.runtime.runs;
    assert.deepEqual([first?.workKey, second?.workKey], ["s1", "s1"]);
    assert.equal(answered?.resumeThreadId, "thread-s1");
    assert.equal(answered.workKey, "input-1");
  });

  it("leaves a claim in flight to the next process when this one ends", async () => {
    world.platform.add(aSession());
    world.platform.onCall = (call) =>
      call.operation === "claim" ? { gate: new Promise(() => undefined) } : undefined;
    await world.start();
    assert.equal(world.phase("s1"), "claiming");
    await world.endProcess();
    assert.deepEqual(world.exit, { kind: "processEnds" });
    assert.equal(world.phase("s1"), "listed");
    assert.equal(world.detail("s1"), undefined);
  });

  describe("that left something", () => {
    it("ends its processes before anything else, and executes with a marker of its own", async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1");
      world.journal.records.set("s1", aRecord({ marker: "old" }));
      world.platform.onCall = (call) => {
        if (call.operation !== "getWorker") assert.deepEqual(world.runtime.swept, ["old"]);
        return undefined;
      };
      await world.start();
      await world.untilPhase("s1", "running", 5000);
      assert.notEqual(world.runtime.runs[0]?.marker, "old");
    });

    it("executes nothing beside processes that cannot be ended, and goes on once they are gone", async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1");
      world.journal.records.set("s1", aRecord({ marker: "old" }));
      world.runtime.stuck = 1;
      await world.start();
      await world.clock.advance(40_000);
      assert.equal(world.runtime.runs.length, 0);
      assert.equal(world.phase("s1"), "interrupted");
      assert.match(world.detail("s1") ?? "", /could not be ended/u);
      world.errors.length = 0;
      world.runtime.stuck = 0;
      await world.untilPhase("s1", "running", 40_000);
    });

    it("verifies the worktree against what was noted, and tells the model that it was interrupted", async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1");
      world.journal.records.set("s1", aRecord());
      await world.start();
      await world.untilPhase("s1", "running", 5000);
      const [noted] = world.worktrees.verified;
      assert.deepEqual(noted, {
        sessionId: "s1",
        folder: "/repository",
        path: "/worktrees/s1",
        branch: "one-horizon/s1",
        headCommit: "a".repeat(40),
      });
      assert.deepEqual(
        world.turns.map(({ continued, interrupted }) => ({ continued, interrupted })),
        [{ continued: true, interrupted: true }],
      );
    });

    it("executes and commits nothing where the checkout was changed meanwhile, and fails with what differs", async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1");
      world.journal.records.set("s1", aRecord());
      world.worktrees.verdict = {
        kind: "differs",
        message: "The branch is another one. It was kept. Look at it.",
      };
      await world.start();
      await world.untilPhase("s1", "failed", 5000);
      assert.equal(world.runtime.runs.length, 0);
      assert.equal(world.worktrees.commits.length, 0);
      assert.equal(world.worktrees.prepared.length, 0);
      assert.equal(
        world.platform.of("s1").finishes[0]?.text,
        "The branch is another one. It was kept. Look at it.",
      );
    });
  });

  it("keeps a claim alive that waits for a slot, and takes it up when one is free", async () => {
    world.platform.add(aSession());
    world.platform.giveClaim("s1", { leaseSeconds: 120 });
    world.journal.records.set("s1", aRecord());
    world.slots.elsewhere = 3;
    await world.start();
    await world.clock.advance(600_000);
    assert.equal(world.platform.status("s1"), "active");
    assert.equal(world.phase("s1"), "interrupted");
    world.slots.elsewhere = 0;
    await world.untilPhase("s1", "running", 40_000);
    assert.equal(world.platform.count("claim"), 0);
  });

  it("resumes the thread of an attempt whose claim was lost when it claims the stale session anew", async () => {
    world.platform.add(aSession());
    await world.start();
    await world.clock.advance(2000);
    world.platform.expire("s1");
    await world.clock.until("it runs again", () => world.runtime.runs.length === 2, 60_000);
    assert.equal(world.runtime.runs[1]?.resumeThreadId, "thread-s1");
    assert.deepEqual(
      world.turns.map((one) => one.interrupted),
      [false, true],
    );
  });
});
