import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Clock } from "../../../src/base/clock";
import { concernsEverySession, WorktreeError, type Worktree } from "../../../src/core/ports/worktrees";
import { sessionBranch, sessionKey } from "../../../src/git/sessionKey";
import { exists, removeIt } from "./cleanUpFixture";
import { GitFixture, textOf } from "./gitFixture";
import { hurriedClock } from "./hurriedClock";
import { canBeReadOnly, mayMount, mountSmallDisk, unmount, whileReadOnly } from "./mounts";

/** A git that does something else first; the real one is at `$GIT`. */
async function gitThatFirst(fixture: GitFixture, script: string): Promise<Record<string, string>> {
  const { PATH = "" } = fixture.environment();
  const real = (await fixture.git(fixture.folder, "--exec-path")).trim();
  const folder = join(fixture.folder, "bin");
  await fixture.write(
    join(folder, "git"),
    `#!/bin/sh\nGIT='${real}/git'\n${script}\nexec "$GIT" "$@"\n`,
    0o755,
  );
  return fixture.environment({ PATH: `${folder}:${PATH}` });
}

async function assertTold(
  work: Promise<unknown>,
  reason: string,
  message: RegExp,
  everySession: boolean,
): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof WorktreeError, String(error));
  assert.deepEqual([error.reason, concernsEverySession(error)], [reason, everySession], error.message);
  assert.match(error.message, message);
  assert.match(error.message, /kept|unchanged|Nothing was changed/, "says what was kept");
}

describe("when the machine is in trouble", () => {
  let fixture: GitFixture;
  let made: Worktree;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    made = await fixture.prepare();
    await fixture.write(join(made.path, "a.txt"), "work\n");
  });
  afterEach(() => fixture.remove());

  const commit = (worktrees = fixture.worktrees()): Promise<{ readonly commit: string | undefined }> =>
    worktrees.commit(made, fixture.commitOptions(), neverAborted);
  const gitDir = (): string => join(fixture.repo, ".git/worktrees", sessionKey("session-1"));
  const work = (): Promise<string | undefined> => textOf(join(made.path, "a.txt"));

  async function assertGoesOn(): Promise<void> {
    const again = await fixture.prepare();
    assert.equal(await work(), "work\n");
    const done = await fixture.worktrees().commit(again, fixture.commitOptions(), neverAborted);
    assert.equal(await fixture.git(fixture.repo, "show", `${done.commit ?? ""}:a.txt`), "work");
  }

  it("a file too large for the disk's limit fails commit and snapshot, and both work later", async () => {
    const environment = await gitThatFirst(fixture, "trap '' XFSZ\nulimit -f 64");
    await writeFile(join(made.path, "big.bin"), randomBytes(1024 * 1024));
    const limited = fixture.worktrees({ environment });
    const request = { folder: fixture.repo, path: made.path, includeIgnored: false, session: undefined };
    await assertTold(commit(limited), "diskFull", /the disk is full.*Make room/, true);
    await assertTold(limited.removeWorktree(request, neverAborted), "diskFull", /not removed/, true);
    assert.equal(await fixture.git(fixture.repo, "rev-parse", made.branch), made.baseCommit);
    assert.equal(await fixture.git(fixture.repo, "for-each-ref", "refs/one-horizon/snapshots"), "");
    await assertGoesOn();
  });

  it("a git that is too old is told by its version", async () => {
    const environment = await gitThatFirst(
      fixture,
      'case "$*" in *version*) echo "git version 2.30.9"; exit;; esac',
    );
    const old = fixture.worktrees({ environment });
    await assertTold(
      old.prepare(fixture.request("b"), neverAborted),
      "gitTooOld",
      /2\.30 is installed.*2\.31/,
      true,
    );
    await assertTold(old.check(fixture.repo, neverAborted), "gitTooOld", /Install a newer git/, true);
  });

  it("a repository that was moved or deleted", async () => {
    await rename(fixture.repo, `${fixture.repo}-aside`);
    await assertTold(commit(), "noRepository", /gone or was moved/, true);
    await assertTold(
      fixture.worktrees().diffStat(made, neverAborted),
      "noRepository",
      /gone or was moved/,
      true,
    );
    await assertTold(
      fixture.worktrees().prepare(fixture.request("session-1"), neverAborted).catch(withKept),
      "noRepository",
      /does not exist/,
      true,
    );
    assert.equal(await exists(fixture.quarantine), false, "the .git file is as we made it and stays");
    await rename(`${fixture.repo}-aside`, fixture.repo);
    await assertGoesOn();
  });

  it("a repository that has forgotten the worktree", async () => {
    await rename(made.path, `${made.path}-away`);
    await fixture.git(fixture.repo, "worktree", "prune");
    await rename(`${made.path}-away`, made.path);
    await assertTold(commit(), "failed", /no entry of the worktree.*The files are kept/, false);
    assert.equal(await work(), "work\n");
    assert.equal(await exists(fixture.quarantine), false);
  });

  it("a worktree that was deleted", async () => {
    await rm(made.path, { recursive: true });
    await assertTold(commit(), "failed", /is gone\. Its branch is kept/, false);
    await assertTold(fixture.worktrees().diffStat(made, neverAborted), "failed", /is gone/, false);
    assert.equal((await fixture.prepare()).reused, true);
  });

  for (const level of ["worktree", "folder", "root"] as const) {
    it(`a symbolic link in place of the ${level}`, async () => {
      const folder = { worktree: made.path, folder: dirname(made.path), root: fixture.root }[level];
      await cp(folder, `${folder}-other`, { recursive: true });
      await rename(folder, `${folder}-aside`);
      await symlink(`${folder}-other`, folder);
      await assertTold(commit(), "unsafePath", /symbolic link/, false);
      await assertTold(
        fixture.worktrees().diffStat(made, neverAborted),
        "unsafePath",
        /symbolic link/,
        false,
      );
      await rm(folder);
      await rename(`${folder}-aside`, folder);
      await assertGoesOn();
    });
  }

  it("a root that is a file", async () => {
    const root = join(fixture.folder, "file");
    await writeFile(root, "");
    const prepared = fixture.worktrees().prepare(fixture.request("b", { root }), neverAborted);
    await assertTold(prepared, "failed", /Your checkout is unchanged/, false);
  });

  it("a damaged index, and the advice mends it", async () => {
    await writeFile(join(gitDir(), "index"), "DIRC\0\0\0\u0002broken");
    await assertTold(commit(), "damaged", /index of the checkout is damaged.*git read-tree HEAD/, false);
    await fixture.git(made.path, "read-tree", "HEAD");
    await assertGoesOn();
  });

  it("a lost object", async () => {
    const tree = await fixture.git(made.path, "rev-parse", "HEAD^{tree}");
    await rm(join(fixture.repo, ".git/objects", tree.slice(0, 2), tree.slice(2)));
    await assertTold(commit(), "damaged", /git fsck/, false);
    assert.equal(await work(), "work\n");
  });

  for (const name of ["index", "HEAD"]) {
    it(`a ${name}.lock that a dead git has left in the session's own git directory is cleared`, async () => {
      await writeFile(join(gitDir(), `${name}.lock`), "");
      const done = await commit(fixture.worktrees({ clock: hurriedClock }));
      assert.notEqual(done.commit, undefined);
      assert.equal(await exists(join(gitDir(), `${name}.lock`)), false);
    });
  }

  it("a lock on the session's branch is cleared", async () => {
    const lock = join(fixture.repo, ".git/refs/heads", `${sessionBranch("session-1")}.lock`);
    await writeFile(lock, "");
    assert.notEqual((await commit(fixture.worktrees({ clock: hurriedClock }))).commit, undefined);
  });

  it("a lock is not taken for left behind before it is ten seconds old: a git of another container is not seen", async () => {
    const lock = join(gitDir(), "index.lock");
    const young = await watchedLock(lock);
    assert.notEqual((await commit(fixture.worktrees({ clock: young.clock }))).commit, undefined);
    assert.ok(young.untilMs >= 10_000, `it was there for ${young.untilMs} ms of waits`);
    await fixture.write(join(made.path, "b.txt"), "more\n");
    const old = await watchedLock(lock, { ageMs: 3_600_000 });
    assert.notEqual((await commit(fixture.worktrees({ clock: old.clock }))).commit, undefined);
    assert.ok(old.untilMs < 10_000, `an old one was there for ${old.untilMs} ms of waits`);
  });

  it("a lock that its git gives back meanwhile is waited for", async () => {
    const lock = join(gitDir(), "index.lock");
    const watched = await watchedLock(lock, { giveBackAfterMs: 7000 });
    assert.notEqual((await commit(fixture.worktrees({ clock: watched.clock }))).commit, undefined);
    assert.ok(watched.untilMs >= 7000 && watched.untilMs < 10_000, `${watched.untilMs} ms of waits`);
  });

  it("a lock stays while a git works there, and the error names both", async () => {
    const lock = join(gitDir(), "index.lock");
    await writeFile(lock, "");
    const holder = spawn("git", ["cat-file", "--batch"], { cwd: made.path, env: fixture.environment() });
    const ended = new Promise((resolve) => holder.once("exit", resolve));
    await new Promise((resolve) => holder.once("spawn", resolve));
    try {
      const told = new RegExp(`${lock}.* old.*Git runs there \\(process ${String(holder.pid)}\\)`);
      await assertTold(commit(fixture.worktrees({ clock: hurriedClock })), "locked", told, false);
      assert.equal(await exists(lock), true);
    } finally {
      holder.kill("SIGKILL");
      await ended;
    }
    await assertGoesOn();
  });

  it("a lock of the user's own checkout is never removed, and the error says that no git runs", async () => {
    const options = { mode: "repository" } as const;
    const shared = await fixture.prepare("shared", options);
    await fixture.write(join(fixture.repo, "b.txt"), "x\n");
    const lock = join(fixture.repo, ".git/index.lock");
    await writeFile(lock, "");
    const committing = fixture
      .worktrees({ clock: hurriedClock })
      .commit(shared, fixture.commitOptions("shared"), neverAborted);
    await assertTold(
      committing,
      "locked",
      new RegExp(`${lock}.*No git process runs there.*delete the lock file`),
      false,
    );
    assert.equal(await exists(lock), true);
    await rm(lock);
  });

  it("locks of the user's checkout, config and packed refs hold up no session", async () => {
    for (const name of ["index", "HEAD", "config", "packed-refs"]) {
      await writeFile(join(fixture.repo, ".git", `${name}.lock`), "");
    }
    await assertGoesOn();
    await removeIt(fixture, await fixture.prepare("another"));
  });

  it("a folder that may not be written", async () => {
    if (!canBeReadOnly) {
      // Root without the right to mount: git itself says it.
      const environment = await gitThatFirst(
        fixture,
        'case "$*" in *add*) echo "fatal: Read-only file system" >&2; exit 128;; esac',
      );
      await assertTold(commit(fixture.worktrees({ environment })), "readOnly", /Make it writable/, true);
      return;
    }
    await whileReadOnly(fixture.root, async () => {
      const root = join(fixture.root, "below");
      await assertTold(
        fixture.worktrees().prepare(fixture.request("b", { root }), neverAborted),
        "readOnly",
        /Your checkout is unchanged\. Make it writable/,
        true,
      );
    });
    await whileReadOnly(
      mayMount ? join(fixture.repo, ".git") : join(fixture.repo, ".git/objects"),
      async () => {
        await assertTold(commit(), "readOnly", /files are kept in the worktree\. Make it writable/, true);
        await assertTold(removeIt(fixture, made), "readOnly", /not removed/, true);
      },
    );
    await assertGoesOn();
  });
});

describe("on a disk that is really full", () => {
  const disk = mayMount ? "a small disk" : "a limit on file sizes";
  it(`fails the commit with a clear error, keeps the files, and commits once there is room (${disk})`, async () => {
    const fixture = await GitFixture.withCommit("repo", (repo) =>
      mayMount ? mountSmallDisk(repo, 4) : Promise.resolve(),
    );
    try {
      const environment = mayMount
        ? fixture.environment()
        : await gitThatFirst(fixture, "trap '' XFSZ\nulimit -f 64");
      const made = await fixture.prepare();
      const big = join(made.path, "big.bin");
      await writeFile(big, randomBytes(6 * 1024 * 1024));
      await fixture.write(join(made.path, "a.txt"), "work\n");
      const committing = fixture
        .worktrees({ environment })
        .commit(made, fixture.commitOptions(), neverAborted);
      await assertTold(committing, "diskFull", /the disk is full/, true);
      await assertTold(
        fixture
          .worktrees({ environment })
          .removeWorktree(
            { folder: fixture.repo, path: made.path, includeIgnored: false, session: undefined },
            neverAborted,
          ),
        "diskFull",
        /Everything is kept/,
        true,
      );
      assert.equal(await textOf(join(made.path, "a.txt")), "work\n");
      await rm(big);
      await fixture.git(fixture.repo, "prune");
      const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
      assert.notEqual(done.commit, undefined);
    } finally {
      if (mayMount) await unmount(fixture.repo);
      await fixture.remove();
    }
  });
});

/** Makes a lock, and a clock whose time is that of its waits: it notes for how much of it the lock was there. */
async function watchedLock(
  lock: string,
  { ageMs = 0, giveBackAfterMs = Infinity } = {},
): Promise<{ readonly clock: Clock; readonly untilMs: number }> {
  const madeAt = new Date("2026-01-02T03:04:05Z");
  await writeFile(lock, "");
  await utimes(lock, madeAt, madeAt);
  let waitedMs = 0;
  let untilMs = 0;
  const sleep: Clock["sleep"] = async (ms, signal) => {
    waitedMs += ms;
    if (await exists(lock)) untilMs = waitedMs;
    if (waitedMs >= giveBackAfterMs) await rm(lock, { force: true });
    await hurriedClock.sleep(ms, signal);
  };
  return {
    clock: { ...hurriedClock, sleep, now: () => madeAt.getTime() + ageMs + waitedMs },
    get untilMs() {
      return untilMs;
    },
  };
}

/** The plain "open another folder" has nothing to keep. */
function withKept(error: unknown): never {
  if (error instanceof WorktreeError) {
    throw new WorktreeError(error.reason, `${error.message} Nothing was changed.`);
  }
  throw error;
}
