import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, mkdir, open, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { exists, factsOf, removeIt, restoreAs } from "./cleanUpFixture";
import { GitFixture, textOf } from "./gitFixture";
import { treeImage } from "./treeImage";

describe("removing a worktree", () => {
  let fixture: GitFixture;
  let made: Worktree;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    made = await fixture.prepare();
  });
  afterEach(() => fixture.remove());

  const inside = (...args: string[]): Promise<string> => fixture.git(made.path, ...args);
  const write = (path: string, text: string): Promise<void> => fixture.write(join(made.path, path), text);

  async function assertRefused(expected: { reason: string; message: RegExp }): Promise<void> {
    const before = await treeImage(made.path);
    await assert.rejects(removeIt(fixture, made), { name: "WorktreeError", ...expected });
    assert.deepEqual(await treeImage(made.path), before);
    assert.match(await fixture.git(fixture.repo, "worktree", "list"), /session-1/);
  }

  describe("refuses", () => {
    it("what is no session's worktree: the main checkout, a worktree of the user, a plain folder", async () => {
      const own = join(fixture.folder, "own");
      await fixture.git(fixture.repo, "worktree", "add", "--quiet", "-b", "mine", own);
      const plain = join(fixture.root, "plain");
      await mkdir(plain);
      for (const path of [fixture.repo, own, plain, fixture.root, "/"]) {
        await assert.rejects(removeIt(fixture, { path }), { reason: "unsafePath" }, path);
        assert.equal(await exists(path), true);
      }
      assert.deepEqual(
        (await fixture.worktrees().listWorktrees(fixture.repo, neverAborted)).map((one) => one.path),
        [made.path],
      );
    });

    it("a worktree of another repository", async () => {
      const other = await GitFixture.withCommit();
      try {
        await assert.rejects(removeIt(other, made), { reason: "unsafePath" });
        assert.equal(await exists(made.path), true);
      } finally {
        await other.remove();
      }
    });

    it("a worktree, its folder or its root that became a symbolic link", async () => {
      for (const folder of [made.path, join(made.path, ".."), fixture.root]) {
        const aside = `${join(folder, ".")}-aside`;
        await rename(folder, aside);
        await symlink(aside, folder);
        await assertRefused({ reason: "unsafePath", message: /symbolic link.* Everything is kept/ });
        await rm(folder);
        await rename(aside, folder);
      }
    });

    it("a worktree that git has locked, and says why", async () => {
      await fixture.git(fixture.repo, "worktree", "lock", "--reason", "on a stick", made.path);
      await assertRefused({ reason: "locked", message: /on a stick.*git worktree unlock/ });
    });

    it("a .git file that was turned elsewhere", async () => {
      await write(".git", `gitdir: ${fixture.repo}/.git\n`);
      await assertRefused({ reason: "hostileTree", message: /\.git file/ });
    });

    it("a worktree in which a program works", async () => {
      const child = spawn("sleep", ["60"], { cwd: join(made.path, "packages") });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      try {
        await assertRefused({ reason: "pathInUse", message: new RegExp(`process ${String(child.pid)}`) });
        assert.deepEqual((await factsOf(fixture, made.path)).inUseBy, [child.pid]);
      } finally {
        child.kill("SIGKILL");
        await ended;
      }
    });

    it("files too large for a snapshot, and names them", async () => {
      const file = await open(join(made.path, "huge.bin"), "w");
      await file.truncate(2 * 1024 ** 3);
      await file.close();
      await assert.rejects(removeIt(fixture, made), {
        reason: "tooLarge",
        message: /huge\.bin has 2048 MiB.*left in place/,
      });
      assert.equal(await exists(join(made.path, "huge.bin")), true);
      assert.equal(await fixture.git(fixture.repo, "for-each-ref", "refs/one-horizon/snapshots"), "");
    });

    it("more files than a snapshot may hold", async () => {
      for (const name of ["a", "b", "c"]) await write(name, "x");
      const worktrees = fixture.worktrees({ snapshotLimits: { files: 2 } });
      const request = { folder: fixture.repo, path: made.path, includeIgnored: false, session: undefined };
      await assert.rejects(worktrees.removeWorktree(request, neverAborted), { reason: "tooLarge" });
      assert.equal(await exists(join(made.path, "c")), true);
    });

    it("a worktree in which somebody writes meanwhile", async () => {
      await write("a.txt", "a\n");
      const environment = fixture.environment();
      const folder = join(fixture.folder, "bin");
      const real = await fixture.git(fixture.folder, "--exec-path");
      // Writes once the snapshot has its name, which is the last that git does before the removal.
      const script = `case "$*" in *update-ref*snapshots*) echo late > '${made.path}/late.txt';; esac`;
      await fixture.write(join(folder, "git"), `#!/bin/sh\n${script}\nexec '${real}/git' "$@"\n`, 0o755);
      const worktrees = fixture.worktrees({
        environment: { ...environment, PATH: `${folder}:${environment["PATH"] ?? ""}` },
      });
      const request = { folder: fixture.repo, path: made.path, includeIgnored: false, session: undefined };
      await assert.rejects(worktrees.removeWorktree(request, neverAborted), {
        message: /files were written while it was looked at/,
      });
      assert.equal(await textOf(join(made.path, "late.txt")), "late\n");
    });

    it("goes no further once it is cancelled", async () => {
      await write("a", "x");
      const request = { folder: fixture.repo, path: made.path, includeIgnored: false, session: undefined };
      const cancel = new AbortController();
      const removing = fixture.worktrees().removeWorktree(request, cancel.signal);
      cancel.abort(new Error("turned away"));
      await assert.rejects(removing, { message: "turned away" });
      assert.equal(await textOf(join(made.path, "a")), "x");
    });
  });

  it("keeps nested repositories as plain files that git takes for none", async () => {
    const trap = await fixture.trap("nested");
    const nested = join(made.path, "nested");
    await fixture.git(fixture.folder, "init", "--quiet", nested);
    await fixture.write(join(nested, "inner.txt"), "inner\n");
    await fixture.git(nested, "add", "-A");
    await fixture.git(nested, "commit", "--quiet", "-m", "Inner");
    const commit = await fixture.git(nested, "rev-parse", "HEAD");
    for (const key of ["core.fsmonitor", "filter.evil.clean", "diff.external"]) {
      await fixture.git(nested, "config", key, trap.command);
    }
    await symlink(join(nested, ".git"), join(made.path, "packages/.git"));
    const { restore } = await removeIt(fixture, made);
    assert.equal(await trap.sprung(), false);
    await restoreAs(fixture, restore);
    assert.equal(await textOf(join(nested, "inner.txt")), "inner\n");
    assert.equal(await exists(join(nested, ".git")), false);
    await rename(join(nested, "kept.git"), join(nested, ".git"));
    assert.equal(await fixture.git(nested, "rev-parse", "HEAD"), commit);
    assert.equal(await exists(join(made.path, "packages/kept.git")), true);
  });

  it("runs no filter of the user's, whatever attributes the tool has written, and keeps the bytes", async () => {
    const trap = await fixture.trap("filter");
    for (const [key, value] of [
      ["filter.users.clean", trap.command],
      ["filter.users.smudge", trap.command],
      ["filter.users.required", "true"],
      ["filter.two.process", trap.command],
      ["core.autocrlf", "input"],
    ] as const) {
      await fixture.git(fixture.repo, "config", key, value);
    }
    await write(".gitattributes", "*.txt filter=users\n*.bin filter=two\n*.md text eol=crlf\n");
    const bytes = "one\r\ntwo\n";
    for (const name of ["new.txt", "readme.txt", "x.bin", "x.md"]) await write(name, bytes);
    await inside("hash-object", "new.txt");
    assert.equal(await trap.sprung(), true, "git by itself runs the filter");
    await rm(join(fixture.folder, "canary-filter"));
    const facts = await factsOf(fixture, made.path);
    assert.deepEqual([facts.changed, facts.untracked], [1, 4]);
    const { snapshot = "" } = await removeIt(fixture, made);
    assert.equal(await trap.sprung(), false);
    for (const name of ["new.txt", "readme.txt", "x.bin", "x.md"]) {
      assert.equal(
        await fixture.git(fixture.repo, "cat-file", "blob", `${snapshot}:${name}`),
        bytes.trimEnd(),
      );
    }
  });

  it("leaves out what holds nothing: pipes and sockets", async () => {
    await write("a.txt", "a\n");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(made.path, "socket"), resolve));
    const { restore } = await removeIt(fixture, made);
    await new Promise((resolve) => server.close(resolve));
    await restoreAs(fixture, restore);
    assert.equal(await textOf(join(made.path, "a.txt")), "a\n");
  });

  it("never takes an earlier snapshot's place", async () => {
    const refs = new Set<string | undefined>();
    for (const text of ["one\n", "two\n", "three\n"]) {
      await write("a.txt", text);
      refs.add((await removeIt(fixture, made)).snapshot);
      made = await fixture.prepare();
    }
    assert.equal(refs.size, 3);
    assert.equal(
      (await fixture.git(fixture.repo, "for-each-ref", "refs/one-horizon/snapshots")).split("\n").length,
      3,
    );
  });

  it("leaves the session's branch and base, so that the session can go on", async () => {
    await write("a.txt", "a\n");
    await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    const tip = await inside("rev-parse", "HEAD");
    await removeIt(fixture, made);
    const again = await fixture.prepare();
    assert.deepEqual([again.reused, again.baseCommit, again.branch], [true, made.baseCommit, made.branch]);
    assert.equal(await inside("rev-parse", "HEAD"), tip);
  });

  it("clears what an earlier removal, cut short, has left", async () => {
    await write("a.txt", "a\n");
    await removeIt(fixture, made);
    await mkdir(`${made.path}.removed`);
    await writeFile(`${made.path}.removed/a.txt`, "a\n");
    const other = join(made.path, "../not-ours.removed");
    await mkdir(other);
    await removeIt(fixture, await fixture.prepare("another"));
    assert.equal(await exists(`${made.path}.removed`), false);
    assert.equal(await exists(other), true);
  });

  it("is done, with the way back, also where some files cannot be deleted; the next one is held up by none", async () => {
    await write("a.txt", "a\n");
    // Just short enough to be reached where it is, and too long under the name that the folder gets.
    let deep = join(made.path, "ignored");
    while (deep.length < 4080) deep = join(deep, "d".repeat(Math.min(200, 4089 - deep.length)));
    await mkdir(deep, { recursive: true });
    await writeFile(join(deep, "f"), "f\n");
    const removed = await removeIt(fixture, made);
    assert.equal(await fixture.git(fixture.repo, "show", `${removed.snapshot ?? ""}:a.txt`), "a");
    assert.deepEqual(await fixture.worktrees().listWorktrees(fixture.repo, neverAborted), []);
    await restoreAs(fixture, removed.restore);
    assert.equal(await textOf(join(made.path, "a.txt")), "a\n");
    await removeIt(fixture, made);
    assert.equal(await exists(`${made.path}.2.removed`), false);
    // Within reach again, so that the fixture can clean up.
    await rename(join(`${made.path}.removed`, "ignored"), join(fixture.folder, "deep"));
  });

  it("deletes folders that were made read-only", async () => {
    await write("ignored/module/go.mod", "module\n");
    await chmod(join(made.path, "ignored/module"), 0o555);
    await removeIt(fixture, made);
    assert.equal(await exists(`${made.path}.removed`), false);
  });

  it("drops the entry of a folder that is gone, and keeps what only the entry had", async () => {
    await write("staged.txt", "staged\n");
    await inside("add", "staged.txt");
    await inside("checkout", "--quiet", "--detach");
    await inside("commit", "--quiet", "--allow-empty", "-m", "Detached");
    const lone = await inside("rev-parse", "HEAD");
    await write("staged.txt", "staged later\n");
    await inside("add", "staged.txt");
    await rm(made.path, { recursive: true });
    assert.equal((await factsOf(fixture, made.path)).gone, true);
    const { snapshot = "" } = await removeIt(fixture, made);
    await fixture.git(fixture.repo, "merge-base", "--is-ancestor", lone, snapshot);
    assert.equal(await fixture.git(fixture.repo, "show", `${snapshot}:staged.txt`), "staged later");
    assert.deepEqual(await fixture.worktrees().listWorktrees(fixture.repo, neverAborted), []);
  });

  it("keeps what only the entry had also when the session goes on in a new folder", async () => {
    await write("staged.txt", "staged\n");
    await inside("add", "staged.txt");
    await rm(made.path, { recursive: true });
    await fixture.prepare();
    const ref = await fixture.git(
      fixture.repo,
      "for-each-ref",
      "--format=%(refname)",
      "refs/one-horizon/snapshots",
    );
    assert.equal(await fixture.git(fixture.repo, "show", `${ref}:staged.txt`), "staged");
  });
});
