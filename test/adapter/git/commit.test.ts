import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { GitFixture, textOf } from "./gitFixture";

describe("GitWorktrees.commit", () => {
  let fixture: GitFixture;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
  });
  afterEach(() => fixture.remove());

  it("commits changed, new and deleted files as the user, and names the session", async () => {
    const made = await fixture.prepare();
    await fixture.write(join(made.path, "readme.txt"), "one\nthree\nfour\n");
    await fixture.write(join(made.path, "ünï — neu.txt"), "a\nb\n");
    await fixture.write(join(made.path, "-rf"), "dash\n");
    await fixture.write(join(made.path, "noise.log"), "ignored\n");
    await rm(join(made.path, "packages/app/index.txt"));
    const before = await fixture.worktrees().diffStat(made, neverAborted);
    const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);

    assert.deepEqual(done.stat, { files: 4, added: 5, deleted: 2 });
    assert.deepEqual(before, done.stat);
    assert.deepEqual(done.notes, []);
    assert.equal(await fixture.git(made.path, "status", "--porcelain"), "");
    assert.equal(
      await fixture.git(made.path, "log", "-1", "--format=%an <%ae>%n%B"),
      "Ada <ada@example.com>\nAdd things\n\nOne-Horizon-Session: session-1\n",
    );
    assert.equal(await fixture.git(made.path, "rev-parse", "HEAD^"), made.baseCommit);
    assert.equal(await fixture.git(made.path, "ls-files", "noise.log"), "");
  });

  it("commits nothing where nothing changed", async () => {
    const made = await fixture.prepare();
    const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    assert.deepEqual(done, {
      commit: undefined,
      headCommit: made.baseCommit,
      stat: { files: 0, added: 0, deleted: 0 },
      notes: [],
    });
  });

  it("counts the work of earlier attempts too", async () => {
    const made = await fixture.prepare();
    for (const name of ["first.txt", "second.txt"]) {
      await fixture.write(join(made.path, name), "x\n");
      await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    }
    const again = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    const headCommit = await fixture.git(made.path, "rev-parse", "HEAD");
    assert.deepEqual(again, {
      commit: undefined,
      headCommit,
      stat: { files: 2, added: 2, deleted: 0 },
      notes: [],
    });
  });

  it("uses an identity of its own for a user without one, and stores it nowhere", async () => {
    await fixture.write(join(fixture.home, ".gitconfig"), "");
    const made = await fixture.prepare();
    await fixture.write(join(made.path, "a.txt"), "x\n");
    const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    assert.match(done.notes.join(), /no user\.name and user\.email/);
    assert.equal(
      await fixture.git(made.path, "log", "-1", "--format=%an %ae %cn"),
      "One Horizon Worker worker@onehorizon.invalid One Horizon Worker",
    );
    assert.doesNotMatch((await textOf(join(fixture.repo, ".git/config"))) ?? "", /user/);
  });

  it("keeps everything and says why when the commit cannot be signed", async () => {
    const made = await fixture.prepare();
    await fixture.git(fixture.repo, "config", "commit.gpgSign", "true");
    await fixture.git(fixture.repo, "config", "--global", "gpg.program", "/bin/false");
    await fixture.write(join(made.path, "a.txt"), "x\n");
    await assert.rejects(fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted), {
      reason: "signing",
      message: /could not be signed.*kept.*git commit -S/s,
    });
    assert.equal(await textOf(join(made.path, "a.txt")), "x\n");
  });

  it("does not wait for a signing program that waits for a passphrase", async () => {
    const made = await fixture.prepare();
    const program = join(fixture.folder, "gpg.sh");
    await fixture.write(program, "#!/bin/sh\nwhile kill -0 $PPID; do sleep 0.1; done\n", 0o755);
    await fixture.git(fixture.repo, "config", "commit.gpgSign", "true");
    await fixture.git(fixture.repo, "config", "--global", "gpg.program", program);
    await fixture.write(join(made.path, "a.txt"), "x\n");
    const worktrees = fixture.worktrees({ limits: { commitMs: 500 } });
    await assert.rejects(worktrees.commit(made, fixture.commitOptions(), neverAborted), {
      reason: "signing",
      message: /in time.*passphrase.*kept/s,
    });
    await fixture.git(fixture.repo, "config", "commit.gpgSign", "false");
    const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    assert.notEqual(done.commit, undefined);
  });

  it("refuses a worktree that has left its branch", async () => {
    const made = await fixture.prepare();
    await fixture.write(join(made.path, "a.txt"), "x\n");
    await fixture.git(made.path, "checkout", "--quiet", "--detach");
    await assert.rejects(fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted), {
      reason: "failed",
    });
    assert.equal(await textOf(join(made.path, "a.txt")), "x\n");
  });

  it("waits for a lock of another git", async () => {
    const made = await fixture.prepare();
    await fixture.write(join(made.path, "a.txt"), "x\n");
    const lock = join(await fixture.git(made.path, "rev-parse", "--absolute-git-dir"), "index.lock");
    await fixture.write(lock, "");
    const late = fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    await rm(lock);
    assert.notEqual((await late).commit, undefined);
  });
});
