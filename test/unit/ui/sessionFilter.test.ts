import assert from "node:assert/strict";
import { filterMessage, isEmptyFilter, type SessionFilter } from "../../../src/ui/sessionFilter";
import { filterChoices } from "../../../src/ui/sessionFilterModel";
import { groupIds } from "../../../src/ui/sessionLook";
import { sessionSorts, parseSort, type SessionSort } from "../../../src/ui/sessionSort";
import { countShown, sessionTree } from "../../../src/ui/sessionTreeModel";
import { aRun, aSession, aState, english, minuteMs, noon } from "./kit";

const hourMs = 60 * minuteMs;
const ended = { phase: "complete", endedAt: noon - minuteMs } as const;
const state = aState(
  {},
  aSession({ sessionId: "csv", title: "Add CSV export", branch: "one/add-csv" }),
  aSession({ sessionId: "wait", title: "Bump parser", phase: "listed" }),
  aSession({ sessionId: "plan", title: "Mend login", workflow: aRun({ mode: "plan" }), ...ended }),
  aSession({
    ...{ sessionId: "code", title: "Mend login", workflow: aRun({ branch: "one/run-x" }) },
    ...ended,
    createdAt: noon,
  }),
  aSession({ sessionId: "old", title: "Old csv", phase: "complete", endedAt: noon - 9 * hourMs }),
  aSession({ sessionId: "gone", title: "Put away", ...ended, archived: true }),
);

function shown(filter: SessionFilter | undefined): readonly string[] {
  return sessionTree(state, noon, english, { filter, sort: "usual" }).flatMap((group) =>
    group.children.map((one) => `${group.label}: ${one.label}`),
  );
}

describe("a filter of the sessions view", () => {
  const cases: readonly (readonly [string, SessionFilter | undefined, readonly string[]])[] = [
    [
      "none shows all but what was hidden",
      undefined,
      ["Running: Add CSV export", "Queued: Bump parser", "Done: Mend login", "Earlier: Old csv"],
    ],
    ["words in any case", { text: "CSV ", groups: [] }, ["Running: Add CSV export", "Earlier: Old csv"]],
    ["all of the words", { text: "csv add", groups: [] }, ["Running: Add CSV export"]],
    ["a run by a word of one of its sessions", { text: "plan", groups: [] }, ["Done: Mend login"]],
    ["a branch", { text: "run-x", groups: [] }, ["Done: Mend login"]],
    ["states", { text: "", groups: ["queued", "done"] }, ["Queued: Bump parser", "Done: Mend login"]],
    ["words in states", { text: "csv", groups: ["earlier"] }, ["Earlier: Old csv"]],
    ["what was hidden, where it is asked for", { text: "", groups: ["hidden"] }, ["Hidden: Put away"]],
    ["nothing that matches", { text: "nowhere", groups: [] }, []],
  ];
  for (const [name, filter, want] of cases) it(`takes ${name}`, () => assert.deepEqual(shown(filter), want));

  it("unfolds what it found, in rows of their own, since the editor keeps folded rows folded", () => {
    const [group] = sessionTree(state, noon, english, {
      filter: { text: "old", groups: [] },
      sort: "usual",
    });
    assert.deepEqual([group?.id, group?.folding], ["found:earlier", "expanded"]);
  });

  it("says above the rows what it shows, and how much that is", () => {
    const say = (text: string, groups: SessionFilter["groups"]): string => {
      const filter = { text, groups };
      return filterMessage(filter, countShown(state, noon, filter), english);
    };
    assert.equal(say("csv", []), "Filtered by “csv”: 2 sessions match.");
    assert.equal(say("", ["queued"]), "Filtered by Queued: 1 session matches.");
    assert.equal(say("zz", ["queued", "done"]), "Filtered by “zz” in Queued, Done: no session matches.");
    assert.match(say("[a](command:b)", []), /^Filtered by “\[a\] \(command:b\)”/);
  });

  it("is none without words and states", () => {
    assert.deepEqual(
      [
        { text: " ", groups: [] },
        { text: "a", groups: [] },
      ].map(isEmptyFilter),
      [true, false],
    );
  });

  it("offers every state with the number of its sessions, whatever is typed", () => {
    const choices = filterChoices(state, noon, english);
    assert.deepEqual(
      choices.map(({ group }) => group),
      groupIds,
    );
    assert.deepEqual(
      choices.map(({ label, description }) => `${label} ${description}`),
      ["Needs you 0", "Running 1", "Queued 1", "Done 2", "Failed 0", "Elsewhere 0", "Earlier 1", "Hidden 1"],
    );
  });
});

describe("the order of the sessions view", () => {
  const at = (n: number): number => noon - n * minuteMs;
  const rows = [
    aSession({ sessionId: "a", title: "Task 10", createdAt: at(9), startedAt: at(2) }),
    aSession({ sessionId: "b", title: "Task 9", createdAt: at(3), startedAt: at(3) }),
    aSession({ sessionId: "c", title: "Another", createdAt: at(8), startedAt: at(5) }),
  ];
  const order = (sort: SessionSort): string => {
    const [group] = sessionTree(aState({}, ...rows), noon, english, { filter: undefined, sort });
    return group?.children.map((one) => one.sessionId).join("") ?? "";
  };
  const want: Readonly<Record<SessionSort, string>> = {
    usual: "cba",
    newest: "bca",
    longest: "cba",
    title: "cba",
  };
  for (const sort of sessionSorts) it(`goes by ${sort}`, () => assert.equal(order(sort), want[sort]));

  it("is the usual one where nothing sensible is stored", () => {
    assert.deepEqual(["title", "x", undefined, 7].map(parseSort), ["title", "usual", "usual", "usual"]);
  });
});
