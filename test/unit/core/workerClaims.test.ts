import assert from "node:assert/strict";
import { aConfig, aSession, us } from "../../fakes/builders";
import { conflict, lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";
import type { Session } from "../../../src/core/session";
import type { Worker } from "../../../src/core/worker";
import { UserError } from "../../../src/core/actions";

describe("a worker that polls and claims", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
    assert.deepEqual(world.slots.held, []);
  });

  it("executes three sessions on two slots, the third as soon as one is free, and completes each", async () => {
    world.config = aConfig({ maxActiveExecutions: 2 });
    world.platform.add(aSession(), aSession({ sessionId: "s2" }), aSession({ sessionId: "s3" }));
    await world.start();
    assert.deepEqual([...world.runtime.live], ["s1", "s2"]);
    assert.equal(world.phase("s3"), "listed");
    assert.equal(world.platform.count("claim", "s3"), 0, "nothing is claimed without a slot");
    assertPromises(world);
    world.runtime.open("s1");
    await world.clock.until("s3 runs", () => world.runtime.live.has("s3"), 5000);
    world.runtime.open("s2");
    world.runtime.open("s3");
    for (const id of ["s1", "s2", "s3"]) {
      await world.untilPhase(id, "complete", 5000);
      assert.equal(world.platform.status(id), "complete");
      const { activities, patches } = world.platform.of(id);
      assert.equal(activities.at(-1)?.activity.type, "completion");
      assert.match(activities.at(-1)?.activity.message ?? "", /All done[\s\S]*1 changed file committed/u);
      assert.ok(patches.some((one) => one.metadata.providerThreadId === `thread-${id}`));
      assert.ok(patches.some((one) => one.metadata.worktreePath === `/worktrees/${id}`));
      assert.equal(world.journal.get(id)?.outcome, "completed");
    }
    assert.equal(world.runtime.mostLive, 2);
    assert.equal(world.slots.taken, 3);
    assert.deepEqual(world.worktrees.released.sort(), ["s1", "s2", "s3"]);
  });

  it("sends the completion activity as the last call before the finish", async () => {
    world.platform.add(aSession());
    await world.start();
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    const calls = world.platform.calls
      .filter((call) => call.sessionId === "s1" && call.operation !== "get")
      .map((call) => call.operation);
    assert.deepEqual(calls.slice(-2), ["activity", "complete"]);
  });

  it("skips a session that another worker won, and shows it as elsewhere", async () => {
    world.platform.add(aSession());
    world.platform.onCall = (call) =>
      call.operation === "claim" ? { error: conflict("already_claimed") } : undefined;
    await world.start();
    assert.equal(world.phase("s1"), "elsewhere");
    assert.equal(world.runtime.runs.length, 0);
    await world.clock.advance(100_000);
    assert.ok(world.platform.count("claim") <= 5, "it is not tried again and again");
  });

  for (const reason of ["network", "server", "forbidden", "badRequest"] as const) {
    it(`waits for the next poll when a claim fails (${reason})`, async () => {
      world.platform.add(aSession());
      const error = reason === "network" ? lostAnswer() : refused(reason);
      world.platform.onCall = (call) => (call.operation === "claim" ? { error } : undefined);
      await world.start();
      await world.clock.advance(60_000);
      assert.ok(world.platform.count("claim") <= 4, `${world.platform.count("claim")} claims in a minute`);
      world.platform.onCall = () => undefined;
      await world.untilPhase("s1", "running");
    });
  }

  it("takes up a claim whose answer was lost at the next poll, and executes once", async () => {
    world.platform.add(aSession());
    let lost = false;
    world.platform.onCall = (call) => {
      if (call.operation !== "claim" || lost) return undefined;
      lost = true;
      return { error: lostAnswer(), acted: true };
    };
    await world.start();
    assert.equal(world.runtime.runs.length, 0);
    await world.untilPhase("s1", "running", 40_000);
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    assert.equal(world.runtime.runs.length, 1);
    assert.equal(world.platform.count("claim"), 1);
    assert.equal(world.platform.of("s1").finishes.length, 1);
  });

  const foreign: readonly [string, Partial<Session>][] = [
    ["no owner", { ownerUserId: undefined }],
    ["another owner", { ownerUserId: "user-2" }],
    ["another workspace", { workspaceId: "workspace-2" }],
    ["another agent", { agentId: "agent-2" }],
    ["another mode", { executionMode: "cloud" }],
  ];
  for (const [name, facts] of foreign) {
    it(`never claims a session with ${name}, however it is asked`, async () => {
      world.platform.add(aSession(facts), aSession({ ...facts, sessionId: "s2" }));
      world.platform.giveClaim("s2");
      const worker = await world.start();
      worker.claim("s1");
      await world.clock.advance(100_000);
      assert.equal(world.platform.count("claim") + world.platform.count("renew"), 0);
      assert.equal(world.runtime.runs.length, 0);
    });
  }

  it("gives a claim back when the claim's answer shows that the session is not ours", async () => {
    world.platform.add(aSession());
    world.platform.onCall = (call) => {
      if (call.operation === "claim") world.platform.set("s1", { ownerUserId: "user-2" });
      if (call.operation === "poll") world.platform.set("s1", { ownerUserId: us.userId });
      return undefined;
    };
    await world.start();
    await world.clock.advance(100_000);
    assert.equal(world.runtime.runs.length, 0);
    assert.deepEqual(
      world.platform.of("s1").finishes.map((one) => one.kind),
      ["release"],
    );
  });

  const modes = ["code", "execute", "resolve_conflicts", "something_new"];
  for (const taskMode of modes) {
    it(`claims and fails a session of the mode ${taskMode} that names no branch, and never runs it`, async () => {
      const workflow = { runId: "r", stepId: "st", taskMode, branchName: undefined };
      world.platform.add(aSession({ workflow }));
      await world.start();
      await world.untilPhase("s1", "failed");
      assert.equal(world.runtime.runs.length, 0);
      assert.equal(world.platform.status("s1"), "error");
      assert.match(world.detail("s1") ?? "", new RegExp(taskMode, "u"));
      assert.equal(world.platform.of("s1").activities.at(-1)?.activity.type, "failure");
    });
  }

  it("treats a workflow session without a mode as unknown", async () => {
    const workflow = { runId: "r", stepId: "st", taskMode: undefined, branchName: undefined };
    world.platform.add(aSession({ workflow }));
    await world.start();
    await world.untilPhase("s1", "failed");
    assert.equal(world.runtime.runs.length, 0);
  });

  it("lists and waits for the command when autoClaim is off", async () => {
    world.autoClaim = false;
    world.platform.add(aSession(), aSession({ sessionId: "s2" }));
    const worker = await world.start();
    await world.clock.advance(100_000);
    assert.equal(world.platform.count("claim"), 0);
    assert.equal(world.phase("s1"), "listed");
    worker.claim("s2");
    await world.untilPhase("s2", "running", 5000);
    worker.claim("s1");
    await world.untilPhase("s1", "running", 5000);
  });

  it("serves a claim by hand before the rest of the queue", async () => {
    world.config = aConfig({ maxActiveExecutions: 1 });
    world.platform.add(aSession({ sessionId: "s0" }), aSession(), aSession({ sessionId: "s2" }));
    const worker = await world.start();
    worker.claim("s2");
    world.runtime.open("s0");
    await world.untilPhase("s2", "running");
    assert.equal(world.phase("s1"), "listed");
  });

  describe("a claim by hand that could not be carried out at once, with an hour between polls,", () => {
    const hourMs = 3_600_000;
    let worker: Worker;
    beforeEach(async () => {
      world.autoClaim = false;
      world.config = aConfig({ maxActiveExecutions: 1, pollIntervalMs: hourMs });
      world.platform.add(aSession(), aSession({ sessionId: "s2" }));
      worker = await world.start();
    });

    it("is carried out as soon as the session before it has ended", async () => {
      worker.claim("s2");
      await world.untilPhase("s2", "running", 1000);
      worker.claim("s1");
      await world.clock.advance(100_000);
      assert.equal(world.phase("s1"), "listed");
      world.runtime.open("s2");
      await world.untilPhase("s1", "running", 1000);
    });

    it("is carried out soon after a slot was given back elsewhere", async () => {
      world.slots.elsewhere = 1;
      worker.claim("s1");
      await world.clock.advance(300_000);
      assert.equal(world.platform.count("claim"), 0);
      world.slots.elsewhere = 0;
      await world.untilPhase("s1", "running", 40_000);
    });

    it("is tried again soon after the platform could not be reached", async () => {
      let failures = 3;
      world.platform.onCall = (call) =>
        call.operation === "claim" && failures-- > 0 ? { error: refused("server") } : undefined;
      worker.claim("s1");
      await world.clock.advance(1000);
      assert.equal(world.phase("s1"), "listed");
      await world.untilPhase("s1", "running", 120_000);
    });

    it("costs no more polls once it is carried out or not offered any more", async () => {
      world.platform.cancel("s1");
      worker.claim("s1");
      worker.claim("s2");
      await world.untilPhase("s2", "running", 1000);
      await world.clock.advance(60_000);
      const before = world.platform.count("poll");
      await world.clock.advance(hourMs / 2);
      assert.equal(world.platform.count("poll"), before);
    });
  });

  it("forgets a claim by hand when the session is not offered any more", async () => {
    world.autoClaim = false;
    world.platform.add(aSession());
    world.platform.cancel("s1");
    const worker = await world.start();
    worker.claim("s1");
    await world.clock.advance(40_000);
    world.platform.set("s1", { status: "queued" });
    await world.clock.advance(100_000);
    assert.equal(world.platform.count("claim"), 0);
  });

  it("refuses a claim by hand of a session that runs here, while paused and while stopping", async () => {
    world.platform.add(aSession());
    const worker = await world.start();
    assert.throws(() => worker.claim("s1"), UserError);
    worker.pause();
    assert.throws(() => worker.claim("s2"), UserError);
    worker.drain({ kind: "stopped", bySignal: false });
    assert.throws(() => worker.claim("s2"), UserError);
  });

  it("carries out two commands at once on the same session without doubling anything", async () => {
    world.platform.add(aSession());
    const worker = await world.start();
    const both = Promise.all([
      worker.end("s1", { kind: "released", byPerson: true, message: "Released by hand." }),
      worker.end("s1", { kind: "failed", message: "Stopped by hand." }),
    ]);
    await world.clock.advance(5000);
    await both;
    assert.equal(world.platform.of("s1").finishes.length, 1);
    await assert.rejects(worker.end("s1", { kind: "cancelled" }), UserError);
  });

  it("keeps to the limit of concurrent sessions even where slots are free", async () => {
    world.config = aConfig({ maxConcurrentSessions: 1 });
    world.platform.add(aSession(), aSession({ sessionId: "s2" }));
    await world.start();
    await world.clock.advance(40_000);
    assert.equal(world.runtime.mostLive, 1);
  });

  it("runs one session at a time in repository mode, claims that it holds already included", async () => {
    world.config = aConfig({
      worktree: { mode: "repository", root: "/w", baseBranch: undefined, copy: [] },
    });
    world.platform.add(aSession(), aSession({ sessionId: "s2" }), aSession({ sessionId: "s3" }));
    world.platform.giveClaim("s1");
    world.platform.giveClaim("s2");
    await world.start();
    for (const id of ["s1", "s2", "s3"]) {
      await world.untilPhase(id, "running", 40_000);
      world.runtime.open(id);
      await world.untilPhase(id, "complete");
    }
    assert.equal(world.runtime.mostLive, 1);
    const metadata = world.platform.of("s1").patches.map((one) => one.metadata);
    assert.ok(metadata.every((one) => one.worktreePath === undefined && one.workingDirectory === undefined));
  });

  it("leaves slots that are taken elsewhere alone, and claims when one is free", async () => {
    world.slots.elsewhere = 3;
    world.platform.add(aSession());
    await world.start();
    await world.clock.advance(40_000);
    assert.equal(world.platform.count("claim"), 0);
    world.slots.elsewhere = 2;
    await world.untilPhase("s1", "running", 40_000);
  });

  it("claims nothing when it was paused or stopped while a slot was on its way", async () => {
    let open: () => void = () => undefined;
    world.slots.gate = new Promise((resolve) => (open = resolve));
    world.platform.add(aSession());
    const worker = await world.start();
    worker.pause();
    open();
    await world.clock.advance(1000);
    assert.equal(world.platform.count("claim"), 0);
    assert.deepEqual(world.slots.held, []);
  });

  it("survives slots that cannot be read", async () => {
    world.slots.failure = new Error("disk full");
    world.platform.add(aSession());
    await world.start();
    assert.equal(world.fault()?.reason, "slots");
    await world.clock.advance(20_000);
    world.slots.failure = undefined;
    await world.untilPhase("s1", "running", 120_000);
    assert.equal(world.fault(), undefined);
  });
});
