import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { NotedWorktree, Verified, Worktree } from "../../../src/core/ports/worktrees";
import { GitFixture, textOf } from "./gitFixture";

describe("GitWorktrees.verify, before interrupted work goes on", () => {
  let fixture: GitFixture;
  let made: Worktree;
  let noted: NotedWorktree;

  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    made = await fixture.prepare();
    await fixture.write(join(made.path, "work.txt"), "done\n");
    const { headCommit } = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    const { path, branch } = made;
    noted = { sessionId: "session-1", folder: fixture.repo, path, branch, headCommit };
  });
  afterEach(() => fixture.remove());

  const verify = (more: Partial<NotedWorktree> = {}): Promise<Verified> =>
    fixture.worktrees().verify({ ...noted, ...more }, neverAborted);

  async function assertDiffers(what: RegExp, more: Partial<NotedWorktree> = {}): Promise<void> {
    const verified = await verify(more);
    assert.equal(verified.kind, "differs");
    assert.match(verified.message, what);
    assert.match(verified.message, /was kept\. Look at/u);
  }

  it("finds it as noted, with work that is not committed and with later commits", async () => {
    assert.deepEqual(await verify(), { kind: "asNoted" });
    assert.equal(noted.headCommit, await fixture.git(made.path, "rev-parse", "HEAD"));
    await fixture.write(join(made.path, "half.txt"), "half\n");
    assert.deepEqual(await verify(), { kind: "asNoted" });
    await fixture.git(made.path, "add", "-A");
    await fixture.git(made.path, "commit", "--quiet", "-m", "By hand");
    assert.deepEqual(await verify(), { kind: "asNoted" });
    assert.deepEqual(await verify({ headCommit: made.headCommit }), { kind: "asNoted" });
  });

  it("knows that a worktree is gone and its branch holds everything; it is made anew with the work", async () => {
    await rm(made.path, { recursive: true });
    assert.deepEqual(await verify(), { kind: "gone" });
    const again = await fixture.prepare();
    assert.equal(again.headCommit, noted.headCommit);
    assert.equal(await textOf(join(again.path, "work.txt")), "done\n");
  });

  it("sees that the branch was moved back", async () => {
    await fixture.git(made.path, "reset", "--quiet", "--hard", "main");
    await assertDiffers(/does not hold the commit/u);
    assert.equal(await textOf(join(made.path, "work.txt")), undefined, "it is left as it is");
    await rm(made.path, { recursive: true });
    await assertDiffers(/is gone, and its branch .* does not hold/u);
  });

  it("sees that another branch is checked out, or none", async () => {
    await fixture.git(made.path, "checkout", "--quiet", "-b", "other");
    await assertDiffers(/is on other instead of/u);
    await fixture.git(made.path, "checkout", "--quiet", "--detach");
    await assertDiffers(/is on a detached head instead of/u);
  });

  it("sees that the branch is gone with the worktree", async () => {
    await rm(made.path, { recursive: true });
    await fixture.git(fixture.repo, "worktree", "prune");
    await fixture.git(fixture.repo, "branch", "-D", made.branch);
    await assertDiffers(/is gone, and its branch .* is gone/u);
  });

  it("sees that the repository does not know the commit", async () => {
    await assertDiffers(/is not in the repository/u, { headCommit: "b".repeat(40) });
  });

  it("sees that it is another session's worktree, or another repository's", async () => {
    await assertDiffers(/is not this session's worktree/u, { sessionId: "session-2" });
    const other = await GitFixture.withCommit();
    try {
      const foreign = await other.prepare();
      await assertDiffers(/is not this session's worktree/u, {
        path: foreign.path,
        headCommit: await fixture.git(fixture.repo, "rev-parse", "main"),
      });
    } finally {
      await other.remove();
    }
  });

  it("checks a shared checkout by its branch and commits", async () => {
    const headCommit = await fixture.git(fixture.repo, "rev-parse", "HEAD");
    const shared = { path: fixture.repo, branch: "main", headCommit };
    assert.deepEqual(await verify(shared), { kind: "asNoted" });
    await fixture.git(fixture.repo, "checkout", "--quiet", "-b", "elsewhere");
    await assertDiffers(/is on elsewhere instead of main/u, shared);
  });
});
