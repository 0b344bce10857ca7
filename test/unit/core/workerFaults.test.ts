import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import { WorktreeError } from "../../../src/core/ports/worktrees";
import { troubleWith } from "../../../src/core/platformWords";
import { aSession } from "../../fakes/builders";
import { failed, gated } from "../../fakes/fakeRuntime";
import { lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

const inPlanMode = { runId: "r", stepId: "st", taskMode: "plan", branchName: undefined };

describe("faults of the worker and of the platform", () => {
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

  for (const reason of ["notFound", "wrongVersion", "notSignedIn", "sandboxUnavailable"] as const) {
    it(`releases and stops claiming when the tool shows ${reason}, and goes on once a probe passes`, async () => {
      world.runtime.script = async () => Promise.resolve(failed(reason));
      await world.start();
      await world.untilPhase("s1", "released");
      world.runtime.probeAnswer = { kind: "unavailable", reason, message: `Not ready: ${reason}.` };
      assert.equal(world.platform.status("s1"), "queued");
      assert.equal(world.fault()?.reason, reason);
      await world.clock.advance(300_000);
      assert.equal(world.platform.count("claim"), 1, "no claim while the probe fails");
      world.runtime.script = gated;
      world.runtime.probeAnswer = { kind: "ready", provider: "codex", version: "1" };
      await world.untilPhase("s1", "running", 60_000);
      assert.equal(world.fault(), undefined);
    });
  }

  for (const [reason, phase] of [
    ["diskFull", "released"],
    ["readOnly", "released"],
    ["gitTooOld", "released"],
    ["noRepository", "released"],
    ["damaged", "failed"],
    ["locked", "failed"],
    ["pathInUse", "failed"],
  ] as const) {
    it(`git's trouble ${reason} ends the session as ${phase}${phase === "released" ? " and stops claiming" : " alone"}`, async () => {
      world.worktrees.prepareFailure = new WorktreeError(reason, "Told as it is. All is kept. Do this.");
      await world.start();
      await world.untilPhase("s1", phase);
      assert.equal(
        world.fault()?.message,
        phase === "released" ? "Told as it is. All is kept. Do this." : undefined,
      );
      assert.equal(world.fault()?.reason, phase === "released" ? "storage" : undefined);
    });
  }

  it("holds longer each time for a fault that no probe can see", async () => {
    world.runtime.script = async () => Promise.resolve(failed("outOfQuota"));
    world.platform.add(...["s2", "s3", "s4"].map((sessionId) => aSession({ sessionId })));
    await world.start();
    await world.clock.advance(3_600_000);
    const claims = world.platform.count("claim");
    assert.ok(claims >= 4 && claims <= 12, `${claims} claims in an hour`);
    assert.equal(world.fault()?.reason, "outOfQuota");
  });

  for (const reason of ["outOfQuota", "modelUnreachable", "protocol", "sandboxUnavailable"] as const) {
    it(`never claims and releases in a loop while every probe passes and every run shows ${reason}`, async function () {
      this.timeout(60_000);
      world.runtime.script = async () => Promise.resolve(failed(reason));
      world.platform.add(...["s2", "s3", "s4"].map((sessionId) => aSession({ sessionId })));
      await world.start();
      const perHour: number[] = [];
      for (let hour = 0; hour < 6; hour += 1) {
        const before = world.platform.count("claim");
        await world.clock.advance(3_600_000);
        perHour.push(world.platform.count("claim") - before);
      }
      assert.ok((perHour[0] ?? 0) <= 12, `claims in each hour: ${perHour.join(" ")}`);
      assert.ok(Math.max(...perHour.slice(1)) <= 2, `claims in each hour: ${perHour.join(" ")}`);
      const finishes = world.platform.ids.flatMap((id) => world.platform.of(id).finishes);
      assert.ok(finishes.every((one) => one.kind === "release"));
      assert.equal(finishes.length, world.platform.count("claim"));
      assert.equal(world.fault()?.reason, reason);
    });
  }

  it("probes the tool that failed: a task mode's own", async () => {
    const { runtime } = world.config;
    const modes = new Map([["plan", { ...runtime, command: ["coder", "app-server"] }]]);
    world.config = { ...world.config, runtime: { ...runtime, modes } };
    world.platform.set("s1", { workflow: inPlanMode });
    world.runtime.missing.add("coder");
    world.runtime.script = async () => Promise.resolve(failed("notFound"));
    await world.start();
    await world.untilPhase("s1", "released");
    await world.clock.advance(300_000);
    assert.equal(world.platform.count("claim"), 1, "no claim while the mode's own tool is missing");
    assert.equal(world.fault()?.message, "coder is not installed.");
    world.runtime.missing.clear();
    world.runtime.script = gated;
    await world.untilPhase("s1", "running", 60_000);
    assert.equal(world.fault(), undefined);
  });

  it("probes and runs each task mode's tool by the provider that the mode names", async () => {
    const { runtime } = world.config;
    const modes = new Map([["plan", { ...runtime, provider: "acp", command: ["agent"] }]]);
    world.config = { ...world.config, runtime: { ...runtime, modes } };
    world.platform.set("s1", { workflow: inPlanMode });
    world.runtime.script = async () => Promise.resolve(failed("notSignedIn"));
    await world.start();
    await world.untilPhase("s1", "released");
    assert.deepEqual([world.fault()?.reason, world.fault()?.provider], ["notSignedIn", "acp"]);
    world.runtime.script = gated;
    await world.untilPhase("s1", "running", 60_000);
    assert.deepEqual([...world.runtime.probed].sort(), ["acp", "codex"]);
    assert.deepEqual(new Set(world.runtime.runs.map((one) => one.provider)), new Set(["acp"]));
  });

  it("probes no longer for a task mode whose tool the owner has changed", async () => {
    const { runtime } = world.config;
    const modes = new Map([["plan", { ...runtime, command: ["coder", "app-server"] }]]);
    world.config = { ...world.config, runtime: { ...runtime, modes } };
    world.platform.set("s1", { workflow: inPlanMode });
    world.runtime.missing.add("coder");
    world.runtime.script = async (stage) =>
      stage.request.command[0] === "coder" ? failed("notFound") : await gated(stage);
    await world.start();
    await world.untilPhase("s1", "released");
    world.config = { ...world.config, runtime };
    await world.untilPhase("s1", "running", 120_000);
    assert.equal(world.fault(), undefined);
  });

  it("claims nothing while the first probe fails, and shows the fault once", async () => {
    world.runtime.probeAnswer = {
      kind: "unavailable",
      reason: "notFound",
      message: "codex is not installed.",
    };
    await world.start();
    const since = world.fault()?.since;
    await world.clock.advance(90_000);
    assert.equal(world.fault()?.message, "codex is not installed.");
    assert.equal(world.fault()?.since, since);
    assert.equal(world.platform.count("claim"), 0);
  });

  it("clears a fault that is mended though no session waits", async () => {
    world.runtime.probeAnswer = {
      kind: "unavailable",
      reason: "notFound",
      message: "codex is not installed.",
    };
    await world.start();
    world.platform.set("s1", { status: "complete" });
    world.runtime.probeAnswer = { kind: "ready", provider: "codex", version: "1" };
    await world.clock.advance(70_000);
    assert.equal(world.fault(), undefined);
  });

  it("claims nothing while the workflow is broken, says why, and goes on when it is mended", async () => {
    world.workflow = async () => Promise.reject(new UserError("WORKFLOW.md, line 3: not a number."));
    await world.start();
    const since = world.fault()?.since;
    await world.clock.advance(60_000);
    assert.equal(world.fault()?.message, "WORKFLOW.md, line 3: not a number.");
    assert.equal(world.fault()?.since, since);
    assert.equal(world.platform.count("claim"), 0);
    world.workflow = async () => Promise.resolve(world.config);
    await world.untilPhase("s1", "running", 60_000);
    assert.equal(world.fault(), undefined);
  });

  it("keeps the tool's fault on the screen when a workflow fault came and went", async () => {
    world.runtime.script = async () => Promise.resolve(failed("outOfQuota"));
    await world.start();
    await world.untilPhase("s1", "released");
    world.runtime.script = gated;
    world.workflow = async () => Promise.reject(new UserError("broken"));
    world.worker?.pollNow();
    await world.clock.advance(1000);
    assert.equal(world.fault()?.reason, "workflow");
    world.workflow = async () => Promise.resolve(world.config);
    world.worker?.pollNow();
    await world.clock.advance(1000);
    assert.equal(world.fault()?.reason, "outOfQuota");
    await world.untilPhase("s1", "running", 120_000);
  });

  it("ends the running tools before it gives up over an error of its own", async () => {
    await world.start();
    assert.equal(world.runtime.live.size, 1);
    world.workflow = async () => Promise.reject(new TypeError("a mistake in the program"));
    await world.clock.until("it fails", () => world.failure !== undefined, 60_000);
    assert.equal(world.runtime.live.size, 0);
    assert.equal(world.journal.get("s1")?.outcome, "running", "the next worker goes on with it");
    assert.equal(world.heartbeat.running, false);
    world.errors.length = 0;
  });

  const passing = [
    ["429", refused("rateLimited", "wait 90 seconds", 90_000)],
    ["5xx", refused("server")],
    ["network", lostAnswer()],
    ["a bad answer", lostAnswer("badAnswer")],
  ] as const;
  for (const [name, error] of passing) {
    it(`polls on after ${name}, shows it, and leaves the running session alone`, async () => {
      await world.start();
      world.platform.onCall = (call) => (call.operation === "poll" ? { error } : undefined);
      await world.clock.advance(40_000);
      assert.equal(world.store.state.lastPollError, troubleWith(error));
      world.platform.onCall = () => undefined;
      await world.clock.advance(100_000);
      assert.equal(world.store.state.lastPollError, undefined);
      assert.equal(world.phase("s1"), "running");
    });
  }

  it("waits as long as a 429 asks, whatever wakes it meanwhile", async () => {
    world.platform.onCall = (call) =>
      call.operation === "poll" ? { error: refused("rateLimited", "wait", 90_000) } : undefined;
    const worker = await world.start();
    for (let i = 0; i < 8; i += 1) {
      worker.pollNow();
      await world.clock.advance(10_000);
    }
    assert.equal(world.platform.count("poll"), 1);
  });

  for (const reason of ["forbidden", "notFound"] as const) {
    it(`is rejected only after the worker record was refused too (poll: ${reason})`, async () => {
      await world.start();
      world.platform.onCall = (call) => (call.operation === "poll" ? { error: refused(reason) } : undefined);
      await world.clock.advance(70_000);
      assert.equal(world.exit, undefined);
      assert.equal(world.phase("s1"), "running");
      world.platform.workerRefusal = refused(reason);
      const exit = await world.untilExit();
      assert.equal(exit.kind, "rejected");
      assert.equal(world.phase("s1"), "claimLost");
      assert.equal(world.runtime.live.size, 0);
      assert.equal(world.platform.of("s1").finishes.length, 0);
    });

    it(`lives through a single ${reason} of the worker record`, async () => {
      await world.start();
      let once = true;
      world.platform.onCall = (call) => {
        if (call.operation !== "getWorker" || !once) return undefined;
        once = false;
        return { error: refused(reason) };
      };
      await world.clock.advance(30_000);
      assert.equal(world.exit, undefined);
    });

    it(`lives through a session path that answers ${reason}`, async () => {
      await world.start();
      world.platform.onCall = (call) => (call.operation === "get" ? { error: refused(reason) } : undefined);
      await world.clock.advance(30_000);
      assert.equal(world.exit, undefined);
      assert.equal(world.phase("s1"), "running");
    });
  }

  for (const reason of ["unauthorized", "signedOut"] as const) {
    it(`exits as signed out on ${reason}, and leaves the attempt to the next worker`, async () => {
      await world.start();
      world.platform.onCall = (call) => (call.operation === "poll" ? { error: refused(reason) } : undefined);
      assert.equal((await world.untilExit()).kind, "signedOut");
      assert.equal(world.journal.get("s1")?.outcome, "running");
      assert.equal(world.phase("s1"), "interrupted");
      assert.equal(world.platform.status("s1"), "active");
      assert.equal(world.runtime.live.size, 0);
    });
  }

  it("looks at once when a beat was refused", async () => {
    await world.start();
    world.platform.workerRefusal = refused("forbidden");
    world.heartbeat.beat({ kind: "failed", at: 0, from: "thread", reason: "rejected", message: "403" });
    assert.equal((await world.untilExit(1000)).kind, "rejected");
  });
});
