import assert from "node:assert/strict";
import type { OpenQuestion } from "../../../src/core/ports/person";
import type { SessionPhase, SessionView } from "../../../src/core/state";
import { sessionTree } from "../../../src/ui/sessionTreeModel";
import {
  isUnread,
  newsAt,
  parseSeen,
  unreadSessions,
  withSeen,
  type SeenNotes,
} from "../../../src/ui/unread";
import { rollUp } from "../../../src/ui/unreadRows";
import { aRun, aSession, allPhases, aState, english, minuteMs, noon } from "./kit";

const before: SeenNotes = { since: noon - 10 * minuteMs, seen: {} };
const question: OpenQuestion = {
  ...{ questionId: "q", askedAt: noon, about: "question", what: "Which?", where: undefined, why: undefined },
  ...{ forSession: false, parts: [] },
};
const done = aSession({ phase: "complete", endedAt: noon });

describe("news of a session", () => {
  const news: Readonly<Record<SessionPhase, boolean>> = {
    listed: false,
    claiming: false,
    preparing: false,
    running: false,
    finishing: false,
    awaitingInput: true,
    interrupted: false,
    complete: true,
    failed: true,
    cancelled: true,
    released: false,
    claimLost: true,
    elsewhere: false,
  };
  for (const phase of allPhases) {
    it(`${news[phase] ? "are" : "are not"} that it is ${phase}`, () => {
      assert.equal(newsAt(aSession({ phase, startedAt: noon, endedAt: noon })) !== undefined, news[phase]);
    });
  }

  it("are each question, until somebody has looked or answered", () => {
    const asks = aSession({ phase: "awaitingInput", questions: [question] });
    const seen = withSeen(before, [asks]);
    assert.deepEqual([isUnread(asks, before), isUnread(asks, seen)], [true, false]);
    const again = { ...asks, questions: [question, { ...question, questionId: "r", askedAt: noon + 1 }] };
    assert.equal(isUnread(again, seen), true);
    assert.equal(isUnread({ ...asks, phase: "running", questions: [] }, before), false);
  });

  it("are none from before anybody watched, and none of what a person hid", () => {
    assert.equal(isUnread(done, { since: noon, seen: {} }), false);
    assert.equal(isUnread({ ...done, archived: true }, before), false);
  });
});

describe("what was seen", () => {
  it("stays as it is where it tells nothing new", () => {
    const seen = withSeen(before, [done]);
    assert.equal(withSeen(seen, [done, aSession()]), seen);
    assert.deepEqual([...unreadSessions(aState({}, done), seen)], []);
    const next: SessionView = { ...done, endedAt: noon + 1 };
    assert.deepEqual([...unreadSessions(aState({}, next), seen)], ["s1"], "a second attempt is news");
  });

  it("keeps the latest of very many", () => {
    const many = Array.from({ length: 1_001 }, (_, n) => ({
      ...done,
      sessionId: `s${n}`,
      endedAt: noon + n,
    }));
    const { seen } = withSeen(before, many);
    assert.deepEqual([Object.keys(seen).length, seen["s0"], seen["s1000"]], [1_000, undefined, noon + 1_000]);
  });

  it("is read back as it was stored, and begins anew where that is nonsense", () => {
    const seen = withSeen(before, [done]);
    assert.deepEqual(parseSeen(JSON.parse(JSON.stringify(seen)), noon + 1), seen);
    for (const nonsense of [undefined, null, 7, {}, { since: "x", seen: {} }, { since: 1, seen: 7 }]) {
      assert.deepEqual(parseSeen(nonsense, noon), { since: noon, seen: {} });
    }
    assert.deepEqual(parseSeen({ since: 1, seen: { a: "x", b: 2 } }, noon), { since: 1, seen: { b: 2 } });
  });
});

describe("marks of rows", () => {
  const step = (n: number): SessionView =>
    aSession({
      ...{ sessionId: `s${n}`, createdAt: noon - 10 * minuteMs + n, phase: "complete", endedAt: noon },
      workflow: aRun({ mode: "plan", childId: "x" }),
    });
  const rows = sessionTree(aState({}, step(1), step(2), aSession({ sessionId: "a" })), noon, english);
  const marks = (folded: readonly string[]): readonly (readonly [string, number])[] => [
    ...rollUp(rows, new Set(["s1", "s2", "a"]), (row) => folded.includes(row.id)),
  ];

  it("stand at the sessions, and with their number at what hides them", () => {
    assert.deepEqual(marks([]), [
      ["session:a", 0],
      ["session:s1", 0],
      ["session:s2", 0],
    ]);
    assert.deepEqual(
      marks(["run:run-1", "group:done"]).filter(([, count]) => count > 0),
      [
        ["run:run-1", 2],
        ["group:done", 2],
      ],
    );
  });

  it("are spoken, with their number at the group", () => {
    const scene = { state: aState({}, done), now: noon, l10n: english };
    assert.deepEqual(
      rollUp(rows, new Set(), () => true),
      new Map(),
    );
    assert.ok(sessionTree(scene.state, noon, english)[0]?.spoken === "Done, 1 session");
  });
});
