import assert from "node:assert/strict";
import type { HookOutcome } from "../../../src/core/ports/hooks";
import { aConfig, aSession } from "../../fakes/builders";
import { failed, type Script } from "../../fakes/fakeRuntime";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

const hooks = {
  afterCreate: ["set-up", "--all"],
  beforeRun: ["start"],
  afterRun: ["tidy"],
  beforeRemove: ["farewell"],
  timeoutMs: 1234,
  unsandboxed: false,
};
const exit3: HookOutcome = { kind: "failed", how: "exit code 3", outputTail: "no `space`\nleft\n" };

describe("a session's hooks", () => {
  let world: World;
  /** What ran, in order: programs of hooks, and the tool. */
  let order: string[];
  beforeEach(() => {
    world = new World();
    world.config = aConfig({ hooks });
    order = [];
    world.hooks.while = ({ hook }) => {
      order.push(hook[0] ?? "");
      return Promise.resolve();
    };
    world.runtime.script = tool();
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
    assert.deepEqual(world.slots.held, []);
  });

  const tool =
    (outcome = failed("turnFailed"), good = true): Script =>
    ({ emit, request }) => {
      order.push("tool");
      const threadId = request.resumeThreadId ?? "thread-1";
      emit({ kind: "threadStarted", threadId, model: undefined, modelProvider: undefined });
      return Promise.resolve(good ? { kind: "completed", finalMessage: "done" } : outcome);
    };
  const started = async (): Promise<void> => {
    world.platform.add(aSession());
    await world.start();
  };
  const told = (): string =>
    world.platform
      .of("s1")
      .activities.map((one) => one.activity.message)
      .join("\n");

  it("run around the tool, with the session's policy, place and marker", async () => {
    await started();
    await world.untilPhase("s1", "complete");
    assert.deepEqual(order, ["set-up", "start", "tool", "tidy"]);
    assert.equal(world.worktrees.commits.length, 1);
    const [run] = world.runtime.runs;
    assert.ok(run !== undefined);
    for (const one of world.hooks.ran) {
      assert.deepEqual(
        { policy: one.policy, command: one.command, marker: one.marker, at: one.workingDirectory },
        { policy: run.policy, command: run.command, marker: run.marker, at: run.workingDirectory },
      );
      assert.equal(one.artifactsDirectory, run.artifactsDirectory);
      assert.equal(one.timeoutMs, 1234);
      assert.equal(one.unsandboxed, false);
    }
    assert.deepEqual(world.hooks.ran[0]?.hook, ["set-up", "--all"]);
  });

  it("are left out where there are none", async () => {
    world.config = aConfig();
    await started();
    await world.untilPhase("s1", "complete");
    assert.deepEqual(order, ["tool"]);
  });

  it("make no new worktree in the shared checkout, so nothing is set up there", async () => {
    world.config = aConfig({ hooks, worktree: { ...world.config.worktree, mode: "repository" } });
    await started();
    await world.untilPhase("s1", "complete");
    assert.deepEqual(order, ["start", "tool", "tidy"]);
  });

  for (const [name, program, before] of [
    ["after_create", "set-up", ["set-up"]],
    ["before_run", "start", ["set-up", "start"]],
  ] as const) {
    it(`${name} that fails ends the attempt, with the reason, before the tool starts`, async () => {
      world.hooks.outcomes.set(program, exit3);
      await started();
      await world.untilPhase("s1", "failed");
      assert.deepEqual(order, before);
      assert.deepEqual(world.worktrees.commits, []);
      assert.equal(world.platform.status("s1"), "error");
      assert.match(told(), new RegExp(`The ${name} hook .*failed: exit code 3\\. It said last: .*left`, "s"));
      assert.equal(world.fault(), undefined);
    });

    it(`${name} without a sandbox is the worker's fault: nothing more is claimed, the session goes back`, async () => {
      world.hooks.outcomes.set(program, { kind: "noSandbox", how: "no namespaces", outputTail: "" });
      await started();
      await world.untilPhase("s1", "released");
      assert.deepEqual(order, before);
      assert.equal(world.fault()?.reason, "sandboxUnavailable");
      assert.match(told(), /no namespaces.*hooks\.unsandboxed/s);
    });
  }

  it("after_run that fails is told, and the work is taken over all the same", async () => {
    world.hooks.outcomes.set("tidy", exit3);
    await started();
    await world.untilPhase("s1", "complete");
    assert.match(told(), /The after_run hook .*exit code 3.*The work goes on\./s);
    assert.equal(world.worktrees.commits.length, 1);
  });

  it("after_run runs after a tool that failed, before its work is kept", async () => {
    world.runtime.script = tool(failed("turnFailed"), false);
    world.hooks.while = ({ hook }) => {
      order.push(hook[0] ?? "");
      assert.equal(world.worktrees.commits.length, 0);
      return Promise.resolve();
    };
    await started();
    await world.untilPhase("s1", "failed");
    assert.deepEqual(order, ["set-up", "start", "tool", "tidy"]);
    assert.equal(world.worktrees.commits.length, 1);
  });

  it("run once, also where the tool is tried again", async () => {
    world.config = aConfig({ hooks, maxRetryAttempts: 1 });
    let tries = 0;
    world.runtime.script = (stage) => {
      tries += 1;
      return tool(failed("crashed"), tries > 1)(stage);
    };
    await started();
    await world.untilPhase("s1", "complete");
    assert.deepEqual(order, ["set-up", "start", "tool", "tool", "tidy"]);
  });

  it("whose processes cannot be ended keep git out of the worktree", async () => {
    world.hooks.outcomes.set("tidy", { kind: "stuck", how: "1 of its processes lives", outputTail: "" });
    await started();
    await world.untilPhase("s1", "failed");
    assert.deepEqual(world.worktrees.commits, []);
  });

  it("set a worktree up once, not at each attempt; one that failed runs again", async () => {
    world.hooks.outcomes.set("set-up", exit3);
    await started();
    await world.untilPhase("s1", "failed");
    world.hooks.outcomes.clear();
    for (const again of [1, 2]) {
      world.platform.add(aSession());
      world.worker?.pollNow();
      await world.clock.until(`attempt ${again} is over`, () => world.worktrees.commits.length === again);
      await world.untilPhase("s1", "complete");
    }
    assert.deepEqual(order, ["set-up", "set-up", "start", "tool", "tidy", "start", "tool", "tidy"]);
  });

  for (const program of ["set-up", "start", "tidy"]) {
    it(`is ended and run again after a kill during ${program}`, async () => {
      let hang = true;
      world.hooks.while = async ({ hook, marker }) => {
        order.push(hook[0] ?? "");
        assert.equal(world.journal.get("s1")?.marker, marker, "its marker is on the disk before it starts");
        assert.equal(world.journal.get("s1")?.outcome, "running");
        if (hang && hook[0] === program) await new Promise<never>(() => undefined);
      };
      await started();
      await world.clock.until("the hook hangs", () => order.includes(program));
      const first = world.hooks.ran.at(-1)?.marker ?? "";
      await world.kill();
      hang = false;
      const before = order.length;
      await world.start();
      await world.untilPhase("s1", "complete");
      assert.ok(world.runtime.swept.includes(first), "what was left is ended");
      assert.equal(order[before], program === "tidy" ? "start" : program);
      assert.equal(world.platform.of("s1").finishes.length, 1);
      assert.equal(order.filter((one) => one === "set-up").length, program === "set-up" ? 2 : 1);
    });
  }

  it("end with the session when a person stops it", async () => {
    world.hooks.while = async ({ hook }, signal) => {
      order.push(hook[0] ?? "");
      await world.clock.sleep(3_600_000, signal);
    };
    await started();
    await world.clock.until("the hook runs", () => order.length > 0);
    const ended = world.worker?.end("s1", { kind: "released", byPerson: true, message: "Released by hand." });
    await world.untilPhase("s1", "released");
    await ended;
    assert.deepEqual(order, ["set-up"]);
  });
});

describe("a session's hooks in a worker that is killed at any step", () => {
  /** Plays a session to its end, with a death at that step and a new start. Returns the steps it took without one. */
  async function play(diesAt: number): Promise<number> {
    const world = new World();
    const order: string[] = [];
    world.config = aConfig({ hooks, leaseSeconds: 120 });
    world.hooks.while = async ({ hook, marker }, signal) => {
      const record = world.journal.get("s1");
      assert.deepEqual([record?.outcome, record?.marker, record?.ran], ["running", marker, undefined]);
      const earlier = world.hooks.ran.map((one) => one.marker).filter((one) => one !== marker);
      for (const one of earlier) assert.ok(world.runtime.swept.includes(one), "leftovers were not ended");
      order.push(hook[0] ?? "");
      await world.clock.sleep(50, signal);
    };
    world.runtime.script = async ({ emit, request, signal }) => {
      order.push("tool");
      const threadId = request.resumeThreadId ?? "thread-1";
      emit({ kind: "threadStarted", threadId, model: undefined, modelProvider: undefined });
      await world.clock.sleep(50, signal);
      return { kind: "completed", finalMessage: "done" };
    };
    const untilOver = (): Promise<void> =>
      world.clock.until("the end", () => world.dead || world.phase("s1") === "complete", 200_000);
    world.platform.add(aSession());
    world.diesAt = diesAt;
    await world.start();
    await untilOver();
    const { steps } = world;
    if (world.dead) {
      world.diesAt = Infinity;
      await world.clock.advance(500);
      await world.start();
      await untilOver();
    }
    assert.equal(world.platform.of("s1").finishes.length, 1);
    assert.ok(world.worktrees.commits.length > 0);
    const said = order.join(" ");
    // Each may have begun twice, and nothing comes before what has to be done for it.
    assert.match(said, /^(set-up ){1,2}(start ){1,2}tool( tidy)?( start tool tidy)?$/, said);
    assert.doesNotMatch(said, /(start|tool|tidy) set-up/, said);
    assert.match(said, /tidy$/, said);
    assertPromises(world);
    await world.endProcess();
    return steps;
  }

  it("run in their order, each to its end, beside nothing that was left", async function () {
    this.timeout(120_000);
    const steps = await play(Infinity);
    assert.ok(steps > 40, `only ${steps} steps`);
    for (let step = 1; step <= steps; step += 1) {
      try {
        await play(step);
      } catch (error) {
        throw new Error(`killed at step ${step} of ${steps}`, { cause: error });
      }
    }
  });
});
