import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import { silentLog } from "../../../src/base/log";
import { cancelled, type Answer, type Question } from "../../../src/core/ports/person";
import type { ToolCall, ToolResult, UsedTool } from "../../../src/core/ports/tools";
import type { Session, WorkflowFacts } from "../../../src/core/session";
import { bindSession } from "../../../src/core/sessionCalls";
import { RunLog, runNotesOf, type RunNotes } from "../../../src/core/runNotes";
import { Toolbox } from "../../../src/core/toolbox";
import { aSession, us } from "../../fakes/builders";
import { FakePlatform, type Fault } from "../../fakes/fakePlatform";
import { ManualClock } from "../../fakes/manualClock";
import { lostAnswer, refused } from "../../fakes/platformErrors";

const inRun: WorkflowFacts = {
  runId: "run-1",
  stepId: "step-1",
  taskMode: "code",
  branchName: undefined,
  nextTarget: { targetWorkerId: undefined, targetGroupId: "group-next" },
};
const plan: ToolCall = { tool: "write_document", title: "Plan", content: "1. Look." };
const work: ToolCall = {
  tool: "delegate_work",
  prompt: "Review it.",
  title: "Review",
  targetWorkerId: undefined,
  targetGroupId: undefined,
};

/** It was carried out, and nobody heard of it. */
const lost: Fault = { error: lostAnswer(), acted: true };

describe("the worker's own tools", () => {
  let platform: FakePlatform;
  let told: string[];
  let noted: object[];
  let saved: readonly UsedTool[];
  let asked: Question[];
  let answer: Answer;
  let saving: () => Promise<void>;
  let kept: RunNotes | undefined;
  let documents: string | undefined;
  const saveRun = async (run: RunNotes | undefined): Promise<void> => {
    await saving();
    kept = run;
  };
  beforeEach(() => {
    platform = new FakePlatform(new ManualClock());
    told = [];
    noted = [];
    saved = [];
    asked = [];
    answer = cancelled;
    saving = () => Promise.resolve();
    kept = undefined;
    documents = undefined;
  });

  /** The tools of one process; what was saved before is known to it. */
  function open(changes: Partial<Session> = {}): (call: ToolCall, key?: string) => Promise<ToolResult> {
    const session = { ...aSession({ taskId: "task-1" }), ...changes };
    if (!platform.ids.includes("s1")) platform.add(session);
    platform.giveClaim("s1", { claimId: "claim-1" });
    const notes = kept ?? runNotesOf(session, undefined);
    const toolbox = new Toolbox({
      session,
      run:
        notes &&
        new RunLog(
          notes,
          ({ run }) => saveRun(run),
          () => undefined,
        ),
      log: silentLog,
      claimId: "claim-1",
      used: saved,
      calls: bindSession(platform, us, "s1"),
      reporter: {
        tell: (type, text) => void told.push(`${type}: ${text}`),
        note: (metadata) => void noted.push(metadata),
      },
      desk: {
        ask: (question) => {
          asked.push(question);
          return Promise.resolve(answer);
        },
      },
      documents: () => documents,
      save: async (facts) => {
        documents = facts.documents ?? documents;
        await saving();
        saved = facts.used ?? saved;
      },
    });
    return (call, key = JSON.stringify(call)) => toolbox.use(call, key, neverAborted);
  }

  it("report progress in the session's log", async () => {
    assert.ok((await open()({ tool: "report_progress", message: "Half of it." })).ok);
    assert.deepEqual(told, ["progress: Half of it."]);
  });

  it("ask a person, and tell the model what they answer, or that nobody does", async () => {
    const use = open();
    answer = { kind: "texts", texts: ["left"] };
    const question: ToolCall = { tool: "request_input", question: "Which?", options: ["left", "right"] };
    assert.deepEqual(await use(question), { ok: true, text: "left" });
    answer = cancelled;
    assert.equal((await use(question)).ok, false);
    assert.deepEqual(
      asked.map(({ about, what, parts }) => [about, what, parts[0]?.options]),
      Array.from({ length: 2 }, () => ["question", "Which?", ["left", "right"]]),
    );
  });

  it("write a document to the task once, whatever is repeated, also in a later process", async () => {
    const use = open({ workflow: inRun });
    const [first, second] = await Promise.all([use(plan), use(plan)]);
    assert.deepEqual(first, { ok: true, text: "The document “Plan” is written." });
    assert.deepEqual(second, first);
    assert.deepEqual(await use(plan), first);
    assert.deepEqual(await open({ workflow: inRun })(plan), first);
    assert.deepEqual(platform.documents, [
      {
        taskId: "task-1",
        title: "Plan",
        content: "1. Look.",
        workflowRunId: "run-1",
        workflowStepId: "step-1",
      },
    ]);
    assert.deepEqual(told, ["progress: Wrote the document “Plan”."]);
  });

  it("find out whether a document was written when the answer is lost", async () => {
    const use = open();
    platform.onCall = (call) => (call.operation === "document" ? lost : undefined);
    assert.ok((await use(plan)).ok);
    assert.equal(platform.documents.length, 1);
  });

  it("find it out in a later process too, and never write it twice", async () => {
    const use = open();
    platform.onCall = (call) =>
      call.operation === "document" || call.operation === "get" ? lost : undefined;
    const unknown = await use(plan);
    assert.equal(unknown.ok, false);
    assert.match(unknown.text, /not known whether the document was written/);
    platform.onCall = () => undefined;
    assert.ok((await open()(plan)).ok);
    assert.equal(platform.documents.length, 1);
  });

  it("say why a document was refused, and write it the next time", async () => {
    const use = open();
    platform.onCall = (call) =>
      call.operation === "document" ? { error: refused("badRequest", "too long") } : undefined;
    assert.equal((await use(plan)).ok, false);
    platform.onCall = () => undefined;
    assert.ok((await use(plan)).ok);
    assert.equal(platform.documents.length, 1);
  });

  it("do nothing that cannot be noted before", async () => {
    saving = () => Promise.reject(new Error("disk full"));
    assert.equal((await open()(plan)).ok, false);
    assert.equal(platform.documents.length, 0);
  });

  it("put a document into the session's log and its summary where there is no task, there once", async () => {
    const inSummary = (): string => documents ?? "";
    assert.ok((await open({ taskId: undefined })(plan)).ok);
    assert.deepEqual([platform.documents.length, told], [0, ["progress: ## Plan\n\n1. Look."]]);
    assert.equal(inSummary(), "## Plan\n\n1. Look.");
    const later = open({ taskId: undefined });
    await later(plan);
    await Promise.all([later({ ...plan, title: "More" }), later({ ...plan, title: "And more" })]);
    assert.equal(inSummary(), "## Plan\n\n1. Look.\n\n## More\n\n1. Look.\n\n## And more\n\n1. Look.");
    await later({ ...plan, content: `\`\`\`\n${"x".repeat(20_000)}` });
    assert.match(inSummary(), /^## Plan\n\n1. Look.\n\n## More[^]{0,6000}$/u);
    assert.ok(inSummary().length <= 6000);
  });

  it("keep a document for the summary of a step that ends with one and has no task", async () => {
    const use = open({ taskId: undefined, workflow: { ...inRun, taskMode: "plan" } });
    assert.match((await use(plan)).text, /goes into its summary/);
    assert.deepEqual([kept?.kept, kept?.modelWrote], ["## Plan\n\n1. Look.", true]);
    await use({ ...plan, content: "x".repeat(20_000) });
    assert.equal(kept?.kept?.length, 8000);
    assert.deepEqual([platform.documents.length, told], [0, []]);
  });

  it("remember that the model wrote a document itself", async () => {
    await open({ workflow: { ...inRun, taskMode: "plan" } })(plan);
    assert.equal(kept?.modelWrote, true);
  });

  it("note a verdict in a review step alone, the last one of several", async () => {
    const verdict: ToolCall = { tool: "set_review_verdict", verdict: "reject", reason: "It breaks." };
    assert.match((await open()(verdict)).text, /review step of a workflow run, and this session is none/);
    assert.equal((await open({ workflow: inRun })(verdict)).ok, false);
    assert.equal(kept?.verdict, undefined);
    const use = open({ workflow: { ...inRun, taskMode: "review" } });
    assert.ok((await use(verdict)).ok);
    assert.ok((await use({ ...verdict, verdict: "approve", reason: "It holds." })).ok);
    assert.deepEqual(kept?.verdict, { verdict: "approve", reason: "It holds.", accepted: false });
    // It is told when the review is over.
    assert.deepEqual([noted, told], [[], []]);
  });

  it("say when a verdict could not be noted", async () => {
    const use = open({ workflow: { ...inRun, taskMode: "review" } });
    saving = () => Promise.reject(new Error("disk full"));
    assert.equal((await use({ tool: "set_review_verdict", verdict: "approve", reason: "Fine." })).ok, false);
  });

  it("take work for the run's next target as words for when the session ends", async () => {
    const use = open({ workflow: inRun });
    assert.match((await use(work)).text, /when this session ends/);
    assert.ok((await use({ ...work, prompt: "Look at it.", targetGroupId: "group-next" })).ok);
    assert.deepEqual(kept?.words, { prompt: "Look at it.", title: "Review" });
    assert.equal(platform.delegated.length, 0);
    const review = open({ workflow: { ...inRun, taskMode: "review", nextTarget: undefined } });
    assert.ok((await review(work)).ok, "where a review goes on its verdict decides");
  });

  it("delegate to another target at once, and once over repetitions and processes", async () => {
    const other = { ...work, targetWorkerId: "worker-2" };
    const first = await open({ workflow: inRun })(other);
    assert.deepEqual(first, { ok: true, text: "The work is delegated as session child-1." });
    assert.deepEqual(await open({ workflow: inRun })(other), first);
    assert.deepEqual(
      platform.delegated.map((one) => [one.targetWorkerId, one.delegatingSessionId, one.claimId]),
      [["worker-2", "s1", "claim-1"]],
    );
    assert.deepEqual(kept?.delegated, [
      { sessionId: "child-1", targetWorkerId: "worker-2", targetGroupId: undefined },
    ]);
  });

  it("delegate nothing at the end of a chain of eight, nor round a circle", async () => {
    const other = { ...work, targetWorkerId: "worker-2" };
    for (let index = 1; index <= 7; index += 1) {
      const above = index < 7 ? `above-${index + 1}` : undefined;
      platform.add(aSession({ sessionId: `above-${index}`, delegatingSessionId: above }));
    }
    const full = await open({ workflow: inRun, delegatingSessionId: "above-1" })(other);
    assert.match(full.text, /8 times in a row/);
    platform.set("above-7", { delegatingSessionId: "s1" });
    const second = await open({ workflow: inRun, delegatingSessionId: "above-3" })({ ...other, title: "x" });
    assert.match(second.text, /8 times in a row/);
    assert.equal(platform.delegated.length, 0);
    // One of them is not ours to read, so the count ends there.
    platform.set("above-7", { delegatingSessionId: "gone" });
    assert.ok((await open({ workflow: inRun, delegatingSessionId: "above-3" })(other)).ok);
  });

  const refusals: readonly (readonly [string, Partial<Session>, Partial<typeof work>, RegExp])[] = [
    ["outside of a run", {}, {}, /belongs to none/],
    ["two targets", { workflow: inRun }, { targetWorkerId: "a", targetGroupId: "b" }, /Only one of/],
    ["no target", { workflow: { ...inRun, nextTarget: undefined } }, {}, /names no next target/],
  ];
  for (const [name, changes, more, said] of refusals) {
    it(`delegate nothing: ${name}`, async () => {
      const result = await open(changes)({ ...work, ...more });
      assert.equal(result.ok, false);
      assert.match(result.text, said);
      assert.equal(platform.delegated.length, 0);
    });
  }

  it("never delegate twice when the answer is lost", async () => {
    platform.onCall = (call) => (call.operation === "create" ? lost : undefined);
    const other = { ...work, targetWorkerId: "worker-2" };
    const use = open({ workflow: inRun });
    assert.match((await use(other)).text, /not known whether the work was delegated/);
    platform.onCall = () => undefined;
    assert.match((await open({ workflow: inRun })(other)).text, /so it was not tried again/);
    assert.equal(platform.delegated.length, 1);
  });
});
