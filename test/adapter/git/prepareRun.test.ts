import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { runKey } from "../../../src/git/sessionKey";
import { exists } from "./cleanUpFixture";
import { textOf } from "./gitFixture";
import { assertTold, RunFixture } from "./runFixture";

describe("the worktree of a run's branch", () => {
  let runs: RunFixture;
  beforeEach(async () => {
    runs = await RunFixture.create();
  });
  afterEach(() => runs.remove());

  const gitIn = (path: string, ...args: string[]): Promise<string> => runs.git.git(path, ...args);
  const snapshots = (): Promise<string> =>
    gitIn(runs.git.repo, "for-each-ref", "--format=%(refname)", "refs/one-horizon/snapshots");

  it("is made from the base where the remote has no such branch, and of the branch where it has", async () => {
    const made = await runs.run();
    assert.equal(basename(made.path), runKey(runs.branch));
    assert.deepEqual(
      [made.mode, made.branch, made.reused, made.fresh, made.detached, made.conflicts],
      ["task", runs.branch, false, true, undefined, undefined],
    );
    assert.equal(made.headCommit, await gitIn(runs.git.repo, "rev-parse", "main"));
    assert.equal(await gitIn(made.path, "symbolic-ref", "--short", "HEAD"), runs.branch);
    assert.equal(await gitIn(runs.git.repo, "config", "--get-regexp", "^branch").catch(() => ""), "");

    const theirs = await runs.theirs("plan.txt", "plan\n", "runs/other");
    const checkout = { kind: "run", branch: "runs/other", mergeBase: false } as const;
    const other = await runs.worktrees.prepare(
      runs.request("s2", checkout, { mode: "repository" }),
      neverAborted,
    );
    assert.equal(other.headCommit, theirs);
    assert.equal(other.mode, "task", "it gets a worktree in repository mode, too");
    assert.equal(other.baseCommit, await gitIn(runs.git.repo, "rev-parse", "main"));
    assert.equal(await textOf(join(other.path, "plan.txt")), "plan\n");
    assert.notEqual(other.path, made.path);
  });

  it("is used by the run's next session, brought to what the remote has", async () => {
    const first = await runs.run();
    await runs.work(first, "a.txt", "a\n");
    await runs.publish(first);
    await runs.git.write(join(first.path, "ignored/cache"), "warm\n");
    await runs.release(first);
    const theirs = await runs.theirs("b.txt", "b\n");
    const second = await runs.run("s2");
    assert.deepEqual([second.path, second.headCommit, second.reused], [first.path, theirs, false]);
    assert.equal(await textOf(join(second.path, "b.txt")), "b\n");
    assert.equal(await textOf(join(second.path, "ignored/cache")), "warm\n");
    assert.equal(await gitIn(second.path, "status", "--porcelain"), "");
  });

  it("keeps commits that are here only, and merges them with the remote's", async () => {
    const first = await runs.run();
    const ours = await runs.work(first, "a.txt", "a\n");
    await runs.release(first);
    const second = await runs.run("s2");
    assert.equal(second.headCommit, ours);
    await runs.release(second, "s2");
    const theirs = await runs.theirs("b.txt", "b\n");
    const third = await runs.run("s3");
    assert.equal(
      await gitIn(third.path, "rev-list", "--parents", "-1", "HEAD"),
      `${third.headCommit} ${ours} ${theirs}`,
    );
    assert.match(third.notes.join(), /commits here that the remote has not/u);
    assert.equal(await gitIn(third.path, "status", "--porcelain"), "");
  });

  it("names the files where they do not go together, and leaves the branch as it was", async () => {
    const first = await runs.run();
    const ours = await runs.work(first, "readme.txt", "ours\n");
    await runs.release(first);
    await runs.theirs("readme.txt", "theirs\n");
    await assertTold(runs.run("s2"), "conflict", /"readme\.txt".*by hand/su);
    assert.equal(await gitIn(first.path, "rev-parse", "HEAD"), ours);
    assert.equal(await gitIn(first.path, "status", "--porcelain"), "");
    assert.equal(await textOf(join(first.path, "readme.txt")), "ours\n");
    await assertTold(runs.run("s2"), "conflict", /"readme\.txt"/u);
  });

  it("undoes a merge without the filters that may lie in the tree", async () => {
    const first = await runs.run();
    await runs.git.write(join(first.path, ".gitattributes"), "*.txt filter=users\n");
    await runs.work(first, "readme.txt", "ours\n");
    await runs.release(first);
    await runs.theirs("readme.txt", "theirs\n");
    const trap = await runs.git.trap("filter");
    await runs.git.git(runs.git.repo, "config", "filter.users.smudge", `sh -c "cat; ${trap.command}"`);
    await assertTold(runs.run("s2"), "conflict", /"readme\.txt"/u);
    assert.equal(await trap.sprung(), false);
  });

  it("goes on with the session's own unfinished work, as it is", async () => {
    const first = await runs.run();
    await runs.git.write(join(first.path, "half.txt"), "half\n");
    await runs.release(first);
    await runs.theirs("b.txt", "b\n");
    const again = await runs.run();
    assert.deepEqual([again.reused, again.headCommit], [true, first.headCommit]);
    assert.equal(await textOf(join(again.path, "half.txt")), "half\n");
  });

  it("takes another session's unfinished work out of the way, with a snapshot", async () => {
    const first = await runs.run();
    await runs.git.write(join(first.path, "half.txt"), "half\n");
    await runs.git.write(join(first.path, "sub/.git/config"), "[core]\n");
    await runs.release(first);
    const second = await runs.run("s2");
    assert.equal(second.path, first.path);
    assert.equal(await exists(join(second.path, "half.txt")), false);
    assert.equal(await exists(join(second.path, "sub")), false);
    const ref = await snapshots();
    assert.equal(await gitIn(runs.git.repo, "show", `${ref}:half.txt`), "half");
    assert.match(second.notes.join(), /earlier session left uncommitted.*worktree add/su);
  });

  it("brings a worktree to order that a process left while it moved the files", async () => {
    const first = await runs.run();
    const note = join(await gitIn(first.path, "rev-parse", "--absolute-git-dir"), "one-horizon-run.json");
    await writeFile(note, JSON.stringify({ sessionId: "s1", moving: true }));
    await runs.git.write(join(first.path, "readme.txt"), "half of a merge\n");
    const again = await runs.run();
    assert.equal(await textOf(join(again.path, "readme.txt")), "one\ntwo\n");
    assert.notEqual(await snapshots(), "");
    assert.match(await readFile(note, "utf8"), /"moving":false/u);
  });

  it("is one session's at a time: in this process, and in another one that lives", async () => {
    const first = await runs.run();
    await assertTold(runs.run("s2"), "branchInUse", /session s1 works on the run's branch.*Wait/su);
    await runs.release(first);
    const gitDir = await gitIn(first.path, "rev-parse", "--absolute-git-dir");
    const note = join(gitDir, "one-horizon-run.json");
    const other = spawn("tail", ["-f", "/dev/null"], { stdio: "ignore" });
    try {
      const user = { pid: other.pid, startedAt: "", markedAt: Date.now() };
      await writeFile(note, JSON.stringify({ sessionId: "s1", user, moving: false }));
      await assertTold(runs.run("s2"), "branchInUse", /session s1/u);
      const removal = { folder: runs.git.repo, path: first.path, includeIgnored: false, session: undefined };
      await assertTold(
        runs.worktrees.removeWorktree(removal, neverAborted),
        "pathInUse",
        /session s1 works in it/u,
      );
    } finally {
      const gone = once(other, "exit");
      other.kill("SIGKILL");
      await gone;
    }
    assert.equal((await runs.run("s2")).path, first.path);
  });

  it("refuses a branch that the user has checked out, and one that git cannot have beside another", async () => {
    await gitIn(runs.git.repo, "checkout", "--quiet", "-b", runs.branch);
    await assertTold(runs.run(), "branchInUse", /is checked out in .*Switch that checkout/su);
    await gitIn(runs.git.repo, "checkout", "--quiet", "main");
    await gitIn(runs.git.repo, "branch", "-D", "--quiet", runs.branch);
    await gitIn(runs.git.repo, "branch", dirname(runs.branch));
    await assertTold(runs.run(), "branchInUse", /there is a branch runs.*cannot have both/su);
    assert.equal(await exists(join(runs.git.root)), true);
  });

  it("takes the user's own branch of that name as it is", async () => {
    await gitIn(runs.git.repo, "branch", runs.branch);
    const made = await runs.run();
    assert.equal(await gitIn(made.path, "symbolic-ref", "--short", "HEAD"), runs.branch);
  });

  it("is made again from its branch when it was deleted", async () => {
    const first = await runs.run();
    const ours = await runs.work(first, "a.txt", "a\n");
    await rm(first.path, { recursive: true });
    const again = await runs.run();
    assert.deepEqual([again.path, again.headCommit], [first.path, ours]);
  });

  it("needs the remote", async () => {
    await rename(runs.origin, `${runs.origin}.away`);
    await assertTold(runs.run(), "remoteGone", /cannot be reached.*git remote -v/su);
    await gitIn(runs.git.repo, "remote", "remove", "origin");
    await assertTold(runs.run(), "noRemote", /git remote add origin/u);
    assert.equal(await gitIn(runs.git.repo, "branch", "--list", "runs/*"), "");
  });

  describe("that begins with a merge of the base", () => {
    it("names what is in conflict and leaves the rest merged", async () => {
      await runs.theirs("readme.txt", "branch\n");
      const base = await runs.theirs("readme.txt", "base\n", "main");
      await runs.theirs("new.txt", "new\n", "main");
      const made = await runs.run("s1", {}, true);
      assert.deepEqual(made.conflicts, ["readme.txt"]);
      assert.equal(made.baseCommit, await runs.tip("main"));
      assert.match(
        (await textOf(join(made.path, "readme.txt"))) ?? "",
        /<<<<<<< HEAD\nbranch\n=======\nbase\n>>>>>>> /u,
      );
      assert.equal(await textOf(join(made.path, "new.txt")), "new\n");
      const gitDir = await gitIn(made.path, "rev-parse", "--absolute-git-dir");
      assert.equal((await textOf(join(gitDir, "MERGE_HEAD")))?.trim(), await runs.tip("main"));
      assert.notEqual(base, made.baseCommit);
      await runs.release(made);
      const again = await runs.run("s1", {}, true);
      assert.deepEqual([again.conflicts, again.reused], [["readme.txt"], true]);
    });

    it("needs the base as the remote has it now", async () => {
      const old = await runs.tip("main");
      await gitIn(runs.origin, "branch", "other", old);
      await gitIn(runs.origin, "symbolic-ref", "HEAD", "refs/heads/other");
      await gitIn(runs.origin, "branch", "-D", "--quiet", "main");
      await assertTold(
        runs.run("s1", { baseBranch: "main" }, true),
        "failed",
        /could not fetch main, which was to be merged/u,
      );
      assert.equal((await runs.run("s1", { baseBranch: "main" })).headCommit, old);
    });

    it("has no conflicts to name where all goes together, or where nothing is to be merged", async () => {
      await runs.theirs("a.txt", "a\n");
      assert.deepEqual((await runs.run("s0", {}, true)).conflicts, []);
      await runs.worktrees.release(await runs.run("s0", {}, true), "s0");
      await runs.theirs("new.txt", "new\n", "main");
      const made = await runs.run("s1", {}, true);
      assert.deepEqual(made.conflicts, []);
      assert.equal(await textOf(join(made.path, "new.txt")), "new\n");
    });
  });
});
