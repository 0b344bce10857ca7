import assert from "node:assert/strict";
import type { SessionChange } from "../../../src/core/events";
import { worktreeProgress } from "../../../src/core/progress";
import { reduceSession } from "../../../src/core/sessionReducer";
import { aSession } from "../ui/kit";

describe("progress of long work", () => {
  it("is told at once, and then at most once a second", () => {
    const told: SessionChange[] = [];
    let now = 5;
    const tell = worktreeProgress({ monotonic: () => now }, (change) => told.push(change));
    tell({ work: "fetching", percent: 10 });
    tell({ work: "fetching", percent: 60 });
    now += 999;
    tell({ work: "checkingOut", percent: 1 });
    now += 1;
    tell({ work: "checkingOut", percent: 45 });
    assert.deepEqual(told, [
      { kind: "progress", detail: "fetching the base branch: 10 %" },
      { kind: "progress", detail: "making the worktree: 45 %" },
    ]);
  });

  it("stands in the row only while the worktree is made or the end is told", () => {
    const change = { kind: "progress", detail: "making the worktree: 45 %" } as const;
    for (const phase of ["preparing", "finishing"] as const) {
      assert.equal(reduceSession(aSession({ phase }), change).detail, change.detail);
    }
    for (const phase of ["claiming", "running", "awaitingInput", "complete", "released"] as const) {
      const view = aSession({ phase, detail: "before" });
      assert.equal(reduceSession(view, change).detail, "before", phase);
    }
  });
});
