import assert from "node:assert/strict";
import type { CleanUpCandidate } from "../../../src/core/cleanUp";
import {
  cleanUpReport,
  cleanUpRow,
  ignoredQuestion,
  plainQuestion,
  sizeWord,
} from "../../../src/ui/cleanUpModel";
import { aCandidate } from "../../fakes/cleanUp";
import { english, minuteMs, noon } from "./kit";

const rowOf = (over: Partial<CleanUpCandidate>): ReturnType<typeof cleanUpRow> =>
  cleanUpRow(aCandidate(over), noon, english);

describe("a row of the clean-up", () => {
  it("names session and branch, and says size, age and that nothing is unsaved", () => {
    assert.deepEqual(rowOf({ sizeBytes: 3 * 1024 ** 2, changedAt: noon - 5 * minuteMs }), {
      label: "$(check) Add CSV export",
      description: "one-horizon/s1-0123",
      detail: "3.0 MiB · changed 5m ago · nothing unsaved",
      picked: true,
      removable: true,
    });
  });

  const holds: readonly [Partial<CleanUpCandidate>, RegExp][] = [
    [{ changed: 1 }, / · 1 changed file$/],
    [{ changed: 3, untracked: 2 }, / · 3 changed files · 2 new files$/],
    [{ unpushed: 1 }, / · 1 unpushed commit$/],
    [{ unpushed: 4, stashes: 1 }, / · 4 unpushed commits · 1 stash$/],
    [{ submodules: 2 }, / · 2 submodules$/],
    [{ unfinished: "rebase" }, / · a rebase is half done$/],
  ];
  for (const [over, detail] of holds) {
    it(`is not chosen by itself: ${JSON.stringify(over)}`, () => {
      const row = rowOf({ ...over, holdsWork: true });
      assert.match(row.detail, detail);
      assert.deepEqual([row.picked, row.removable], [false, true]);
      assert.match(row.label, /^\$\(edit\) /);
    });
  }

  it("is not chosen by itself while it has ignored files, which no commit has", () => {
    const row = rowOf({ ignored: 12, ignoredBytes: 5_000 });
    assert.match(row.detail, / · nothing unsaved · 12 ignored \(5 KiB\)$/);
    assert.equal(row.picked, false);
  });

  it("cannot be chosen where the worktree has to stay, and says why", () => {
    const stays: readonly [Partial<CleanUpCandidate>, RegExp][] = [
      [{ stays: "session" }, /^session not finished, stays · /],
      [{ stays: "locked", locked: "on a\nstick" }, /^locked, stays: on a stick · /],
      [{ stays: "locked", locked: "" }, /^locked, stays · /],
      [{ stays: "inUse", inUseBy: [77] }, /^process 77 works in it, stays · /],
    ];
    for (const [over, detail] of stays) {
      const row = rowOf(over);
      assert.match(row.detail, detail);
      assert.deepEqual([row.picked, row.removable], [false, false]);
      assert.match(row.label, /^\$\(lock\) /);
    }
  });

  it("says that a folder is gone, or what is wrong with it", () => {
    assert.equal(rowOf({ gone: true }).detail, "its folder was deleted; only git's entry is left");
    assert.equal(rowOf({ problem: "no way in" }).detail, "cannot be looked into: no way in");
  });

  it("shows the key and no branch where nothing else is known", () => {
    const row = rowOf({ session: undefined, branch: undefined });
    assert.deepEqual([row.label, row.description], ["$(check) s1-0123", "no branch"]);
  });

  it("makes no icon of a stranger's words", () => {
    const row = rowOf({ session: { sessionId: "s", title: "$(flame) hot" }, branch: "$(x)" });
    assert.deepEqual([row.label, row.description], ["$(check) \\$(flame) hot", "\\$(x)"]);
  });
});

describe("the question of the clean-up", () => {
  it("is asked with a dialog only where ignored files could be lost", () => {
    assert.equal(
      ignoredQuestion([aCandidate(), aCandidate({ changed: 4, holdsWork: true })], english),
      undefined,
    );
    const asked = ignoredQuestion(
      [
        aCandidate({ ignored: 2, ignoredBytes: 1024, ignoredExamples: [".env", "dist/"] }),
        aCandidate({ ignored: 3, ignoredBytes: 1024, ignoredExamples: ["dist/"] }),
      ],
      english,
    );
    assert.ok(asked);
    assert.equal(asked.message, "Remove 2 worktrees, and what git ignores in them?");
    assert.match(
      asked.detail,
      /^Git ignores 5 files \(2 KiB\), such as \.env, dist\/\. .*drop them for good/,
    );
  });

  it("else says what is kept", () => {
    assert.equal(plainQuestion([aCandidate()], english).message, "Remove 1 worktree");
    assert.match(plainQuestion([aCandidate(), aCandidate()], english).detail, /snapshot/);
  });
});

describe("the report of the clean-up", () => {
  const removed = (
    snapshot: string | undefined,
    restore = "git worktree add x",
  ): Parameters<typeof cleanUpReport>[0]["removed"][number] => ({
    ...{ path: "/w", branch: "b", snapshot, moduleSnapshots: [], dropped: 0, restore },
  });
  const reportOf = (over: Partial<Parameters<typeof cleanUpReport>[0]>): ReturnType<typeof cleanUpReport> =>
    cleanUpReport({ removed: [], left: [], notes: [], cancelled: false, ...over }, english);

  it("names the snapshots and has a command for each worktree", () => {
    const report = reportOf({
      removed: [removed("refs/a", "one"), removed(undefined, "two"), removed("refs/b", "three")],
    });
    assert.equal(
      report.message,
      "Removed 3 worktrees; their branches are kept. Unsaved work is in refs/a, refs/b.",
    );
    assert.deepEqual([report.failed, report.restore], [false, "one\ntwo\nthree"]);
  });

  it("shortens many snapshots", () => {
    const report = reportOf({ removed: ["a", "b", "c", "d", "e"].map((name) => removed(name)) });
    assert.match(report.message, /Unsaved work is in a, b, c and 2 more\.$/);
  });

  it("tells what was left, and that it was cancelled", () => {
    const left = ["One.", "Two.", "Three."].map((message) => ({ path: "/w", message }));
    const report = reportOf({ left, cancelled: true });
    assert.equal(
      report.message,
      "One. Two. 1 more were left as they are; the log says why. Stopped when you cancelled; the rest is left as it is.",
    );
    assert.deepEqual([report.failed, report.restore], [true, undefined]);
  });

  it("tells what went wrong before a removal", () => {
    const report = reportOf({ removed: [removed(undefined)], notes: ["The hook failed."] });
    assert.equal(report.message, "Removed 1 worktree; its branch is kept. The hook failed.");
    assert.equal(report.failed, true);
  });

  it("makes no link of a stranger's words", () => {
    const left = [{ path: "/w", message: "[x](command:y)" }];
    assert.doesNotMatch(reportOf({ left }).message, /\]\(/);
  });
});

describe("sizes", () => {
  it("are short words", () => {
    const sizes = [0, 1023, 1024, 5.4 * 1024 ** 2, 340 * 1024 ** 2, 1.25 * 1024 ** 3];
    assert.deepEqual(
      sizes.map((bytes) => sizeWord(bytes, english)),
      ["0 bytes", "1023 bytes", "1 KiB", "5.4 MiB", "340 MiB", "1.3 GiB"],
    );
  });
});
