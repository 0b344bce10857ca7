import assert from "node:assert/strict";
import type { CleanUpCandidate } from "../../../src/core/cleanUp";
import { changePairs, parseFilePlace } from "../../../src/ui/changesModel";
import { checkOutWays, compareRows, filesIn, revertDetail } from "../../../src/ui/reviewModel";
import { givenFiles, givenWay } from "../../../src/ui/sessionTargets";
import { aSession, english } from "./kit";

const commit = "0123456789".repeat(4);

describe("changes", () => {
  it("become pairs in path order, nothing outside the worktree", () => {
    const pairs = changePairs(
      [
        { path: "b.ts", rawPath: "b.ts", status: "modified" },
        { path: "a ü.ts", rawPath: "a \xc3\xbc.ts", status: "added" },
        { path: "e.ts", rawPath: "e.ts", status: "deleted" },
        {
          path: "n.ts",
          rawPath: "n.ts",
          status: "renamed",
          from: { path: "o.ts", rawPath: "o.ts" },
        },
        ...["../x", "/etc/passwd", "a/../../x", "C:\\x"].map(
          (path) => ({ path, rawPath: path, status: "modified" }) as const,
        ),
      ],
      "/w",
      commit,
    );
    const side = (query: string | undefined): readonly [string, boolean] | undefined => {
      const place = query === undefined ? undefined : parseFilePlace(query);
      return place === undefined ? undefined : [place.rawPath, place.commit === commit];
    };
    assert.deepEqual(
      pairs.map((pair) => [pair.path, side(pair.before), side(pair.now)]),
      [
        ["a ü.ts", undefined, ["a \xc3\xbc.ts", false]],
        ["b.ts", ["b.ts", true], ["b.ts", false]],
        ["e.ts", ["e.ts", true], undefined],
        ["n.ts", ["o.ts", true], ["n.ts", false]],
      ],
    );
  });

  it("take no address that another extension made up", () => {
    const good = { worktreePath: "/w", commit, rawPath: "a" };
    assert.deepEqual(parseFilePlace(JSON.stringify(good)), good);
    const now = { worktreePath: "/w", rawPath: "a" };
    assert.deepEqual(parseFilePlace(JSON.stringify(now)), { ...now, commit: undefined });
    const bad = [
      "",
      "x",
      "null",
      "[]",
      JSON.stringify({ ...good, commit: "--output=x" }),
      JSON.stringify({ ...good, commit: null }),
      JSON.stringify({ ...good, rawPath: "../a" }),
      JSON.stringify({ ...good, rawPath: 1 }),
      JSON.stringify({ ...good, worktreePath: 1 }),
    ];
    for (const one of bad) assert.equal(parseFilePlace(one), undefined, one);
  });

  it("are reverted after a word on what becomes of the file", () => {
    const file = { path: "a", rawPath: "a" };
    const words = (["added", "deleted", "modified"] as const).map((status) =>
      revertDetail({ ...file, status }, english),
    );
    assert.match(words[0] ?? "", /removed.*kept in a backup/);
    assert.match(words[1] ?? "", /comes back/);
    assert.match(words[2] ?? "", /kept in a backup/);
    const from = { path: "old.txt", rawPath: "old.txt" };
    assert.match(revertDetail({ ...file, status: "renamed", from }, english), /goes back to old\.txt/);
  });

  it("of a patch are counted by its heads", () => {
    assert.equal(filesIn("diff --git a/a b/a\n+diff --git x\ndiff --git a/b b/b\n"), 2);
  });
});

describe("a branch that its worktree has", () => {
  const worktree: CleanUpCandidate = {
    ...{ path: "/w/key", sessionKey: "key", branch: "one-horizon/key", gone: false, locked: undefined },
    ...{ inUseBy: [], sizeBytes: 1, changedAt: 1, changed: 0, untracked: 0, ignored: 0, ignoredBytes: 0 },
    ...{ ignoredExamples: [], unpushed: 0, stashes: 0, unfinished: undefined, submodules: 0 },
    ...{ problem: undefined, session: undefined, stays: undefined, holdsWork: false },
  };
  const ways = (one: CleanUpCandidate | undefined): readonly string[] =>
    checkOutWays(one, english).map((row) => row.way);

  it("can be looked at, taken over, or left where it is", () => {
    assert.deepEqual(ways(worktree), ["detached", "removeWorktree", "openWorktree"]);
  });

  it("is not taken from a worktree that has to stay or is none of ours", () => {
    for (const one of [{ ...worktree, stays: "session" } as const, { ...worktree, gone: true }, undefined]) {
      assert.deepEqual(ways(one), ["detached", "openWorktree"]);
    }
  });

  it("says what is not committed there", () => {
    const [detached, remove] = checkOutWays({ ...worktree, changed: 2, untracked: 1 }, english);
    assert.match(detached?.detail ?? "", /stays\. 3 files there are not committed\.$/);
    assert.match(remove?.detail ?? "", /snapshot first\. 3 files /);
    assert.match(checkOutWays({ ...worktree, untracked: 1 }, english)[0]?.detail ?? "", / 1 file there /);
  });
});

describe("what a session can be compared with", () => {
  it("is its base, this checkout, and the branches of the others, newest first", () => {
    const session = aSession({ sessionId: "a", branch: "b/a" });
    const others = [
      session,
      aSession({ sessionId: "b", branch: "b/b", title: "Older", createdAt: 1 }),
      aSession({ sessionId: "c", branch: "b/c", title: "Newer", createdAt: 2 }),
      aSession({ sessionId: "d", branch: undefined }),
      aSession({ sessionId: "e", branch: "b/a" }),
      aSession({ sessionId: "f", branch: "b/f", archived: true }),
    ];
    const rows = compareRows(session, others, english);
    assert.deepEqual(
      rows.map((one) => ("branch" in one.with ? one.with.branch : one.with.kind)),
      ["base", "head", "b/c", "b/b"],
    );
    assert.deepEqual([rows[2]?.label, rows[2]?.description], ["Newer", "b/c"]);
  });
});

describe("targets of the review commands", () => {
  it("are the files among the rows, else the one row", () => {
    const file = { sessionId: "a", path: "x" };
    assert.deepEqual(givenFiles(file, undefined), [file]);
    assert.deepEqual(givenFiles(file, [{ sessionId: "a" }, { sessionId: "a", path: "y", rowId: "r" }]), [
      { sessionId: "a", path: "y" },
    ]);
    assert.deepEqual(givenFiles(file, [{ sessionId: "a" }]), [file]);
    assert.deepEqual(givenFiles({ sessionId: "a" }, undefined), []);
    assert.deepEqual(givenFiles(undefined, undefined), []);
  });

  it("can name the way", () => {
    assert.deepEqual([{ way: "detached" }, { way: 1 }, undefined].map(givenWay), [
      "detached",
      undefined,
      undefined,
    ]);
  });
});
