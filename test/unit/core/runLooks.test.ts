import assert from "node:assert/strict";
import type { ToolCall } from "../../../src/core/ports/tools";
import { WorktreeError } from "../../../src/core/ports/worktrees";
import type { RunFailureReason } from "../../../src/core/ports/runtime";
import { aConfig, aRecord } from "../../fakes/builders";
import { failed } from "../../fakes/fakeRuntime";
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

const task = { taskId: "task-1" };
const approve: ToolCall = { tool: "set_review_verdict", verdict: "approve", reason: "It holds." };

describe("a session of a run that only looks", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.runtime.script = plain;
    world.worktrees.remote.set(runBranch, "b".repeat(40));
    world.config = aConfig({
      policy: { sandbox: "danger-full-access", approvals: "on-request", network: true },
    });
  });
  afterEach(async () => {
    assertPromises(world);
    await world.endProcess();
  });

  async function untilEnded(): Promise<void> {
    const over = (): boolean => ["complete", "failed", "released"].includes(world.phase("s1") ?? "");
    await world.clock.until("the end", over, 300_000);
  }

  for (const mode of ["plan", "research", "review"]) {
    it(`in the mode ${mode} may write nothing, commits nothing and leaves no checkout`, async () => {
      world.platform.add(aRunSession(mode, {}, task));
      await world.start();
      await untilEnded();
      const [run] = world.runtime.runs;
      assert.deepEqual(run?.policy, { sandbox: "read-only", approvals: "never", network: true });
      assert.deepEqual(world.worktrees.prepared[0]?.checkout, {
        kind: "detached",
        branch: runBranch,
        required: mode === "review",
      });
      assert.deepEqual([world.worktrees.commits, world.worktrees.pushes], [[], []]);
      assert.deepEqual(world.worktrees.discarded, ["/worktrees/read-s1"]);
      const view = world.store.state.sessions.get("s1");
      assert.deepEqual([view?.phase, view?.worktreePath, view?.branch], ["complete", undefined, undefined]);
      assert.equal(world.journal.get("s1")?.worktreePath, undefined);
    });
  }

  describe("with a hook before_remove", () => {
    const removal = ["farewell", "--all"];
    beforeEach(() => {
      const { hooks } = world.config;
      world.config = { ...world.config, hooks: { ...hooks, afterRun: ["tidy"], beforeRemove: removal } };
      world.platform.add(aRunSession("review", {}, task));
    });
    const told = (): string =>
      world.platform
        .of("s1")
        .activities.map(({ activity }) => activity.message)
        .join("\n");
    const ran = (): readonly (string | undefined)[] => world.hooks.ran.map(({ hook }) => hook[0]);

    it("runs it at the checkout's top, as the other hooks, before the checkout goes", async () => {
      world.hooks.while = ({ hook, marker }) => {
        assert.equal(world.journal.get("s1")?.marker, marker, "its marker is on the disk before it starts");
        if (hook[0] === "farewell") assert.deepEqual(world.worktrees.discarded, []);
        return Promise.resolve();
      };
      await world.start();
      await untilEnded();
      assert.deepEqual(ran(), ["tidy", "farewell"]);
      const [tidy, farewell] = world.hooks.ran;
      assert.deepEqual(farewell?.hook, removal);
      assert.equal(farewell.workingDirectory, "/worktrees/read-s1");
      assert.deepEqual(
        [farewell.policy, farewell.marker, farewell.unsandboxed],
        [tidy?.policy, tidy?.marker, false],
      );
      assert.deepEqual(farewell.policy, { sandbox: "read-only", approvals: "never", network: true });
      assert.deepEqual(world.worktrees.discarded, ["/worktrees/read-s1"]);
      assert.equal(world.phase("s1"), "complete");
    });

    for (const kind of ["failed", "noSandbox"] as const) {
      it(`only tells where it does not work (${kind}): the checkout goes, the session completes`, async () => {
        world.hooks.outcomes.set("farewell", { kind, how: "exit code 3", outputTail: "" });
        await world.start();
        await untilEnded();
        assert.equal(world.phase("s1"), "complete");
        assert.match(told(), /The before_remove hook .*exit code 3.*is removed all the same/su);
        assert.deepEqual(world.worktrees.discarded, ["/worktrees/read-s1"]);
        assert.equal(world.fault(), undefined);
      });
    }

    it("keeps the checkout where its processes cannot be ended, and completes all the same", async () => {
      world.hooks.outcomes.set("farewell", {
        kind: "stuck",
        how: "1 of its processes lives",
        outputTail: "",
      });
      await world.start();
      await untilEnded();
      assert.equal(world.phase("s1"), "complete");
      assert.match(told(), /before_remove.*1 of its processes lives.*The files are kept/su);
      assert.deepEqual(world.worktrees.discarded, []);
    });

    it("runs it in the next process after a kill in it, and not where the checkout is gone", async () => {
      let hang = true;
      world.hooks.while = async ({ hook }) => {
        if (hang && hook[0] === "farewell") await new Promise<never>(() => undefined);
      };
      await world.start();
      await world.clock.until("the hook hangs", () => ran().includes("farewell"));
      await world.kill();
      hang = false;
      await world.start();
      await untilEnded();
      assert.equal(world.phase("s1"), "complete");
      assert.deepEqual(ran(), ["tidy", "farewell", "farewell"]);
      assert.deepEqual(world.worktrees.discarded, ["/worktrees/read-s1"]);
    });

    it("does not run it once the session is cancelled", async () => {
      world.runtime.script = async ({ signal }) => {
        world.platform.cancel("s1");
        await world.clock.sleep(3_600_000, signal);
        return failed("crashed");
      };
      await world.start();
      await world.clock.until("the end", () => world.phase("s1") === "cancelled", 3_000_000);
      assert.deepEqual(ran(), []);
    });
  });

  it("has no changes to count: what stands in its checkout is others' work", async () => {
    world.runtime.script = async (run) => {
      run.emit({ kind: "filesChanged", itemId: "i1", files: [{ path: "a", change: "add" }] });
      return await plain(run);
    };
    world.platform.add(aRunSession("review", {}, task));
    await world.start();
    await untilEnded();
    assert.equal(world.store.state.sessions.get("s1")?.stat, undefined);
  });

  for (const mode of ["plan", "research"]) {
    it(`in the mode ${mode} ends with the tool's last message as a document, then hands over`, async () => {
      world.platform.add(aRunSession(mode, { nextTarget: toGroup }, task));
      await world.start();
      await untilEnded();
      assert.deepEqual(order(world), ["document", "create", "complete"]);
      const [document] = world.platform.documents;
      assert.deepEqual(
        [document?.taskId, document?.workflowRunId, document?.workflowStepId],
        ["task-1", "run-1", "step-1"],
      );
      assert.match(document?.content ?? "", /^All done/u);
      assert.match(document?.title ?? "", mode === "plan" ? /^Plan: / : /^Research: /u);
    });

    it(`in the mode ${mode} writes no second document where the model wrote one`, async () => {
      const write: ToolCall = { tool: "write_document", title: "Mine", content: "1. Look." };
      world.runtime.script = using([], write);
      world.platform.add(aRunSession(mode, {}, task));
      await world.start();
      await untilEnded();
      assert.deepEqual(
        world.platform.documents.map((one) => one.title),
        ["Mine"],
      );
    });

    it(`in the mode ${mode} ends with the document in its completion where it has no task`, async () => {
      const write: ToolCall = { tool: "write_document", title: "Mine", content: "1. Look." };
      world.runtime.script = using([], write);
      world.platform.add(aRunSession(mode));
      await world.start();
      await untilEnded();
      assert.deepEqual(order(world), ["complete"]);
      const last = world.platform.of("s1").activities.at(-1)?.activity;
      assert.equal(last?.type, "completion");
      assert.match(last.message, /All done[^]*## Mine[^]*1\. Look\./u);
      assert.match(lastWords(world), /## Mine/u);
    });

    it(`in the mode ${mode} works on the base branch where the run has no branch yet`, async () => {
      world.platform.add(aRunSession(mode, { branchName: undefined }, task));
      await world.start();
      await untilEnded();
      const [request] = world.worktrees.prepared;
      assert.deepEqual(request?.checkout, { kind: "detached", branch: undefined, required: false });
      assert.equal(world.phase("s1"), "complete");
    });
  }

  it("puts a document that the platform refuses into its completion, and says why", async () => {
    world.platform.onCall = ({ operation }) =>
      operation === "document" ? { error: refused("badRequest", "too long") } : undefined;
    world.platform.add(aRunSession("plan", { nextTarget: toGroup }, task));
    await world.start();
    await untilEnded();
    assert.deepEqual(order(world), ["document", "create", "complete"]);
    assert.match(lastWords(world), /not taken by One Horizon[^]*All done/u);
  });

  for (const acted of [true, false]) {
    it(`writes its document once when an answer is lost and it was ${acted ? "" : "not "}written`, async () => {
      let lost = false;
      world.platform.onCall = ({ operation }) => {
        if (operation !== "document" || lost) return undefined;
        lost = true;
        return { error: lostAnswer(), acted };
      };
      world.platform.add(aRunSession("plan", {}, task));
      await world.start();
      await untilEnded();
      assert.equal(world.platform.documents.length, 1);
      assert.equal(world.platform.count("document"), acted ? 1 : 2);
    });
  }

  it("tells a review's verdict before it completes, after its document, which holds verdict and reason", async () => {
    world.runtime.script = using([], approve);
    world.platform.add(aRunSession("review", {}, task));
    world.platform.onPatched = (sessionId, { reviewVerdict }) => {
      const { workflow } = aRunSession("review", { nextTarget: toGroup });
      if (reviewVerdict !== undefined) world.platform.set(sessionId, { workflow });
    };
    await world.start();
    await untilEnded();
    assert.deepEqual(order(world), ["document", "create", "complete"]);
    assert.deepEqual(runPatches(world), [{ reviewVerdict: "approve" }]);
    assert.match(
      world.platform.documents[0]?.content ?? "",
      /\*\*Verdict:\*\* approve[^]*\*\*Reason:\*\* It holds\.[^]*All done/u,
    );
    assert.match(lastWords(world), /Verdict: \*\*approve\*\*\. It holds\./u);
    assert.equal(world.store.state.sessions.get("s1")?.workflow?.verdict, "approve");
  });

  it("tells the last of a review's verdicts, and none of those before", async () => {
    world.runtime.script = using([], { ...approve, verdict: "reject" }, { ...approve, verdict: "feedback" });
    world.platform.add(aRunSession("review"));
    await world.start();
    await untilEnded();
    assert.deepEqual(runPatches(world), [{ reviewVerdict: "feedback" }]);
  });

  it("rejects where the model came to no verdict, with the reason in the document", async () => {
    world.platform.add(aRunSession("review", { nextTarget: toGroup }, task));
    await world.start();
    await untilEnded();
    assert.deepEqual(runPatches(world), [{ reviewVerdict: "reject" }]);
    assert.match(
      world.platform.documents[0]?.content ?? "",
      /\*\*Verdict:\*\* reject[^]*came to no verdict/u,
    );
    assert.equal(world.phase("s1"), "complete");
  });

  for (const reason of ["crashed", "turnFailed", "stalled", "turnTimeout", "turnCancelled"] as const) {
    it(`rejects where the tool failed while judging (${reason}), also where it had said otherwise`, async () => {
      world.runtime.script = async (stage) => {
        await using([], approve)(stage);
        return failed(reason, "The tool fell over.");
      };
      world.platform.add(aRunSession("review", {}, task));
      await world.start();
      await untilEnded();
      assert.deepEqual(runPatches(world), [{ reviewVerdict: "reject" }]);
      assert.match(world.platform.documents[0]?.content ?? "", /could not be judged: The tool fell over/u);
      assert.deepEqual(order(world), ["document", "complete"]);
    });
  }

  const faults: readonly RunFailureReason[] = ["notFound", "notSignedIn", "outOfQuota", "sandboxUnavailable"];
  for (const reason of faults) {
    it(`gives a review back, and judges nothing, where the worker is at fault (${reason})`, async () => {
      world.runtime.script = () => Promise.resolve(failed(reason));
      world.platform.add(aRunSession("review", {}, task));
      await world.start();
      await untilEnded();
      assert.deepEqual([order(world), runPatches(world)], [["release"], []]);
    });
  }

  it("rejects where the branch is not on the remote, and where the run names none", async () => {
    world.worktrees.remote.clear();
    world.platform.add(aRunSession("review", {}, task));
    await world.start();
    await untilEnded();
    assert.deepEqual(runPatches(world), [{ reviewVerdict: "reject" }]);
    assert.match(world.platform.documents[0]?.content ?? "", /is not on origin/u);
    assert.equal(world.runtime.runs.length, 0);
  });

  it("gives a review back where no session could be worked on here", async () => {
    world.worktrees.prepareFailure = new WorktreeError("diskFull", "The disk is full.");
    world.platform.add(aRunSession("review", {}, task));
    await world.start();
    await untilEnded();
    assert.deepEqual([order(world), runPatches(world)], [["release"], []]);
  });

  it("tells a verdict until the platform has it, and completes only then", async () => {
    let times = 0;
    world.runtime.script = using([], approve);
    world.platform.onCall = ({ operation }) => {
      if (operation !== "patch") return undefined;
      times += 1;
      return times < 6 ? { error: lostAnswer(), acted: times % 2 === 0 } : undefined;
    };
    world.platform.add(aRunSession("review"));
    await world.start();
    await untilEnded();
    assert.equal(world.phase("s1"), "complete");
    const complete = world.platform.calls.findIndex(({ operation }) => operation === "complete");
    assert.ok(
      world.platform.calls.slice(0, complete).filter(({ operation }) => operation === "patch").length > 5,
    );
    assert.equal(world.platform.of("s1").session.reviewVerdict, "approve");
  });

  it("fails, and never completes, where the platform does not take the verdict", async () => {
    world.runtime.script = using([], approve);
    world.platform.onCall = ({ operation }) =>
      operation === "patch" ? { error: refused("badRequest", "no such verdict") } : undefined;
    world.platform.add(aRunSession("review", { nextTarget: toGroup }));
    await world.start();
    await untilEnded();
    assert.deepEqual(order(world), ["fail"]);
    assert.match(lastWords(world), /did not take the verdict/u);
    assert.match(world.store.state.sessions.get("s1")?.workflow?.missing ?? "", /lacks the verdict/u);
  });

  it("never completes a review without a verdict, whatever an earlier process had decided", async () => {
    const session = aRunSession("review");
    world.platform.add(session);
    world.platform.giveClaim("s1");
    const finish = { kind: "complete", summary: "All is well." } as const;
    const told = { activityId: "00000000-0000-4000-8000-000000000001", byPerson: false, fault: undefined };
    const ending = { finish, ...told, detail: undefined };
    world.journal.records.set("s1", aRecord({ step: "finishing", ending }));
    await world.start();
    await untilEnded();
    assert.deepEqual(order(world), ["fail"]);
    assert.equal(world.phase("s1"), "failed");
    assert.match(lastWords(world), /without a verdict/u);
    const types = world.platform.of("s1").activities.map(({ activity }) => activity.type);
    assert.ok(!types.includes("completion"));
  });
});
