import assert from "node:assert/strict";
import { afterFailure } from "../../../src/core/attemptEnd";
import type { RunFailureReason } from "../../../src/core/ports/runtime";
import { aConfig, aRecord, aSession } from "../../fakes/builders";
import { completed, failed, gated, type Script } from "../../fakes/fakeRuntime";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

const runFailures = [
  "notFound",
  "wrongVersion",
  "notSignedIn",
  "outOfQuota",
  "modelUnreachable",
  "sandboxUnavailable",
  "keeperUnavailable",
  "startTimeout",
  "turnTimeout",
  "stalled",
  "crashed",
  "protocol",
  "turnFailed",
] as const satisfies readonly RunFailureReason[];

/** Opens a thread and then fails so. */
function failsAfterStart(reason: RunFailureReason, threadId = "thread-a"): Script {
  return async ({ emit, request }) => {
    emit({ kind: "processStarted", processId: 1 });
    emit({
      kind: "threadStarted",
      threadId: request.resumeThreadId ?? threadId,
      model: undefined,
      modelProvider: undefined,
    });
    await Promise.resolve();
    return failed(reason);
  };
}

describe("a coding tool that fails", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
    assert.deepEqual(world.slots.held, []);
  });
  const retries = (maxRetryAttempts: number): void => {
    world.config = aConfig({ maxRetryAttempts });
  };

  for (const reason of runFailures) {
    const { retry, end } = afterFailure[reason];
    it(`${retry ? "is tried again" : "is not tried again"} after ${reason}, then the session is ${end === "fail" ? "failed" : "released"}`, async () => {
      retries(2);
      world.runtime.script = failsAfterStart(reason);
      await world.start();
      const phase = end === "fail" ? "failed" : "released";
      await world.clock.until(phase, () => world.phase("s1") === phase, 60_000);
      assert.equal(world.runtime.runs.length, retry ? 3 : 1);
      assert.equal(world.platform.of("s1").finishes[0]?.kind, end);
      assert.equal(world.fault()?.reason, end === "release" ? reason : undefined);
      const told = world.platform.of("s1").finishes[0]?.text ?? "";
      assert.equal(told.includes("It was tried 3 times."), retry, told);
    });
  }

  it("knows for each reason whether it is the worker's fault", () => {
    const released = Object.entries(afterFailure)
      .filter(([, { end }]) => end === "release")
      .map(([reason]) => reason);
    assert.deepEqual(released.sort(), [
      "keeperUnavailable",
      "modelUnreachable",
      "notFound",
      "notSignedIn",
      "outOfQuota",
      "protocol",
      "sandboxUnavailable",
      "startTimeout",
      "storage",
      "wrongVersion",
    ]);
  });

  it("waits 10, 20, 40 s and at most 5 min between the tries, in the same claim, worktree and thread", async () => {
    retries(7);
    world.runtime.script = failsAfterStart("crashed");
    const startedAt: number[] = [];
    const script = world.runtime.script;
    world.runtime.script = (stage) => {
      startedAt.push(world.clock.monotonic());
      return script(stage);
    };
    await world.start();
    await world.untilPhase("s1", "failed", 1_500_000);
    const waits = startedAt.slice(1).map((at, index) => Math.round((at - (startedAt[index] ?? 0)) / 1000));
    assert.deepEqual(waits, [10, 20, 40, 80, 160, 300, 300]);
    assert.equal(world.platform.count("claim"), 1);
    assert.equal(new Set(world.runtime.runs.map((one) => one.workingDirectory)).size, 1);
    assert.deepEqual(
      world.runtime.runs.map((one) => one.resumeThreadId),
      [undefined, ...Array<string>(7).fill("thread-a")],
    );
  });

  it("shows the wait, tells each failed try, and succeeds in the end", async () => {
    retries(1);
    world.runtime.script = failsAfterStart("stalled");
    await world.start();
    await world.clock.until("the wait", () => world.detail("s1") === "retrying in 10 s");
    assert.equal(world.phase("s1"), "preparing");
    assert.equal(world.runtime.live.size, 0);
    world.runtime.script = async () => Promise.resolve(completed);
    await world.untilPhase("s1", "complete");
    const told = world.platform
      .of("s1")
      .activities.map((one) => one.activity.message)
      .join("\n");
    assert.match(told, /Try 1 of 2 failed: It failed: stalled\. It is tried again in 10 s\./);
    assert.equal(world.journal.get("s1")?.tries, 2);
  });

  it("does not count anew in the next process, whether it was killed in the wait or in the run", async () => {
    retries(2);
    world.runtime.script = failsAfterStart("crashed");
    await world.start();
    await world.clock.until("the wait", () => world.detail("s1") === "retrying in 10 s");
    await world.kill();
    await world.start();
    await world.clock.until("the second wait", () => world.detail("s1") === "retrying in 20 s");
    world.runtime.script = gated;
    await world.untilPhase("s1", "running", 30_000);
    await world.kill();
    world.runtime.script = failsAfterStart("crashed");
    await world.start();
    await world.untilPhase("s1", "failed");
    assert.equal(world.runtime.runs.length, 4, "three tries, one of them twice since the process died in it");
    assert.equal(world.platform.of("s1").finishes.length, 1);
  });

  it("asks for no thread again that the tool refuses to continue", async () => {
    retries(1);
    world.journal.records.set("s1", aRecord());
    world.platform.giveClaim("s1");
    world.runtime.script = async ({ request }) => {
      await Promise.resolve();
      return request.resumeThreadId === undefined ? completed : failed("turnFailed", "Codex refused.");
    };
    await world.start();
    await world.untilPhase("s1", "complete");
    assert.deepEqual(
      world.runtime.runs.map((one) => one.resumeThreadId),
      ["thread-s1", undefined],
    );
  });

  it("keeps the thread over a start that did not come to one", async () => {
    retries(2);
    let count = 0;
    world.runtime.script = (stage) => {
      count += 1;
      if (count === 2) return Promise.resolve(failed("startTimeout"));
      return count === 1 ? failsAfterStart("crashed")(stage) : Promise.resolve(completed);
    };
    await world.start();
    await world.untilPhase("s1", "complete");
    assert.deepEqual(
      world.runtime.runs.map((one) => one.resumeThreadId),
      [undefined, "thread-a", "thread-a"],
    );
  });

  it("stops within 10 s when it is cancelled in the wait, and starts nothing more", async () => {
    retries(5);
    world.runtime.script = failsAfterStart("crashed");
    await world.start();
    await world.clock.until("a long wait", () => world.detail("s1") === "retrying in 80 s", 200_000);
    const runs = world.runtime.runs.length;
    world.platform.cancel("s1");
    await world.untilPhase("s1", "cancelled", 10_000);
    await world.clock.advance(300_000);
    assert.equal(world.runtime.runs.length, runs);
  });

  it("keeps the claim alive through the waits", async () => {
    world.config = aConfig({ maxRetryAttempts: 6, leaseSeconds: 60 });
    world.runtime.script = failsAfterStart("crashed");
    await world.start();
    await world.untilPhase("s1", "failed", 1_500_000);
    assert.equal(world.platform.count("claim"), 1);
    assert.equal(world.platform.of("s1").finishes[0]?.kind, "fail");
  });
});
