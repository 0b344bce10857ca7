import assert from "node:assert/strict";
import type { OpenQuestion } from "../../../src/core/ports/person";
import type { SessionPhase, SessionView } from "../../../src/core/state";
import { sessionTree } from "../../../src/ui/sessionTreeModel";
import { nextWordAt, elapsedSpoken, elapsedWord, steady, tokensSpoken } from "../../../src/ui/time";
import type { Row } from "../../../src/ui/treeRow";
import * as fc from "fast-check";
import { indexRows } from "../../fakes/treeRows";
import { aFullSession, allPhases, aRun, aState, english, minuteMs, noon } from "./kit";

/** Signs that a screen reader skips or spells, and short words such as `4m` and `84k`. */
const unspeakable = /[+−·…$▸→]|\b\d+(\.\d+)?[smhdkM]\b/u;

const question: OpenQuestion = {
  ...{ questionId: "q", askedAt: noon - minuteMs, about: "command", what: "npm install" },
  ...{ where: "app", why: undefined, forSession: true, parts: [] },
};

/** All that a session in a phase can show. */
function full(phase: SessionPhase, place: number): readonly SessionView[] {
  const ended = phase === "complete" || phase === "failed" ? noon - 3 * minuteMs : undefined;
  const usual = aFullSession({
    ...{ sessionId: `alone${place}`, phase, endedAt: ended, detail: "It goes on" },
    plan: [
      { text: "Read", status: "completed" },
      { text: "Write", status: "inProgress" },
      { text: "Test", status: "pending" },
    ],
    liveStep: "npm test",
    liveSince: noon - 42_000,
    questions:
      phase === "awaitingInput" ? [question, { ...question, questionId: "r", about: "question" }] : [],
    activities: [{ activityId: "a", type: "progress", message: "Went on", at: noon - 2 * minuteMs }],
    artifacts: [
      {
        ...{ artifactId: "f", name: "chart", size: 2_000, mediaType: "image/png", state: "waiting" },
        ...{ why: undefined, url: undefined },
      },
    ],
  });
  const workflow = aRun({
    ...{ runId: `run-${place}`, parentId: "far", verdict: "approve", missing: "It lacks its verdict." },
    nextTarget: { targetWorkerId: "w1", targetGroupId: undefined },
  });
  const step = { ...usual, sessionId: `step${place}`, workflow };
  return [usual, step, { ...step, sessionId: `later${place}`, createdAt: step.createdAt + 1 }];
}

describe("what a screen reader says", () => {
  const rows = [
    ...indexRows(sessionTree(aState({}, ...allPhases.flatMap(full)), noon, english)).values(),
  ].map(({ row }) => row);

  it("is something of every kind of row", () => {
    const kinds = new Set(rows.map(({ id }) => id.replace(/:.*/u, "")));
    assert.deepEqual(
      [...kinds].sort(),
      [
        ...["activity", "artifact", "artifacts", "branch", "files", "group", "live", "missing", "next"],
        ...["parent", "plan", "question", "run", "runStep", "session", "step", "verdict", "worktree", "page"],
      ].sort(),
    );
  });

  it("has no sign and no short word in it that only the eye reads", () => {
    const wrong = rows.filter(({ spoken }) => unspeakable.test(spoken) || spoken.trim() === "");
    assert.deepEqual(wrong.map(sentence), []);
  });

  it("says more of a row than its label, unless that is all", () => {
    const alike = rows.filter((row) => row.spoken === row.label && row.description !== "");
    assert.deepEqual(alike.map(sentence), []);
  });

  it("counts one as one", () => {
    const one = aFullSession({
      stat: { files: 1, added: 1, deleted: 1 },
      usage: {
        ...{ inputTokens: 1, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 },
        ...{ totalTokens: 1, contextWindow: undefined },
      },
      plan: [{ text: "Read", status: "pending" }],
      liveStep: "ls",
      liveSince: noon - 1_000,
    });
    const found = indexRows(sessionTree(aState({}, one), noon, english));
    const spoken = (id: string): string => found.get(id)?.row.spoken ?? "";
    assert.equal(spoken("group:running"), "Running, 1 session");
    assert.match(spoken("session:s1"), /1 line added, 1 deleted in 1 file, 1 token$/u);
    assert.equal(spoken("files:s1"), "Files changed, 1 line added, 1 deleted in 1 file");
    assert.equal(spoken("live:s1"), "ls, running for 1 second");
    assert.equal(spoken("plan:s1"), "Plan, 0 of 1 step done");
  });

  it("tells tokens in whole words", () => {
    const words = [1, 950, 12_400, 999_499, 1_400_000].map((count) => tokensSpoken(count, english));
    assert.deepEqual(words, [
      "1 token",
      "950 tokens",
      "12 thousand tokens",
      "999 thousand tokens",
      "1.4 million tokens",
    ]);
  });

  function sentence({ id, spoken }: Row): string {
    return `${id}: ${spoken}`;
  }
});

describe("the time until a word is another one", () => {
  it("is as long as the words stay", () => {
    const words = (span: number): string =>
      `${elapsedWord(steady(span), english)} ${elapsedSpoken(steady(span), english)}`;
    const span = fc.oneof(fc.nat(100_000), fc.nat(30 * 3_600_000), fc.integer({ min: -5_000, max: 10 }));
    fc.assert(
      fc.property(span, fc.nat(1_000), (elapsed, part) => {
        const next = nextWordAt(0, elapsed);
        assert.ok(next > elapsed);
        const between = elapsed + Math.floor(((next - 1 - elapsed) * part) / 1_000);
        assert.equal(words(between), words(elapsed));
        assert.notEqual(words(next), words(elapsed));
      }),
    );
  });
});
