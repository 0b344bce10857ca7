import assert from "node:assert/strict";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { exists, factsOf } from "./cleanUpFixture";
import { textOf } from "./gitFixture";
import { assertTold, RunFixture } from "./runFixture";

describe("a checkout to read in", () => {
  let runs: RunFixture;
  beforeEach(async () => {
    runs = await RunFixture.create();
  });
  afterEach(() => runs.remove());

  const gitIn = (path: string, ...args: string[]): Promise<string> => runs.git.git(path, ...args);
  const discard = (made: Pick<Worktree, "path">, sessionId = "r1"): Promise<void> =>
    runs.worktrees.discard(made, sessionId, neverAborted);
  const snapshots = (): Promise<string> =>
    gitIn(runs.git.repo, "for-each-ref", "--format=%(refname)", "refs/one-horizon");

  it("is the branch as the remote has it now, on no branch, and goes without a trace", async () => {
    const main = await runs.tip("main");
    const old = await runs.theirs("a.txt", "a\n");
    await gitIn(runs.git.repo, "fetch", "--quiet", "origin");
    await gitIn(runs.git.repo, "branch", runs.branch, old);
    const refs = await gitIn(runs.git.repo, "for-each-ref", "refs/heads", "refs/one-horizon");
    const now = await runs.theirs("b.txt", "b\n");
    const made = await runs.read(runs.branch);
    assert.deepEqual(
      [made.detached, made.branch, made.headCommit, made.baseCommit, made.baseBranch, made.mode],
      [true, runs.branch, now, main, "main", "task"],
    );
    assert.equal(await textOf(join(made.path, "b.txt")), "b\n");
    assert.equal(await gitIn(made.path, "rev-parse", "--abbrev-ref", "HEAD"), "HEAD");
    await discard(made);
    assert.equal(await exists(made.path), false);
    assert.equal(await gitIn(runs.git.repo, "for-each-ref", "refs/heads", "refs/one-horizon"), refs);
    assert.doesNotMatch(await gitIn(runs.git.repo, "worktree", "list"), /worktrees\/repo/u);
    await discard(made);
  });

  it("goes after what was to be done before, which is not done where it is not there", async () => {
    const made = await runs.read(undefined, false);
    const seen: boolean[] = [];
    const before = async (): Promise<void> => {
      seen.push(await exists(made.path));
    };
    const refusing = (): Promise<void> => Promise.reject(new Error("it is needed"));
    const { worktrees } = runs;
    await assert.rejects(worktrees.discard(made, "r1", neverAborted, refusing), /it is needed/u);
    assert.equal(await exists(made.path), true);
    await worktrees.discard(made, "r1", neverAborted, before);
    assert.equal(await exists(made.path), false);
    await worktrees.discard(made, "r1", neverAborted, before);
    assert.deepEqual(seen, [true]);
  });

  it("says which branch is missing where it is needed, and reads the base where it is not", async () => {
    await gitIn(runs.git.repo, "branch", runs.branch);
    await assertTold(runs.read(runs.branch), "badBranch", /runs\/fix-1 is not on origin.*Push the branch/su);
    const made = await runs.read(runs.branch, false);
    assert.deepEqual([made.branch, made.headCommit], ["main", await runs.tip("main")]);
    const plain = await runs.read(undefined, false, "r2");
    assert.deepEqual([plain.branch, plain.detached], ["main", true]);
    await assertTold(runs.read(undefined, true, "r3"), "badBranch", /is empty/u);
    await assertTold(runs.read("--upload-pack=x", false, "r3"), "badBranch", /option/u);
  });

  it("needs the remote only where the branch is needed", async () => {
    const known = await runs.theirs("a.txt", "a\n");
    await gitIn(runs.git.repo, "fetch", "--quiet", "origin");
    await rename(runs.origin, `${runs.origin}.away`);
    await assertTold(runs.read(runs.branch), "remoteGone", /cannot be reached/u);
    const made = await runs.read(runs.branch, false);
    assert.equal(made.headCommit, known);
    assert.match(made.notes.join(), /could not be fetched from origin; its last fetched state/u);
    await gitIn(runs.git.repo, "remote", "remove", "origin");
    await assertTold(runs.read(runs.branch, true, "r2"), "noRemote", /git remote add origin/u);
    assert.equal((await runs.read(runs.branch, false, "r2")).branch, "main");
  });

  it("is used again by the session while the remote stands still, and made anew when it has moved", async () => {
    await runs.theirs("a.txt", "a\n");
    const first = await runs.read(runs.branch);
    await runs.git.write(join(first.path, "ignored/cache"), "warm\n");
    assert.equal((await runs.read(runs.branch)).reused, true);
    assert.equal(await textOf(join(first.path, "ignored/cache")), "warm\n");
    const now = await runs.theirs("b.txt", "b\n");
    const again = await runs.read(runs.branch);
    assert.deepEqual([again.path, again.headCommit, again.reused], [first.path, now, false]);
    assert.equal(await snapshots(), "");
  });

  it("is written anew where git was cut short, at the commit of then or of another time", async () => {
    await runs.theirs("a.txt", "a\n");
    const first = await runs.read(runs.branch);
    const admin = await gitIn(first.path, "rev-parse", "--absolute-git-dir");
    for (const moved of [false, true]) {
      await rm(join(first.path, "readme.txt"));
      await runs.git.write(join(admin, "locked"), "initializing");
      if (moved) await runs.theirs("b.txt", "b\n");
      const again = await runs.read(runs.branch);
      assert.equal(again.headCommit, await runs.tip());
      assert.equal(await gitIn(again.path, "rev-parse", "HEAD"), await runs.tip());
      assert.equal(await textOf(join(again.path, "readme.txt")), "one\ntwo\n");
    }
    assert.equal(await snapshots(), "");
  });

  it("is snapshotted before it goes where somebody has changed it, whatever stands there", async () => {
    await runs.theirs("a.txt", "a\n");
    const made = await runs.read(runs.branch);
    await runs.git.write(join(made.path, "readme.txt"), "changed\n");
    await runs.git.write(join(made.path, "deep/.git/config"), "[core]\n\tfsmonitor = /bin/false\n");
    await runs.git.write(join(made.path, "deep/new.txt"), "new\n");
    await gitIn(made.path, "commit", "--quiet", "--allow-empty", "-m", "Unexpected");
    const lone = await gitIn(made.path, "rev-parse", "HEAD");
    await discard(made);
    assert.equal(await exists(made.path), false);
    const ref = await snapshots();
    assert.match(ref, /^refs\/one-horizon\/snapshots\/\S+$/u);
    assert.equal(await gitIn(runs.git.repo, "show", `${ref}:readme.txt`), "changed");
    assert.equal(await gitIn(runs.git.repo, "show", `${ref}:deep/new.txt`), "new");
    assert.equal(await gitIn(runs.git.repo, "rev-parse", `${ref}^1`), lone);
  });

  it("stays where it is not the session's, or where its git file was changed", async () => {
    await runs.theirs("a.txt", "a\n");
    const made = await runs.read(runs.branch);
    await assertTold(discard(made, "r2"), "unsafePath", /not the checkout that the session r2 reads in/u);
    const run = await runs.run();
    await assertTold(discard(run, "s1"), "unsafePath", /not the checkout/u);
    const link = (await textOf(join(made.path, ".git"))) ?? "";
    await runs.git.write(join(made.path, ".git"), "gitdir: /tmp\n");
    await assertTold(discard(made), "hostileTree", /was changed/u);
    await runs.git.write(join(made.path, ".git"), link);
    assert.equal(await exists(join(made.path, "a.txt")), true);
    await discard(made);
  });

  it("is listed with the worktrees that can be cleaned up, and can be removed and brought back there", async () => {
    await runs.theirs("a.txt", "a\n");
    const made = await runs.read(runs.branch);
    const facts = await factsOf(runs.git, made.path);
    assert.deepEqual([facts.branch, facts.unpushed, facts.changed, facts.untracked], [undefined, 0, 0, 0]);
    const removal = { folder: runs.git.repo, path: made.path, includeIgnored: false, session: undefined };
    const removed = await runs.worktrees.removeWorktree(removal, neverAborted);
    assert.match(removed.restore, / --detach /u);
    assert.equal(removed.snapshot, undefined);
  });

  it("is known to be as noted, gone, or changed", async () => {
    await runs.theirs("a.txt", "a\n");
    const made = await runs.read(runs.branch);
    const { path, branch, headCommit } = made;
    const noted = { sessionId: "r1", folder: runs.git.repo, path, branch, headCommit };
    const verify = () => runs.worktrees.verify(noted, neverAborted);
    assert.deepEqual(await verify(), { kind: "asNoted" });
    await gitIn(path, "checkout", "--quiet", "-b", "elsewhere");
    assert.match(JSON.stringify(await verify()), /is on elsewhere instead of a detached head/u);
    await gitIn(path, "checkout", "--quiet", "--detach", "main");
    assert.match(JSON.stringify(await verify()), /does not hold the commit/u);
    await rm(path, { recursive: true });
    assert.deepEqual(await verify(), { kind: "gone" });
    const run = await runs.run();
    const ours = { ...noted, sessionId: "s1", path: run.path, headCommit: run.headCommit };
    assert.deepEqual(await runs.worktrees.verify(ours, neverAborted), { kind: "asNoted" });
    const strange = { ...ours, branch: "runs/other" };
    assert.equal((await runs.worktrees.verify(strange, neverAborted)).kind, "differs");
  });
});
