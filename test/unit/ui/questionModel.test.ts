import assert from "node:assert/strict";
import type { OpenQuestion } from "../../../src/core/ports/person";
import { parseSession, parseViewerMessage, sessionOf } from "../../../src/machine/windowMessages";
import {
  answersFor,
  approves,
  asking,
  fitsLine,
  isShownWhole,
  questionRows,
  sentence,
} from "../../../src/ui/questionModel";
import { sessionChildren } from "../../../src/ui/sessionChildren";
import { isPossible } from "../../../src/ui/sessionAbilities";
import { sessionTree } from "../../../src/ui/sessionTreeModel";
import { aSession, aState, english, noon } from "./kit";

const approval: OpenQuestion = {
  questionId: "q1",
  askedAt: noon,
  about: "command",
  what: "npm install",
  where: "app",
  why: "Tests need it.",
  forSession: true,
  parts: [],
};
const question: OpenQuestion = {
  ...approval,
  questionId: "q2",
  about: "question",
  what: "Which one?",
  where: undefined,
  why: undefined,
  forSession: false,
  parts: [{ text: "Which one?", options: ["left", "right"], secret: false }],
};
const session = aSession({ phase: "awaitingInput", questions: [approval, question] });

describe("questions of a session", () => {
  it("are news once each, so that their session is unfolded when they come and not again", () => {
    const other = aSession({ sessionId: "s2" });
    const before = asking(aState({}, { ...session, questions: [approval] }, other), new Set());
    assert.deepEqual([before.sessionIds, [...before.questionIds]], [["s1"], ["q1"]]);
    const again = asking(aState({}, { ...session, questions: [approval] }), before.questionIds);
    assert.deepEqual(again.sessionIds, []);
    const more = asking(aState({}, session), before.questionIds);
    assert.deepEqual([more.sessionIds, [...more.questionIds]], [["s1"], ["q1", "q2"]]);
    const hidden = asking(aState({}, { ...session, archived: true }), new Set());
    assert.deepEqual([hidden.sessionIds, [...hidden.questionIds]], [[], []]);
  });

  it("stand in the place of the command that they ask for, which does not run yet", () => {
    const before = sessionChildren(
      { ...session, questions: [], phase: "running", liveStep: "npm i" },
      noon,
      english,
    );
    assert.ok(before.some((row) => row.description === "running"));
    const asks = sessionChildren({ ...session, liveStep: "npm i" }, noon, english);
    assert.ok(!asks.some((row) => row.description === "running"));
  });

  it("are read in one line only where they are short, and nothing else is approved unseen", () => {
    const fits = ["npm i", "x".repeat(80), "x".repeat(81), "a\nb"].map((what) =>
      fitsLine({ ...approval, what }),
    );
    assert.deepEqual(fits, [true, true, false, false]);
    const verbs = (["approve", "approveForSession", "deny", "answer"] as const).map(approves);
    assert.deepEqual(verbs, [true, true, false, false]);
  });

  it("say what, where and why, apart from each other", () => {
    assert.equal(sentence(approval, 300, english), "wants to run in app: npm install · Why: Tests need it.");
  });

  it("are a row each, with what answers them", () => {
    assert.deepEqual(
      questionRows(session, english).map((row) => [row.label, row.description, row.contextValue, row.click]),
      [
        ["$ npm install", "asks for approval", ";approval;answer;approve;approveForSession;deny;", "answer"],
        ["Which one?", "asks", ";question;answer;deny;", "answer"],
      ],
    );
    assert.deepEqual(
      questionRows(session, english).map((row) => [row.questionId, row.spoken]),
      [
        ["q1", "wants to run in app: npm install · Why: Tests need it."],
        ["q2", "asks: Which one?"],
      ],
    );
  });

  it("stand first under their session, which is unfolded and needs a person", () => {
    const [group] = sessionTree(aState({}, session), noon, english);
    const row = group?.children[0];
    assert.deepEqual([group?.id, row?.folding], ["group:needsYou", "expanded"]);
    assert.equal(row?.children[0]?.questionId, "q1");
    assert.match(row.description, /^2 questions/);
  });

  it("offer an approval for the session only where the tool can keep one", () => {
    assert.deepEqual(answersFor({ ...approval, forSession: false }), ["answer", "approve", "deny"]);
    const only = aSession({ phase: "awaitingInput", questions: [question] });
    const can = (["approve", "approveForSession", "deny", "answer", "resume"] as const).filter((verb) =>
      isPossible(verb, only, aState()),
    );
    assert.deepEqual(can, ["deny", "answer", "resume"]);
  });

  it("show a hostile command as one plain line", () => {
    const what = "a\u001b[31m\n$(rm) **bold** [x](command:y)\u202e";
    const [row] = questionRows(aSession({ questions: [{ ...approval, what }] }), english);
    assert.equal(row?.label, "$ a [31m $(rm) **bold** [x](command:y)");
    assert.match(row.tooltip, /\\\[x\\\]\\\(command\\:y\\\)/);
    assert.equal(isShownWhole({ ...approval, what }), false);
    assert.equal(isShownWhole(approval), true);
  });

  it("are not approved at a click on their row where it does not show all that is approved", () => {
    const context = (what: string): string | undefined =>
      questionRows(aSession({ questions: [{ ...approval, what }] }), english)[0]?.contextValue;
    assert.equal(context("npm install"), ";approval;answer;approve;approveForSession;deny;");
    assert.equal(context(`ls ${"x".repeat(400)}; rm -rf ~`), ";approval;answer;deny;");
    assert.equal(context("ls\nrm -rf ~"), ";approval;answer;deny;");
  });

  it("cross to other windows as they are, and their answers back", () => {
    const sent = JSON.stringify(sessionOf(session));
    const came = parseSession(JSON.parse(sent))?.questions;
    assert.equal(JSON.stringify(came?.map((one) => one.what)), '["npm install","Which one?"]');
    assert.deepEqual(came?.[0], approval);
    const { questions: _left, ...older } = sessionOf(session);
    assert.deepEqual(parseSession(older)?.questions, [], "an older window knows none");
    const command = {
      kind: "answer",
      sessionId: "s1",
      questionId: "q1",
      answer: { kind: "decision", decision: "approve" },
    };
    const parsed = parseViewerMessage(JSON.stringify({ id: 1, command }));
    assert.deepEqual(JSON.stringify(parsed.command), JSON.stringify(command));
    const wider = { ...command, answer: { kind: "decision", decision: "everything" } };
    assert.equal(parseViewerMessage(JSON.stringify({ id: 1, command: wider })).command, undefined);
  });
});
