import assert from "node:assert/strict";
import { WorktreeError } from "../../../src/core/ports/worktrees";
import { aConfig, aSession } from "../../fakes/builders";
import { failed, gated } from "../../fakes/fakeRuntime";
import { lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import {
  aRunSession,
  lastWords,
  order,
  plain,
  runBranch,
  runPatches,
  toGroup,
  using,
} from "../../fakes/runs";
import { World } from "../../fakes/world";

describe("a session of a workflow run", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.runtime.script = plain;
  });
  afterEach(async () => {
    assertPromises(world);
    await world.endProcess();
  });

  async function untilEnded(sessionId = "s1"): Promise<void> {
    const over = (): boolean => ["complete", "failed", "released"].includes(world.phase(sessionId) ?? "");
    await world.clock.until("the end", over, 300_000);
  }

  for (const mode of ["code", "execute"]) {
    it(`in the mode ${mode} works on the run's branch, publishes it and hands over before it completes`, async () => {
      world.platform.add(aRunSession(mode, { nextTarget: toGroup }));
      await world.start();
      await untilEnded();
      assert.deepEqual(world.worktrees.prepared[0]?.checkout, {
        kind: "run",
        branch: runBranch,
        mergeBase: false,
      });
      assert.equal(world.runtime.runs[0]?.policy.sandbox, "workspace-write");
      assert.deepEqual(
        world.worktrees.pushes.map((one) => one.branch),
        [runBranch],
      );
      assert.deepEqual(runPatches(world), [{ workflowPushConfirmed: true, workflowBranchName: runBranch }]);
      assert.deepEqual(order(world), ["create", "complete"]);
      const [child] = world.platform.delegated;
      assert.deepEqual(
        [child?.delegatingSessionId, child?.targetWorkerId, child?.targetGroupId],
        ["s1", undefined, "group-next"],
      );
      assert.match(child?.prompt ?? "", /Do the work[^]*All done/u);
      assert.match(lastWords(world), /is published to `origin`[^]*goes on in session child-1/u);
      assert.deepEqual(world.store.state.sessions.get("s1")?.workflow, {
        runId: "run-1",
        stepId: "step-1",
        mode,
        branch: runBranch,
        verdict: undefined,
        push: "confirmed",
        parentId: undefined,
        childId: "child-1",
        nextTarget: toGroup,
        missing: undefined,
      });
    });
  }

  it("completes without a child where the run's next step is nobody else's", async () => {
    world.platform.add(aRunSession("code"));
    await world.start();
    await untilEnded();
    assert.deepEqual(order(world), ["complete"]);
    assert.equal(world.worktrees.pushes.length, 1);
  });

  it("hands over to the target that the platform names after the push, not the one before", async () => {
    world.platform.add(aRunSession("code"));
    world.platform.onPatched = (sessionId, { workflowPushConfirmed }) => {
      const { workflow } = aRunSession("code", { nextTarget: toGroup });
      if (workflowPushConfirmed === true) world.platform.set(sessionId, { workflow });
    };
    await world.start();
    await untilEnded();
    assert.deepEqual(order(world), ["create", "complete"]);
  });

  it("resolves conflicts in the branch with the merge of the base begun, named to the tool", async () => {
    world.worktrees.conflicts = ["src/a.ts"];
    world.platform.add(aRunSession("resolve_conflicts"));
    await world.start();
    await untilEnded();
    const [request] = world.worktrees.prepared;
    assert.deepEqual(request?.checkout, { kind: "run", branch: runBranch, mergeBase: true });
    assert.deepEqual(world.turns[0]?.place.conflicts, ["src/a.ts"]);
    assert.match(world.platform.of("s1").activities[0]?.activity.message ?? "", /1 file in conflict/u);
    assert.equal(world.phase("s1"), "complete");
  });

  it("fails with the names where conflicts are left, and publishes nothing", async () => {
    world.worktrees.commitFailure = new WorktreeError("conflict", "Conflicts are left in src/a.ts.");
    world.platform.add(aRunSession("resolve_conflicts", { nextTarget: toGroup }));
    await world.start();
    await untilEnded();
    assert.equal(world.phase("s1"), "failed");
    assert.match(lastWords(world), /left in src\/a\.ts/u);
    assert.deepEqual([world.worktrees.pushes.length, world.platform.delegated.length], [0, 0]);
  });

  for (const reason of ["pushRefused", "conflict", "signing", "remoteGone", "timeout", "noRemote"] as const) {
    it(`fails with the words of a push that could not be done (${reason}), and hands nothing over`, async () => {
      world.worktrees.publishFailure = new WorktreeError(reason, "origin said no. The branch is kept here.");
      world.platform.add(aRunSession("code", { nextTarget: toGroup }));
      await world.start();
      await untilEnded();
      assert.deepEqual(order(world), ["fail"]);
      assert.match(lastWords(world), /origin said no/u);
      assert.deepEqual(runPatches(world), []);
      assert.equal(world.worktrees.commits.length, 1, "the work is kept on its branch");
      const view = world.store.state.sessions.get("s1");
      assert.equal(view?.workflow?.push, "none");
      assert.match(view.workflow.missing ?? "", /not published. origin said no/u);
      assert.deepEqual([view.branch, typeof view.worktreePath], [runBranch, "string"]);
    });
  }

  for (const name of ["--upload-pack=x", "../x", "refs/heads/..", "main"]) {
    it(`fails where git refuses the branch ${name}, before anything runs`, async () => {
      world.worktrees.prepareFailure = new WorktreeError("badBranch", "It is no name of a branch.");
      world.platform.add(aRunSession("code", { branchName: name }));
      await world.start();
      await untilEnded();
      assert.deepEqual([order(world), world.runtime.runs.length], [["fail"], 0]);
      assert.match(lastWords(world), /no name of a branch/u);
    });
  }

  it("keeps the work of a tool that failed on the branch, and publishes nothing", async () => {
    world.runtime.script = () => Promise.resolve(failed("turnFailed"));
    world.platform.add(aRunSession("code", { nextTarget: toGroup }));
    await world.start();
    await untilEnded();
    assert.deepEqual([order(world), world.worktrees.pushes.length], [["fail"], 0]);
    assert.equal(world.worktrees.commits.length, 1);
  });

  const badTargets = [
    ["both targets", { targetWorkerId: "w", targetGroupId: "g" }, /both a worker and a group/u],
    ["no target", { targetWorkerId: undefined, targetGroupId: undefined }, /neither a worker nor a group/u],
    ["targets of no name", { targetWorkerId: "", targetGroupId: " " }, /neither a worker nor a group/u],
  ] as const;
  for (const [name, nextTarget, why] of badTargets) {
    it(`fails after its work is published where the run's next step has ${name}`, async () => {
      world.platform.add(aRunSession("code", { nextTarget }));
      await world.start();
      await untilEnded();
      assert.deepEqual(order(world), ["fail"]);
      assert.match(lastWords(world), why);
      assert.equal(world.worktrees.pushes.length, 1);
      assert.equal(runPatches(world).length, 1);
    });
  }

  it("fails at the end of a chain of eight, after its work is published", async () => {
    for (let index = 1; index <= 7; index += 1) {
      const above = index < 7 ? `above-${index + 1}` : undefined;
      const session = aRunSession("code", {}, { sessionId: `above-${index}`, delegatingSessionId: above });
      world.platform.add({ ...session, status: "complete" });
    }
    world.platform.add(aRunSession("code", { nextTarget: toGroup }, { delegatingSessionId: "above-1" }));
    await world.start();
    await untilEnded();
    assert.deepEqual([order(world), world.worktrees.pushes.length], [["fail"], 1]);
    assert.match(lastWords(world), /8 times in a row/u);
    assert.match(world.store.state.sessions.get("s1")?.workflow?.missing ?? "", /not handed over/u);
  });

  it("hands over where a session above is another person's to read", async () => {
    world.platform.add(aRunSession("code", { nextTarget: toGroup }, { delegatingSessionId: "of-others" }));
    await world.start();
    await untilEnded();
    assert.deepEqual(order(world), ["create", "complete"]);
  });

  it("takes the model's delegation to the next target as the hand-over, with its words", async () => {
    const answers: string[] = [];
    const target = { targetWorkerId: undefined, targetGroupId: undefined };
    const call = { tool: "delegate_work", prompt: "Review it well.", title: "Review", ...target } as const;
    world.runtime.script = using(answers, call);
    world.platform.add(aRunSession("code", { nextTarget: toGroup }));
    await world.start();
    await untilEnded();
    assert.deepEqual(order(world), ["create", "complete"]);
    assert.match(answers[0] ?? "", /when this session ends/u);
    const [child] = world.platform.delegated;
    assert.deepEqual([child?.prompt, child?.title], ["Review it well.", "Review"]);
  });

  it("hands nothing over twice where the model delegated to what became the next target", async () => {
    const target = { targetWorkerId: "worker-9", targetGroupId: undefined };
    const call = { tool: "delegate_work", prompt: "Review it.", title: undefined, ...target } as const;
    world.runtime.script = using([], call);
    world.platform.add(aRunSession("code"));
    const { workflow } = aRunSession("code", { nextTarget: target });
    world.platform.onPatched = (sessionId, { workflowPushConfirmed }) => {
      if (workflowPushConfirmed === true) world.platform.set(sessionId, { workflow });
    };
    await world.start();
    await untilEnded();
    assert.deepEqual(order(world), ["create", "complete"]);
    assert.equal(world.store.state.sessions.get("s1")?.workflow?.childId, "child-1");
  });

  for (const minutes of [2, 20]) {
    it(`pushes under a claim that is proven where the machine slept for ${minutes} minutes before`, async () => {
      let slept = false;
      let proven: number | undefined;
      world.worktrees.beforePush = async () => {
        const calls = world.platform.calls.slice(proven);
        assert.ok(calls.some(({ operation }) => operation === "renew" || operation === "claim"));
        assert.ok(world.platform.of("s1").claim, "the claim lives");
        await Promise.resolve();
      };
      world.runtime.script = async (stage) => {
        const outcome = await plain(stage);
        if (!slept) world.clock.suspend(minutes * 60_000);
        proven ??= world.platform.calls.length;
        slept = true;
        return outcome;
      };
      world.platform.add(aRunSession("code", { nextTarget: toGroup }));
      await world.start();
      await world.untilPhase("s1", "complete", 300_000);
      assert.deepEqual([world.worktrees.pushes.length, world.platform.delegated.length], [1, 1]);
      assert.equal(world.platform.count("claim"), minutes === 2 ? 1 : 2);
    });
  }

  it("hands work on because a person wants it, while it works and not after", async () => {
    world.runtime.script = gated;
    world.platform.add(aRunSession("code"), aSession({ sessionId: "s2" }));
    await world.start();
    await world.untilPhase("s1", "running");
    await world.untilPhase("s2", "running");
    const work = { prompt: "Look at it.", title: undefined, ...toGroup };
    assert.equal(await world.worker?.delegate("s1", work), "child-1");
    // Also outside of a run.
    assert.equal(await world.worker?.delegate("s2", work), "child-2");
    assert.deepEqual(
      world.platform.delegated.map((one) => [one.delegatingSessionId, one.prompt, one.targetGroupId]),
      [
        ["s1", "Look at it.", "group-next"],
        ["s2", "Look at it.", "group-next"],
      ],
    );
    await assert.rejects(
      async () => world.worker?.delegate("s1", { ...work, targetWorkerId: "w" }),
      /both a worker/u,
    );
    await assert.rejects(
      async () => world.worker?.delegate("s1", { ...work, targetGroupId: undefined }),
      /neither a worker nor a group/u,
    );
    await assert.rejects(
      async () => world.worker?.delegate("s1", { ...work, prompt: " " }),
      /nothing to do/u,
    );
    world.platform.onCall = ({ operation }) => (operation === "create" ? { error: lostAnswer() } : undefined);
    await assert.rejects(async () => world.worker?.delegate("s1", work), /not known whether/u);
    world.platform.onCall = () => undefined;
    world.runtime.open("s1");
    world.runtime.open("s2");
    await untilEnded();
    await untilEnded("s2");
    await assert.rejects(async () => world.worker?.delegate("s1", work), /Only a session that works here/u);
    assert.equal(world.platform.delegated.length, 2);
  });

  it("takes what a person delegated to the run's next target for the hand-over", async () => {
    world.runtime.script = gated;
    world.platform.add(aRunSession("code", { nextTarget: toGroup }));
    // The platform goes on waiting for it until the push is confirmed.
    await world.start();
    await world.untilPhase("s1", "running");
    await world.worker?.delegate("s1", { prompt: "Review it.", title: undefined, ...toGroup });
    const { workflow } = aRunSession("code", { nextTarget: toGroup });
    world.platform.set("s1", { workflow });
    world.runtime.open("s1");
    await untilEnded();
    assert.deepEqual(order(world), ["create", "complete"]);
  });

  it("sends nothing more when it is cancelled between the push and the hand-over, and keeps the work", async () => {
    world.platform.add(aRunSession("code", { nextTarget: toGroup }));
    world.platform.onPatched = (sessionId, { workflowPushConfirmed }) => {
      if (workflowPushConfirmed === true) world.platform.cancel(sessionId);
    };
    await world.start();
    await world.untilPhase("s1", "cancelled", 300_000);
    assert.deepEqual(order(world), []);
    assert.equal(world.worktrees.pushes.length, 1);
  });

  it("fails with the reason where the platform refuses the child", async () => {
    world.platform.onCall = ({ operation }) =>
      operation === "create" ? { error: refused("badRequest") } : undefined;
    world.platform.add(aRunSession("code", { nextTarget: toGroup }));
    await world.start();
    await untilEnded();
    assert.match(lastWords(world), /session for its next step was not created/u);
    assert.equal(world.phase("s1"), "failed");
  });

  it("gets a worktree of its own where the worker shares a folder, and says so", async () => {
    world.config = aConfig({ worktree: { ...aConfig().worktree, mode: "repository" } });
    world.platform.add(aRunSession("code"));
    await world.start();
    await untilEnded();
    assert.equal(world.worktrees.prepared[0]?.mode, "task");
    assert.match(world.platform.of("s1").activities[0]?.activity.message ?? "", /worktree of their own/u);
  });

  it("runs with the tool, model and effort of its mode", async () => {
    const { runtime } = aConfig();
    const judge = { provider: "gemini", command: ["judge"], model: "large", effort: "high" };
    world.config = aConfig({ runtime: { ...runtime, modes: new Map([["code", judge]]) } });
    world.platform.add(aRunSession("code"));
    await world.start();
    await untilEnded();
    const [run] = world.runtime.runs;
    assert.deepEqual(
      [run?.provider, run?.command, run?.model, run?.effort],
      ["gemini", ["judge"], "large", "high"],
    );
  });

  it("is ordinary work where it was delegated outside of any run", async () => {
    const facts = { runId: undefined, stepId: undefined, taskMode: undefined };
    const session = aRunSession("", facts, { delegatingSessionId: "above" });
    world.platform.add({
      ...session,
      workflow: session.workflow && { ...session.workflow, taskMode: undefined },
    });
    await world.start();
    await untilEnded();
    assert.deepEqual([world.phase("s1"), world.worktrees.pushes.length], ["complete", 0]);
    assert.equal(world.worktrees.prepared[0]?.checkout, undefined);
  });
});
