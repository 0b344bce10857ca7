import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { WorktreeErrorReason } from "../../../src/core/ports/worktrees";
import { GitFixture, textOf } from "./gitFixture";

describe("repository mode", () => {
  let fixture: GitFixture;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
  });
  afterEach(() => fixture.remove());

  it("works in the opened folder, on its branch, and commits there", async () => {
    const worktrees = fixture.worktrees();
    const folder = join(fixture.repo, "packages/app");
    const made = await worktrees.prepare(fixture.request("a", { mode: "repository", folder }), neverAborted);
    assert.deepEqual(
      { ...made, notes: made.notes.length },
      {
        mode: "repository",
        path: fixture.repo,
        workingDirectory: folder,
        branch: "main",
        baseBranch: "main",
        baseCommit: await fixture.git(fixture.repo, "rev-parse", "main"),
        headCommit: await fixture.git(fixture.repo, "rev-parse", "main"),
        reused: false,
        fresh: false,
        notes: 1,
      },
    );
    await fixture.write(join(fixture.repo, "a.txt"), "x\n");
    assert.deepEqual(await worktrees.diffStat(made, neverAborted), { files: 1, added: 1, deleted: 0 });
    const done = await worktrees.commit(made, fixture.commitOptions("a"), neverAborted);
    assert.equal(done.commit, await fixture.git(fixture.repo, "rev-parse", "main"));
    assert.equal(await fixture.git(fixture.repo, "branch", "--format=%(refname)"), "refs/heads/main");
  });

  const refused: readonly [string, WorktreeErrorReason, (fixture: GitFixture) => Promise<unknown>][] = [
    ["a changed file", "dirtyCheckout", (one) => one.write(join(one.repo, "readme.txt"), "mine\n")],
    ["an untracked file", "dirtyCheckout", (one) => one.write(join(one.repo, "mine.txt"), "mine\n")],
    ["a half-done merge", "dirtyCheckout", (one) => one.write(join(one.repo, ".git/MERGE_HEAD"), "")],
    ["a detached head", "detachedHead", (one) => one.git(one.repo, "checkout", "--quiet", "--detach")],
    ["an unborn branch", "noCommit", (one) => one.git(one.repo, "symbolic-ref", "HEAD", "refs/heads/new")],
  ];
  for (const [name, reason, arrange] of refused) {
    it(`refuses ${name}`, async () => {
      await arrange(fixture);
      await assert.rejects(fixture.prepare("a", { mode: "repository" }), { reason });
    });
  }

  it("lets one session in at a time, the next after release", async () => {
    const worktrees = fixture.worktrees();
    const ask = (id: string) => worktrees.prepare(fixture.request(id, { mode: "repository" }), neverAborted);
    const outcomes = await Promise.allSettled([ask("a"), ask("b")]);
    const [winner, loser] = outcomes[0].status === "fulfilled" ? ["a", "b"] : ["b", "a"];
    assert.deepEqual(outcomes.map((one) => one.status).sort(), ["fulfilled", "rejected"]);
    await assert.rejects(ask(loser), { reason: "branchInUse" });
    const first = await ask(winner);
    assert.equal(first.reused, true);
    await worktrees.release(first, loser);
    await assert.rejects(ask(loser), { reason: "branchInUse" });
    await worktrees.release(first, winner);
    assert.equal((await ask(loser)).reused, false);
  });

  it("takes up the session's own changes after a reload, and no one else's", async () => {
    const made = await fixture.prepare("a", { mode: "repository" });
    await fixture.write(join(fixture.repo, "half.txt"), "half\n");
    const again = await fixture.prepare("a", { mode: "repository" });
    assert.deepEqual(again, { ...made, reused: true });
    await assert.rejects(fixture.prepare("b", { mode: "repository" }), { reason: "dirtyCheckout" });
    const done = await fixture.worktrees().commit(again, fixture.commitOptions("a"), neverAborted);
    assert.deepEqual(done.stat, { files: 1, added: 1, deleted: 0 });
  });

  it("commits for no session that it was not prepared for", async () => {
    const made = await fixture.prepare("a", { mode: "repository" });
    await fixture.write(join(fixture.repo, "mine.txt"), "x\n");
    await assert.rejects(fixture.worktrees().commit(made, fixture.commitOptions("b"), neverAborted), {
      reason: "failed",
      message: /someone else's/,
    });
  });

  it("refuses to commit after the user switched the branch", async () => {
    const made = await fixture.prepare("a", { mode: "repository" });
    await fixture.git(fixture.repo, "checkout", "--quiet", "-b", "other");
    await fixture.write(join(fixture.repo, "a.txt"), "x\n");
    await assert.rejects(fixture.worktrees().commit(made, fixture.commitOptions("a"), neverAborted), {
      reason: "failed",
    });
    assert.equal(await textOf(join(fixture.repo, "a.txt")), "x\n");
  });

  it("refuses to commit on top of what someone else committed meanwhile", async () => {
    const made = await fixture.prepare("a", { mode: "repository" });
    await fixture.git(fixture.repo, "commit", "--quiet", "--allow-empty", "-m", "Mine");
    await fixture.write(join(fixture.repo, "a.txt"), "x\n");
    await assert.rejects(fixture.worktrees().commit(made, fixture.commitOptions("a"), neverAborted), {
      reason: "failed",
      message: /someone else/,
    });
    assert.equal(await fixture.git(fixture.repo, "status", "--porcelain"), "?? a.txt");
  });

  it("leaves the user's own nested repositories, and moves the tool's", async () => {
    const mine = join(fixture.repo, "ignored/mine");
    await fixture.git(fixture.folder, "init", "--quiet", mine);
    const made = await fixture.prepare("a", { mode: "repository" });
    await fixture.write(join(fixture.repo, "a.txt"), "x\n");
    await fixture.git(fixture.folder, "init", "--quiet", join(fixture.repo, "ignored/theirs"));
    await assert.rejects(fixture.worktrees().commit(made, fixture.commitOptions("a"), neverAborted), {
      reason: "hostileTree",
    });
    assert.notEqual(await textOf(join(mine, ".git/HEAD")), undefined);
    assert.equal(await textOf(join(fixture.repo, "ignored/theirs/.git/HEAD")), undefined);
    assert.notEqual(await textOf(join(fixture.repo, ".git/HEAD")), undefined);
    await rm(mine, { recursive: true });
    assert.equal(
      (await fixture.worktrees().commit(made, fixture.commitOptions("a"), neverAborted)).stat.files,
      1,
    );
  });
});
