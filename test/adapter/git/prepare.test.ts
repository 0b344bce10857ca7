import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, readdir, rm, stat, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { neverAborted } from "../../../src/base/abort";
import { sessionBranch } from "../../../src/git/sessionKey";
import { hurriedClock } from "./hurriedClock";
import { GitFixture, textOf } from "./gitFixture";

/** Has the process a child that has ended and that nobody has asked for it? */
async function hasEndedChild(pid: number): Promise<boolean> {
  const [child = ""] = (await textOf(`/proc/${pid}/task/${pid}/children`))?.split(" ") ?? [];
  return ((await textOf(`/proc/${child}/stat`)) ?? "").includes(") Z");
}

/** Everything of the user's checkout that a session must not touch. */
async function snapshot(fixture: GitFixture): Promise<unknown> {
  const index = join(fixture.repo, ".git/index");
  return {
    // First, since a status of the test's own may write the index.
    index: createHash("sha256")
      .update(await readFile(index))
      .digest("hex"),
    indexTime: (await stat(index)).mtimeMs,
    head: await readFile(join(fixture.repo, ".git/HEAD"), "utf8"),
    config: await readFile(join(fixture.repo, ".git/config"), "utf8"),
    files: (await readdir(fixture.repo)).sort(),
    status: await fixture.git(fixture.repo, "--no-optional-locks", "status", "--porcelain", "--branch"),
    readme: await textOf(join(fixture.repo, "readme.txt")),
    main: await fixture.git(fixture.repo, "rev-parse", "main"),
  };
}

describe("GitWorktrees.prepare", () => {
  let fixture: GitFixture;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
  });
  afterEach(() => fixture.remove());

  it("makes a worktree on its own branch, and leaves a dirty main checkout exactly as it is", async () => {
    await fixture.write(join(fixture.repo, "readme.txt"), "changed by the user\n");
    await fixture.write(join(fixture.repo, "new by user.txt"), "x\n");
    await fixture.write(join(fixture.repo, "staged.txt"), "x\n");
    await fixture.git(fixture.repo, "add", "staged.txt");
    const before = await snapshot(fixture);

    const made = await fixture.prepare("session-1");
    await fixture.write(join(made.path, "work.txt"), "done\n");
    const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);

    assert.deepEqual(await snapshot(fixture), before);
    assert.equal(made.branch, sessionBranch("session-1"));
    assert.equal(made.baseBranch, "main");
    assert.equal(made.reused, false);
    assert.deepEqual(made.notes, []);
    assert.equal(made.baseCommit, await fixture.git(fixture.repo, "rev-parse", "main"));
    assert.equal(await textOf(join(made.path, "readme.txt")), "one\ntwo\n");
    assert.equal(await fixture.git(made.path, "symbolic-ref", "--short", "HEAD"), made.branch);
    assert.equal(done.commit, await fixture.git(fixture.repo, "rev-parse", made.branch));
    assert.deepEqual(done.stat, { files: 1, added: 1, deleted: 0 });
    assert.equal(dirname(dirname(made.path)), fixture.root);
    assert.equal((await stat(fixture.root)).mode & 0o777, 0o700);
    assert.match(basename(dirname(made.path)), /^repo-[0-9a-f]{16}$/);
    assert.equal(await fixture.git(fixture.repo, "config", "--get-regexp", "^branch\\.").catch(() => ""), "");
  });

  it("makes sixteen worktrees at once", async () => {
    await fixture.addOrigin();
    const worktrees = fixture.worktrees();
    const ids = Array.from({ length: 16 }, (_, index) => `parallel-${index}`);
    const made = await Promise.all(ids.map((id) => worktrees.prepare(fixture.request(id), neverAborted)));
    assert.equal(new Set(made.map((one) => one.path)).size, 16);
    assert.deepEqual([...new Set(made.flatMap((one) => one.notes))], []);
    for (const one of made) assert.equal(await textOf(join(one.path, "readme.txt")), "one\ntwo\n");
    const listed = await fixture.git(fixture.repo, "worktree", "list", "--porcelain");
    assert.equal(listed.match(/^worktree /gm)?.length, 17);
  });

  it("works in the opened sub-folder, and at the top where the base lacks it", async () => {
    const made = await fixture.prepare("a", { folder: join(fixture.repo, "packages/app") });
    assert.equal(made.workingDirectory, join(made.path, "packages/app"));
    await mkdir(join(fixture.repo, "ignored/deep"), { recursive: true });
    const other = await fixture.prepare("b", { folder: join(fixture.repo, "ignored/deep") });
    assert.equal(other.workingDirectory, other.path);
    assert.match(other.notes.join(), /ignored\/deep is not on main/);
  });

  it("uses the worktree of an earlier attempt again, with its base and its files", async () => {
    const first = await fixture.prepare();
    await fixture.write(join(first.path, "half.txt"), "half\n");
    await fixture.write(join(fixture.repo, "later.txt"), "later\n");
    await fixture.git(fixture.repo, "add", "later.txt");
    await fixture.git(fixture.repo, "commit", "--quiet", "-m", "Later");
    const second = await fixture.prepare();
    assert.deepEqual(second, { ...first, reused: true });
    assert.equal(await textOf(join(second.path, "half.txt")), "half\n");
  });

  it("makes a deleted worktree again from the session's branch", async () => {
    const first = await fixture.prepare();
    await fixture.write(join(first.path, "kept.txt"), "kept\n");
    await fixture.worktrees().commit(first, fixture.commitOptions(), neverAborted);
    await rm(first.path, { recursive: true });
    const second = await fixture.prepare();
    assert.equal(second.path, first.path);
    assert.equal(second.reused, true);
    assert.equal(second.baseCommit, first.baseCommit);
    assert.equal(await textOf(join(second.path, "kept.txt")), "kept\n");
    assert.match(second.notes.join(), /had been deleted/);
  });

  it("takes a branch that exists without a worktree", async () => {
    const branch = sessionBranch("session-1");
    await fixture.git(fixture.repo, "branch", branch);
    const made = await fixture.prepare();
    assert.equal(made.reused, true);
    assert.equal(await fixture.git(made.path, "symbolic-ref", "--short", "HEAD"), branch);
  });

  it("prunes no other worktree that is missing just now", async () => {
    const other = join(fixture.folder, "usb disk");
    await fixture.git(fixture.repo, "worktree", "add", "--quiet", "-b", "mine", other);
    await rm(other, { recursive: true });
    const first = await fixture.prepare();
    await rm(first.path, { recursive: true });
    await fixture.prepare();
    assert.match(await fixture.git(fixture.repo, "worktree", "list"), /usb disk/);
  });

  it("refuses a branch that is checked out elsewhere", async () => {
    await fixture.git(fixture.repo, "checkout", "--quiet", "-b", sessionBranch("session-1"));
    await assert.rejects(fixture.prepare(), { name: "WorktreeError", reason: "branchInUse" });
  });

  it("refuses a worktree of the session that is on another branch", async () => {
    const made = await fixture.prepare();
    await fixture.git(made.path, "checkout", "--quiet", "-b", "somewhere-else");
    await assert.rejects(fixture.prepare(), { reason: "pathInUse" });
    assert.equal(await fixture.git(made.path, "symbolic-ref", "--short", "HEAD"), "somewhere-else");
  });

  it("never removes a folder that is not its own", async () => {
    const { path } = await fixture.prepare();
    await fixture.git(fixture.repo, "worktree", "remove", path);
    await fixture.write(join(path, "precious.txt"), "mine\n");
    await assert.rejects(fixture.prepare(), { reason: "pathInUse" });
    assert.equal(await textOf(join(path, "precious.txt")), "mine\n");
  });

  it("writes the files of a worktree that was cut short", async () => {
    const { path } = await fixture.prepare();
    const admin = await fixture.git(path, "rev-parse", "--absolute-git-dir");
    await rm(join(path, "readme.txt"));
    await rm(join(admin, "index"));
    await fixture.write(join(admin, "locked"), "initializing");
    const again = await fixture.prepare();
    assert.equal(again.path, path);
    assert.equal(await textOf(join(path, "readme.txt")), "one\ntwo\n");
    assert.equal(await fixture.git(path, "status", "--porcelain"), "");
    assert.equal(await textOf(join(admin, "locked")), undefined);
  });

  it("clears a lock that a dead git has left on the session's own branch", async () => {
    const lock = join(fixture.repo, ".git/refs/heads/one-horizon");
    const branch = basename(sessionBranch("session-1"));
    await fixture.write(join(lock, `${branch}.lock`), "");
    const hurried = fixture.worktrees({ clock: hurriedClock });
    assert.equal((await hurried.prepare(fixture.request("session-1"), neverAborted)).reused, false);
  });

  it("takes no git that has ended for one that holds a lock", async function () {
    if (process.platform !== "linux") return;
    const program = join(fixture.folder, "git-ended");
    // It ends once its parent is a program that never asks how its child ended.
    await fixture.write(
      program,
      `#!/bin/sh\nuntil [ "$(cat /proc/$PPID/comm)" = tail ]; do :; done\n`,
      0o755,
    );
    const parent = spawn("sh", ["-c", `'${program}' & exec tail -f /dev/null`], { stdio: "ignore" });
    try {
      while (!(await hasEndedChild(parent.pid ?? 0))) await setImmediate();
      const lock = join(fixture.repo, ".git/refs/heads/one-horizon");
      await fixture.write(join(lock, `${basename(sessionBranch("session-1"))}.lock`), "");
      const hurried = fixture.worktrees({ clock: hurriedClock });
      assert.equal((await hurried.prepare(fixture.request("session-1"), neverAborted)).reused, false);
    } finally {
      const gone = once(parent, "exit");
      parent.kill("SIGKILL");
      await gone;
    }
  });

  it("stops when its signal does", async () => {
    const abort = new AbortController();
    abort.abort(new Error("released"));
    await assert.rejects(fixture.worktrees().prepare(fixture.request("x"), abort.signal), /released/);
    assert.equal(await fixture.git(fixture.repo, "branch", "--list", "one-horizon/*"), "");
  });

  describe("paths", () => {
    it("follows a root that is a link and stays in its real folder", async () => {
      await mkdir(join(fixture.folder, "disk"));
      await symlink(join(fixture.folder, "disk"), join(fixture.folder, "link"));
      const made = await fixture.prepare("a", { root: join(fixture.folder, "link") });
      assert.equal(dirname(dirname(made.path)), join(fixture.folder, "disk"));
      assert.equal((await fixture.prepare("a", { root: join(fixture.folder, "link") })).reused, true);
    });

    it("refuses a root inside the repository, also through a link", async () => {
      await symlink(fixture.repo, join(fixture.folder, "link"));
      for (const root of [
        join(fixture.repo, "wt"),
        join(fixture.folder, "link/wt"),
        "relative/root",
        "/tmp/a\nb",
      ]) {
        await assert.rejects(fixture.prepare("a", { root }), { reason: "unsafePath" }, root);
      }
      assert.equal(await fixture.git(fixture.repo, "branch", "--list", "one-horizon/*"), "");
    });

    it("refuses a link below the root", async () => {
      const { path } = await fixture.prepare();
      const parent = dirname(path);
      await rm(parent, { recursive: true });
      await mkdir(join(fixture.folder, "elsewhere"));
      await symlink(join(fixture.folder, "elsewhere"), parent);
      await assert.rejects(fixture.prepare("other"), { reason: "unsafePath" });
      assert.deepEqual(await readdir(join(fixture.folder, "elsewhere")), []);
    });
  });
});
