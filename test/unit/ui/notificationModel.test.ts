import assert from "node:assert/strict";
import type { OpenQuestion } from "../../../src/core/ports/person";
import type { RunView } from "../../../src/core/runView";
import type { SessionPhase, SessionView, WorkerState } from "../../../src/core/state";
import { notesFor, remember, type NotificationLevel } from "../../../src/ui/notificationModel";
import { aRun, aSession, allPhases, aState, english, minuteMs, noon } from "./kit";

const since = noon - minuteMs;
const told = (
  before: WorkerState,
  after: WorkerState,
  level: NotificationLevel = "important",
): readonly string[] =>
  notesFor(remember(before), after, level, since, english).map(
    (note) =>
      `${note.severity}: ${note.message} [${note.actions.map((one) => one.command.slice(11)).join(" ")}]`,
  );
const running = aState({}, aSession());
const became = (phase: SessionPhase, over: Partial<SessionView> = {}): WorkerState =>
  aState({}, aSession({ phase, endedAt: noon, worktreePath: "/w", baseCommit: "c", ...over }));

describe("notifications about sessions", () => {
  const important: Partial<Record<SessionPhase, string>> = {
    awaitingInput: "warning: “Add CSV export” needs your answer. [session.show]",
    failed: "error: “Add CSV export” failed. [session.showChanges session.show session.openLog]",
    claimLost:
      "warning: The claim on “Add CSV export” was lost. The worktree is kept. [session.claim session.showChanges session.show]",
  };
  for (const phase of allPhases) {
    const wanted = important[phase];
    it(`tell ${wanted === undefined ? "nothing of" : "of"} ${phase}`, () => {
      assert.deepEqual(told(running, became(phase)), wanted === undefined ? [] : [wanted]);
    });
  }

  it("say once that a claim was lost, in the words of why", () => {
    const detail = "The claim on this session was lost: it ran out. What was done is kept in its worktree.";
    const [note = ""] = told(running, became("claimLost", { detail }));
    assert.ok(note.startsWith(`warning: “Add CSV export”: ${detail} [`), note);
  });

  it("tell of completion at the level all, and of nothing at none", () => {
    assert.deepEqual(told(running, became("complete"), "all"), [
      "info: “Add CSV export” is complete. [session.showChanges session.show]",
    ]);
    assert.deepEqual(told(running, became("failed"), "none"), []);
  });

  it("tell each state once, a second attempt or question again", () => {
    const failed = became("failed");
    assert.deepEqual(told(failed, became("failed", { title: "Renamed" })), []);
    assert.equal(told(failed, became("failed", { startedAt: noon })).length, 1);
    const asks = became("awaitingInput", { detail: "A?" });
    assert.deepEqual(told(asks, asks), []);
    assert.equal(told(asks, became("awaitingInput", { detail: "B?" })).length, 1);
  });

  it("tell each question once, with what, where and why and what can be done", () => {
    const question = (id: string, changes: Partial<OpenQuestion> = {}): OpenQuestion => ({
      questionId: id,
      askedAt: noon,
      about: "command",
      what: "npm install",
      where: "app",
      why: "Tests need it.",
      forSession: true,
      parts: [],
      ...changes,
    });
    const asks = (...questions: readonly OpenQuestion[]): WorkerState =>
      became("awaitingInput", { questions });
    const one = asks(question("q1"));
    assert.deepEqual(told(running, one), [
      "warning: “Add CSV export” wants to run in app: npm install · Why: Tests need it. [session.approve session.approveForSession session.deny session.answer]",
    ]);
    assert.deepEqual(told(one, one), []);
    const two = asks(question("q1"), question("q2", { about: "question", what: "Which?", where: undefined }));
    assert.deepEqual(told(one, two), [
      "warning: “Add CSV export” asks: Which? · Why: Tests need it. [session.answer]",
    ]);
    assert.deepEqual(told(two, one), [], "one that was answered is no news");
    const long = asks(question("q3", { what: `ls ${" ".repeat(400)}; rm -rf ~`, why: undefined }));
    assert.match(told(running, long)[0] ?? "", /… \[session\.answer session\.deny session\.answer\]$/);
    const lines = asks(question("q4", { what: "ls\nrm -rf ~", forSession: false }));
    assert.match(told(running, lines)[0] ?? "", /ls rm -rf ~ .*\[session\.answer session\.deny/);
  });

  it("show a hostile command as plain text", () => {
    const hostile = "echo [click](command:evil) \u001b[31mred\u001b[0m \u202e";
    const question = { questionId: "q", askedAt: noon, about: "command", what: hostile } as const;
    const rest = { where: undefined, why: undefined, forSession: false, parts: [] };
    const [note] = told(running, became("awaitingInput", { questions: [{ ...question, ...rest }] }));
    assert.ok(note !== undefined);
    for (const one of ["](", "\u001b", "\u202e"]) assert.ok(!note.includes(one), note);
    assert.doesNotMatch(
      note,
      /session\.approve/,
      "what is shown otherwise than it is, is not approved at a glance",
    );
  });

  it("leave alone what ended before this window watched", () => {
    assert.deepEqual(told(aState(), became("failed", { endedAt: since - 1 })), []);
    assert.deepEqual(
      told(aState(), became("awaitingInput", { endedAt: undefined, startedAt: since - 1 })),
      [],
    );
    assert.equal(told(aState(), became("failed", { endedAt: since })).length, 1);
  });

  it("stay silent about a session that was away while the worker started anew", () => {
    const failed = became("failed");
    const away = remember(aState(), remember(failed));
    assert.deepEqual(notesFor(away, failed, "important", since, english), []);
    assert.equal(
      notesFor(away, became("failed", { startedAt: noon }), "important", since, english).length,
      1,
    );
  });

  it("leave alone what a person has hidden", () => {
    assert.deepEqual(told(running, became("failed", { archived: true })), []);
  });

  it("let no title become a link", () => {
    const [note] = told(running, became("failed", { title: "[a](command:b)", detail: "see [c](command:d)" }));
    assert.match(note ?? "", /“\[a\] \(command:b\)” failed\. see \[c\] \(command:d\)/);
  });
});

describe("notifications about a workflow run", () => {
  const missing = "The review ended without a verdict.";
  const ended = (run: Partial<RunView>, over: Partial<SessionView> = {}): WorkerState =>
    became("complete", { workflow: aRun(run), ...over });
  const stalled = ended({ mode: "review", missing });

  it("tell of one that stands still, with what it lacks and what to do", () => {
    assert.deepEqual(told(running, stalled), [
      "warning: The run of “Add CSV export” stands still. The review ended without a verdict. What was done is kept. Start the step again in One Horizon. [session.show]",
    ]);
    const [note] = told(running, ended({ missing }, { branch: "b" }));
    assert.match(note ?? "", /Publish the branch from here, or .* \[session\.publishBranch session\.show\]$/);
  });

  it("tell of a rejected review", () => {
    assert.deepEqual(told(running, ended({ mode: "review", verdict: "reject" })), [
      "warning: The review “Add CSV export” rejected the work, and its run ends. The branch is kept. The reason is in the review document. [session.show]",
    ]);
    assert.deepEqual(told(running, ended({ mode: "review", verdict: "feedback" })), []);
  });

  it("tell of one that was handed over at the level all, in one note with the completion", () => {
    const handed = ended({ childId: "s2", push: "confirmed" });
    assert.deepEqual(told(running, handed), []);
    assert.deepEqual(told(running, handed, "all"), [
      "info: “Add CSV export” is complete. Its run was handed over to the next step. [session.showChanges session.show]",
    ]);
    assert.deepEqual(told(ended({}), handed, "all"), [], "a child that is heard of later is no other news");
  });

  it("tell it once, also when it is found out after the end, and nothing when it goes on after all", () => {
    assert.deepEqual(told(stalled, stalled), []);
    assert.equal(told(ended({}), stalled).length, 1);
    assert.deepEqual(told(stalled, ended({}), "all"), []);
    assert.deepEqual(told(running, stalled, "none"), []);
  });

  it("say nothing of a step whose run went on", () => {
    const first = aSession({ phase: "complete", endedAt: noon, workflow: aRun({ missing }) });
    const next = aSession({ sessionId: "s2", createdAt: noon, workflow: aRun() });
    assert.deepEqual(told(running, aState({}, first, next)), []);
  });

  it("let nothing in them become a link", () => {
    const [note] = told(running, ended({ missing: "See [c](command:d)." }, { title: "[a](command:b)" }));
    assert.match(note ?? "", /“\[a\] \(command:b\)” stands still\. See \[c\] \(command:d\)/);
  });
});

describe("notifications about the worker", () => {
  const at = (phase: WorkerState["phase"]): WorkerState => aState({ phase });
  const rejected = at({ kind: "rejected", message: "The platform refused this worker." });

  it("tell of a rejected worker, once", () => {
    assert.deepEqual(told(at({ kind: "online" }), rejected), [
      "error: The platform refused this worker. [worker.start worker.configure]",
    ]);
    assert.deepEqual(told(rejected, rejected), []);
  });

  it("tell of a lost sign-in only where a worker was at work", () => {
    const out = at({ kind: "signedOut" });
    assert.equal(told(at({ kind: "online" }), out).length, 1);
    assert.equal(told(at({ kind: "paused" }), out).length, 1);
    assert.deepEqual(told(at({ kind: "stopped" }), out), []);
    assert.deepEqual(told(at({ kind: "notConfigured" }), out), []);
  });
});
