import assert from "node:assert/strict";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { workerAt } from "../../fakes/sandboxClient";
import { offeredTo, runIn, startRun, take, type BareWorker, type Held } from "../../fakes/sandboxRuns";

describe("a workflow run on the sandbox, driven by two bare workers", () => {
  let sandbox: Sandbox;
  let coder: BareWorker;
  let reviewer: BareWorker;
  let runId: string;
  beforeEach(async () => {
    sandbox = await startTestSandbox();
    coder = await workerAt(sandbox, { name: "Coder" });
    reviewer = await workerAt(sandbox, { name: "Reviewer", groupId: "group_review" });
    runId = await startRun(sandbox, {
      branch: "feature/note",
      template: [
        { mode: "plan", targetWorkerId: coder.workerId },
        { mode: "code", targetWorkerId: coder.workerId },
        { mode: "review", targetGroupId: "group_review" },
      ],
    });
  });
  afterEach(() => sandbox.close());

  const facts = (held: Held): unknown[] =>
    [
      "workflowRunId",
      "workflowStepId",
      "workflowTaskMode",
      "workflowBranchName",
      "workflowPushConfirmed",
      "workflowNextTarget",
      "delegatingSessionId",
    ].map((one) => held.first.get("session", one));
  const documents = (held: Held): unknown[] =>
    [0, 1, 2, 3].flatMap((one) => {
      const title = held.first.get("session", "untrustedContext", "documents", one, "title");
      return title === undefined ? [] : [title];
    });
  const steps = () => runIn(sandbox, runId).steps;

  /** Plans, and lets the platform queue the code step. */
  const planned = async (): Promise<Held> => {
    const plan = await take(coder);
    await plan.document("Plan", "1. Write the note.");
    await plan.complete();
    return take(coder);
  };
  /** Codes, pushes and hands over. */
  const coded = async (code: Held): Promise<Held> => {
    await code.patch({ workflowPushConfirmed: true, workflowBranchName: "feature/note" });
    const child = await code.delegate({ targetGroupId: "group_review" });
    assert.equal(child.status, 201);
    await code.complete();
    return take(reviewer);
  };
  const judged = async (review: Held, reviewVerdict: string): Promise<void> => {
    await review.document(`Review: ${reviewVerdict}`, "See there.");
    const told = await review.patch({ reviewVerdict });
    const target = told.get("session", "workflowNextTarget");
    if (target !== null) {
      assert.deepEqual(target, { targetWorkerId: coder.workerId });
      assert.equal((await review.delegate({ targetWorkerId: coder.workerId })).status, 201);
    }
    await review.complete();
  };

  it("goes from plan over code and a review that asks for changes to an approved branch", async () => {
    const plan = await take(coder);
    assert.deepEqual(facts(plan), [runId, steps()[0]?.stepId, "plan", "feature/note", null, null, null]);
    await plan.document("Plan", "1. Write the note.");
    await plan.complete();

    const code = await take(coder);
    const target = { targetGroupId: "group_review" };
    assert.deepEqual(facts(code), [runId, steps()[1]?.stepId, "code", "feature/note", false, target, null]);
    assert.deepEqual(documents(code), ["Plan"]);
    const waiting = await code.delegate({ ...target, workflowTaskMode: "review" });
    assert.deepEqual([waiting.status, waiting.get("session", "status")], [201, "pending"]);
    assert.equal((await code.read()).get("session", "workflowNextTarget"), null, "it has gone on");
    assert.deepEqual(await offeredTo(reviewer), []);
    const confirmed = await code.patch({ workflowPushConfirmed: true, workflowBranchName: "feature/note" });
    assert.equal(confirmed.get("session", "workflowPushConfirmed"), true);
    assert.equal((await offeredTo(reviewer)).length, 1);
    await code.complete();

    const review = await take(reviewer);
    const asked = [runId, steps()[2]?.stepId, "review", "feature/note", true, null, code.sessionId];
    assert.deepEqual(facts(review), asked);
    await judged(review, "feedback");

    const again = await take(coder);
    assert.deepEqual(facts(again).slice(2), ["code", "feature/note", false, target, review.sessionId]);
    assert.deepEqual(documents(again), ["Plan", "Review: feedback"]);
    const second = await coded(again);
    assert.deepEqual(documents(second), ["Plan", "Review: feedback"]);
    await judged(second, "approve");

    const run = runIn(sandbox, runId);
    assert.deepEqual([run.status, run.reason, run.pushConfirmed], ["finished", null, true]);
    assert.deepEqual(
      run.steps.map((one) => [one.mode, one.status, one.verdict, one.children.length, one.documents.length]),
      [
        ["plan", "complete", null, 0, 1],
        ["code", "complete", null, 1, 0],
        ["review", "complete", "feedback", 1, 1],
        ["code", "complete", null, 1, 0],
        ["review", "complete", "approve", 0, 1],
      ],
    );
    assert.deepEqual(
      sandbox.state().sessions.flatMap((one) => one.remarks),
      [],
    );
  });

  it("opens the pull request: a page that answers, named by the last code session", async () => {
    const code = await planned();
    await judged(await coded(code), "approve");
    const url = (await code.read()).text("session", "externalUrl");
    const page = await fetch(url);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /Add a note[^]*feature\/note/);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.equal((await fetch(`${url}x`)).status, 404);
    const others = sandbox.state().sessions.filter((one) => one.sessionId !== code.sessionId);
    assert.deepEqual(others.map((one) => one.externalUrl).filter(Boolean), []);
  });

  it("shows what people wrote as text on the pull request's page", async () => {
    const code = await planned();
    const review = await coded(code);
    await review.patch({ reviewVerdict: "approve" });
    await review.complete();
    const prompt = "<script>x</script>";
    const template = [{ mode: "code", targetWorkerId: coder.workerId }];
    const id = await startRun(sandbox, { title: prompt, prompt, template });
    const only = await take(coder);
    await only.patch({ workflowPushConfirmed: true });
    await only.complete();
    const page = await fetch(runIn(sandbox, id).pullRequest?.url ?? "");
    assert.doesNotMatch(await page.text(), /<script/);
  });

  it("goes back to the coder itself after feedback of the same worker, with the review document", async () => {
    const template = ["code", "review"].map((mode) => ({ mode, targetWorkerId: reviewer.workerId }));
    const id = await startRun(sandbox, { template });
    const code = await take(reviewer);
    assert.equal(code.first.get("session", "workflowNextTarget"), null);
    await code.patch({ workflowPushConfirmed: true });
    await code.complete();
    const review = await take(reviewer);
    await review.document("Review", "The note is too short.");
    assert.equal(
      (await review.patch({ reviewVerdict: "feedback" })).get("session", "workflowNextTarget"),
      null,
    );
    await review.complete();
    const again = await take(reviewer);
    assert.deepEqual(documents(again), ["Review"]);
    assert.match(again.first.text("session", "prompt"), /^Please add a note\.\n\nA review asked for changes/);
    assert.equal(again.first.get("session", "delegatingSessionId"), null);
    assert.match(runIn(sandbox, id).branchName ?? "", /^one\/run-/);
  });

  it("ends rejected after a rejection", async () => {
    await judged(await coded(await planned()), "reject");
    const run = runIn(sandbox, runId);
    assert.deepEqual([run.status, run.pullRequest], ["rejected", null]);
    assert.equal(run.reason, "The review rejected the work at step 3 (review).");
  });

  describe("stalls and says what is missing", () => {
    const stalled = (missing: RegExp): void => {
      const run = runIn(sandbox, runId);
      assert.equal(run.status, "stalled");
      assert.match(run.reason ?? "", missing);
    };

    it("after a review that was completed without a verdict", async () => {
      const review = await coded(await planned());
      assert.equal((await review.complete()).get("session", "status"), "complete");
      stalled(/without a verdict/);
      assert.match(sandbox.state().sessions.at(-1)?.remarks.join() ?? "", /without a verdict/);
    });

    it("after a step that was completed and not handed over", async () => {
      const code = await planned();
      await code.patch({ workflowPushConfirmed: true });
      await code.complete();
      stalled(/step 3 \(review\) was not delegated to the group group_review/);
      const remarks = sandbox.state().sessions.flatMap((one) => one.remarks);
      assert.match(remarks.join(), /not delegated/);
    });

    it("after a hand-over whose branch was never confirmed as pushed", async () => {
      const code = await planned();
      await code.delegate({ targetGroupId: "group_review" });
      assert.equal(runIn(sandbox, runId).status, "running");
      await code.complete();
      stalled(/branch feature\/note was never confirmed/);
      assert.deepEqual(await offeredTo(reviewer), []);
    });

    it("after a code step whose next step is the same worker's and whose push was not confirmed", async () => {
      const template = ["code", "review"].map((mode) => ({ mode, targetWorkerId: coder.workerId }));
      await take(coder);
      runId = await startRun(sandbox, { template });
      await (await take(coder)).complete();
      stalled(/never confirmed as pushed/);
    });
  });

  describe("stops with the reason", () => {
    it("when a session fails", async () => {
      await (await planned()).fail("The remote is gone.");
      const run = runIn(sandbox, runId);
      assert.deepEqual(
        [run.status, run.reason],
        ["stopped", "It failed at step 2 (code): The remote is gone."],
      );
    });

    it("when a session is cancelled after its hand-over, and what has not begun never does", async () => {
      const code = await planned();
      await code.delegate({ targetGroupId: "group_review" });
      await sandbox.dashboard("POST", `sessions/${code.sessionId}/cancel`);
      const run = runIn(sandbox, runId);
      assert.deepEqual([run.status, run.reason], ["stopped", "It was cancelled at step 2 (code)."]);
      assert.deepEqual(
        run.steps.map((one) => one.status),
        ["complete", "cancelled", "cancelled"],
      );
    });
  });

  it("waits while a session is given back, lost and taken again", async () => {
    const code = await planned();
    sandbox.advance(900_000);
    assert.equal(runIn(sandbox, runId).status, "running");
    assert.deepEqual(runIn(sandbox, runId).steps.at(-1)?.nextTarget, null);
    await coder.api("POST", `${coder.path}/heartbeat`, {
      state: "idle",
      activeSessions: 0,
      runtime: { provider: "codex" },
    });
    const again = await coder.api("POST", `${coder.path}/sessions/${code.sessionId}/claim`, {});
    assert.deepEqual(again.get("session", "workflowNextTarget"), { targetGroupId: "group_review" });
  });

  describe("refuses", () => {
    it("a child in another mode than the template's", async () => {
      const code = await planned();
      const answer = await code.delegate({ targetGroupId: "group_review", workflowTaskMode: "code" });
      assert.deepEqual(
        [answer.status, answer.get("message")],
        [400, "The run's next step has the workflowTaskMode review."],
      );
      assert.equal(steps().length, 2);
    });

    it("both targets, none, and a parent that is not active", async () => {
      const code = await planned();
      const both = { targetGroupId: "group_review", targetWorkerId: reviewer.workerId };
      assert.equal((await code.delegate(both)).status, 400);
      assert.equal((await code.delegate({})).status, 400);
      await code.complete();
      const late = await code.delegate({ targetGroupId: "group_review" });
      assert.deepEqual([late.status, late.get("reason")], [409, "claim_inactive"]);
    });

    it("a target that is not there, or was removed", async () => {
      const code = await planned();
      assert.equal((await code.delegate({ targetWorkerId: "worker_none" })).status, 400);
      assert.equal((await code.delegate({ targetGroupId: "group_none" })).status, 400);
      await sandbox.dashboard("POST", `workers/${reviewer.workerId}/reject`, {});
      assert.equal((await code.delegate({ targetWorkerId: reviewer.workerId })).status, 400);
      assert.equal((await code.delegate({ targetGroupId: "group_review" })).status, 400);
      assert.equal(steps().length, 2);
    });

    it("a branch that is not the run's", async () => {
      const code = await planned();
      const answer = await code.patch({ workflowPushConfirmed: true, workflowBranchName: "main" });
      assert.deepEqual(
        [answer.status, answer.get("message")],
        [400, "The branch of this run is feature/note."],
      );
      assert.equal((await code.read()).get("session", "workflowPushConfirmed"), false);
    });

    it("a mode for a second child, which is outside of the run", async () => {
      const code = await planned();
      await code.delegate({ targetGroupId: "group_review" });
      const second = { targetGroupId: "group_review" };
      assert.equal((await code.delegate({ ...second, workflowTaskMode: "review" })).status, 400);
      const outside = await code.delegate(second);
      assert.deepEqual(
        ["workflowRunId", "workflowTaskMode", "status"].map((one) => outside.get("session", one)),
        [null, null, "queued"],
      );
      assert.equal(steps().length, 3);
    });

    const unfit: readonly (readonly [string, object])[] = [
      ["no steps", { template: [] }],
      ["a step with both targets", { template: [{ mode: "plan", targetWorkerId: "w", targetGroupId: "g" }] }],
      ["a worker that is not there", { template: [{ mode: "plan", targetWorkerId: "worker_none" }] }],
      ["a group without workers", { template: [{ mode: "plan", targetGroupId: "group_none" }] }],
      ["an agent that is not there", { template: [{ mode: "plan", agentId: "agent_none" }] }],
      ["a task that is not there", { template: [{ mode: "plan" }], taskId: "task_none" }],
      ["a misspelt field", { template: [{ mode: "plan" }], branchName: "b" }],
    ];
    for (const [what, body] of unfit) {
      it(`a run with ${what}`, async () => {
        await assert.rejects(startRun(sandbox, body), /400/);
        assert.equal(sandbox.state().runs.length, 1);
        assert.equal(sandbox.state().tasks.length, 1);
      });
    }
  });

  it("starts what workers have to judge: no mode, an unknown mode, odd branches, none", async () => {
    for (const [mode, branch] of [
      [null, "b"],
      ["deploy", "--upload-pack=x"],
      ["code", null],
    ] as const) {
      const id = await startRun(sandbox, { branch, template: [{ mode, targetWorkerId: reviewer.workerId }] });
      const { first } = await take(reviewer);
      assert.deepEqual(
        ["workflowRunId", "workflowTaskMode", "workflowBranchName"].map((one) => first.get("session", one)),
        [id, mode, branch],
      );
    }
  });

  it("offers a group's step to all its members, and gives it to one", async () => {
    const other = await workerAt(sandbox, { name: "Second reviewer", groupId: "group_review" });
    const code = await planned();
    await code.patch({ workflowPushConfirmed: true });
    await code.delegate({ targetGroupId: "group_review" });
    assert.deepEqual(await offeredTo(coder), []);
    assert.deepEqual(await offeredTo(other), await offeredTo(reviewer));
    const review = await take(other);
    assert.deepEqual(await offeredTo(reviewer), []);
    const late = await reviewer.api("POST", `${reviewer.path}/sessions/${review.sessionId}/claim`, {});
    assert.deepEqual([late.status, late.get("reason")], [409, "already_claimed"]);
  });

  it("lists the workers with the groups that a delegation may name", async () => {
    const list = await coder.api("GET", coder.path.replace(/\/[^/]+$/, ""));
    assert.deepEqual(
      [0, 1].map((one) => [list.get("workers", one, "name"), list.get("workers", one, "groupId")]),
      [
        ["Coder", null],
        ["Reviewer", "group_review"],
      ],
    );
  });
});
