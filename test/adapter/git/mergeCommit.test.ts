import assert from "node:assert/strict";
import { readFile, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { textOf } from "./gitFixture";
import { assertTold, RunFixture } from "./runFixture";

describe("the commit of a begun merge", () => {
  let runs: RunFixture;
  let made: Worktree;
  let gitDir: string;
  beforeEach(async () => {
    runs = await RunFixture.create();
    await runs.theirs("picture.bin", "\0old");
    await runs.theirs("picture.bin", "\0old", "main");
    await runs.theirs("gone.txt", "old\n", "main");
    await runs.git.git(runs.colleague, "checkout", "--quiet", "-B", "theirs", "origin/main");
    await runs.git.git(
      runs.colleague,
      "push",
      "--quiet",
      "--force",
      "origin",
      `HEAD:refs/heads/${runs.branch}`,
    );
    await runs.theirs("readme.txt", "branch\n");
    await runs.theirs("picture.bin", "\0branch");
    await runs.theirs("gone.txt", "branch\n");
    await runs.theirs("readme.txt", "base\n", "main");
    await runs.theirs("picture.bin", "\0base", "main");
    await runs.git.git(runs.colleague, "rm", "--quiet", "gone.txt");
    await runs.theirs("new.txt", "new\n", "main");
    made = await runs.run("s1", {}, true);
    gitDir = await runs.git.git(made.path, "rev-parse", "--absolute-git-dir");
  });
  afterEach(() => runs.remove());

  const write = (name: string, text: string): Promise<void> => runs.git.write(join(made.path, name), text);

  it("is refused with the names while anything is unresolved, and kept as it is", async () => {
    assert.deepEqual(made.conflicts, ["gone.txt", "picture.bin", "readme.txt"]);
    await assertTold(
      runs.commit(made),
      "conflict",
      /"gone\.txt", "picture\.bin", "readme\.txt".*Resolve them/su,
    );
    await write("readme.txt", "both\n");
    await write("gone.txt", "kept after all\n");
    await assertTold(runs.commit(made), "conflict", /in: "picture\.bin"\./u);
    await write("picture.bin", "\0both");
    await write("readme.txt", "a\n>>>>>>> theirs\n");
    await assertTold(runs.commit(made), "conflict", /in: "readme\.txt"\./u);
    assert.notEqual(await textOf(join(gitDir, "MERGE_HEAD")), undefined);
    assert.equal(await runs.git.git(made.path, "rev-parse", "HEAD"), made.headCommit);
  });

  it("has both parents, once every file was written or deleted", async () => {
    await write("readme.txt", "both\n");
    await write("picture.bin", "\0branch");
    await rm(join(made.path, "gone.txt"));
    const commit = await runs.commit(made);
    assert.equal(
      await runs.git.git(made.path, "rev-list", "--parents", "-1", "HEAD"),
      `${commit} ${made.headCommit} ${await runs.tip("main")}`,
    );
    assert.equal(await runs.git.git(made.path, "status", "--porcelain"), "");
    assert.equal(await textOf(join(gitDir, "MERGE_HEAD")), undefined);
    assert.equal(await runs.git.git(made.path, "show", "HEAD:readme.txt"), "both");
    assert.match(await runs.git.git(made.path, "log", "-1", "--format=%B"), /One-Horizon-Session: s1/u);
    const again = await runs.run("s1", {}, true);
    assert.deepEqual([again.headCommit, again.conflicts], [commit, []]);
  });

  it("takes a file for decided that was written as it was", async () => {
    const picture = join(made.path, "picture.bin");
    await utimes(picture, 1, 1);
    await write("readme.txt", "both\n");
    await write("gone.txt", "branch\n");
    await runs.commit(made);
    assert.equal(await readFile(picture, "utf8"), "\0branch");
  });

  it("is made where the merge changes nothing in the end", async () => {
    await write("readme.txt", "branch\n");
    await write("picture.bin", "\0branch");
    await write("gone.txt", "branch\n");
    await rm(join(made.path, "new.txt"));
    const commit = await runs.commit(made);
    assert.equal(await runs.git.git(made.path, "diff", "--stat", made.headCommit, commit), "");
    const parents = await runs.git.git(made.path, "rev-list", "--parents", "-1", "HEAD");
    assert.equal(parents.split(" ").length, 3);
  });

  it("of a merge that all went together needs no change by the tool", async () => {
    await runs.worktrees.release(made, "s1");
    const checkout = { kind: "run", branch: "runs/clean", mergeBase: true } as const;
    await runs.theirs("a.txt", "a\n", "runs/clean");
    await runs.theirs("b.txt", "b\n", "main");
    const clean = await runs.worktrees.prepare(runs.request("s2", checkout), neverAborted);
    const commit = await runs.commit(clean, "s2");
    const parents = await runs.git.git(clean.path, "rev-list", "--parents", "-1", "HEAD");
    assert.equal(parents, `${commit} ${clean.headCommit} ${await runs.tip("main")}`);
  });

  it("counts lines also while the merge is unresolved", async () => {
    const stat = await runs.worktrees.diffStat(made, neverAborted);
    assert.ok(stat.files >= 2, JSON.stringify(stat));
  });
});
