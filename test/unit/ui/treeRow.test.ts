import assert from "node:assert/strict";
import { sessionTree } from "../../../src/ui/sessionTreeModel";
import { row, type Row } from "../../../src/ui/treeRow";
import { changedRows, indexRows } from "../../fakes/treeRows";
import type { SessionView } from "../../../src/core/state";
import { aSession, aState, english, noon } from "./kit";

const tree = (now: number, ...sessions: readonly SessionView[]): ReturnType<typeof sessionTree> =>
  sessionTree(aState({}, ...sessions), now, english);
const one = aSession({ sessionId: "a" });
const two = aSession({ sessionId: "b" });
const step = (status: "pending" | "completed"): Partial<SessionView> => ({
  plan: [
    { text: "x", status },
    { text: "y", status: "pending" },
  ],
});

describe("changed rows", () => {
  const base = tree(noon, one, two);
  const cases = [
    { name: "nothing, when nothing changed", before: base, after: tree(noon, one, two), want: [] },
    {
      name: "nothing, when only the clock moved unseen",
      before: base,
      after: tree(noon + 10, one, two),
      want: [],
    },
    {
      name: "the rows whose elapsed time shows",
      before: base,
      after: tree(noon + 60_000, one, two),
      want: ["session:a", "session:b"],
    },
    {
      name: "the one session that changed",
      before: base,
      after: tree(noon, one, { ...two, detail: "x" }),
      want: ["session:b"],
    },
    {
      name: "the group that got a row",
      before: base,
      after: tree(noon, one, two, aSession({ sessionId: "c" })),
      want: ["group:running"],
    },
    {
      name: "everything, when a group came",
      before: base,
      after: tree(noon, one, { ...two, phase: "complete", endedAt: noon }),
      want: "all",
    },
    {
      name: "a plan with its progress, not the session",
      before: tree(noon, { ...one, ...step("pending") }),
      after: tree(noon, { ...one, ...step("completed") }),
      want: ["plan:a"],
    },
  ];
  for (const { name, before, after, want } of cases) {
    it(`are ${name}`, () => assert.deepEqual(changedRows(before, after), want));
  }
});

describe("a row's face", () => {
  const plain = row({ id: "r", sessionId: "s", label: "l", spoken: "x" });
  const changes: readonly Partial<Row>[] = [
    { label: "m" },
    { description: "d" },
    { icon: { id: "pass" } },
    { spoken: "y" },
    { contextValue: ";a;" },
    { folding: "expanded" },
    { click: "showChanges" },
  ];
  for (const change of changes) {
    it(`is drawn again when its ${Object.keys(change).join()} changes`, () => {
      assert.deepEqual(changedRows([plain], [{ ...plain, ...change }]), ["r"]);
    });
  }
  it("is not drawn again for its card, which is asked for anew", () => {
    assert.deepEqual(changedRows([plain], [{ ...plain, tooltip: "t" }]), []);
  });
  it("is drawn again when only the icon's colour changes", () => {
    const icon = (color: string): Row => ({ ...plain, icon: { id: "pass", color } });
    assert.deepEqual(changedRows([icon("a")], [icon("b")]), ["r"]);
    assert.deepEqual(changedRows([icon("a")], [icon("a")]), []);
  });
});

describe("row index", () => {
  it("knows every row and its parent", () => {
    const index = indexRows(tree(noon, { ...one, branch: "b" }));
    assert.deepEqual(
      [...index].map(([id, found]) => [id, found.parent?.id]),
      [
        ["group:running", undefined],
        ["session:a", "group:running"],
        ["branch:a", "session:a"],
      ],
    );
  });
});
