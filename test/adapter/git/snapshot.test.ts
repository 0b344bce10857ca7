import assert from "node:assert/strict";
import { chmod, rm, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { exists, factsOf, removeIt, restoreAs } from "./cleanUpFixture";
import { GitFixture } from "./gitFixture";
import { treeImage } from "./treeImage";

describe("a worktree that is removed comes back", () => {
  let fixture: GitFixture;
  let made: Worktree;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    made = await fixture.prepare();
  });
  afterEach(() => fixture.remove());

  const inside = (...args: string[]): Promise<string> => fixture.git(made.path, ...args);
  const write = (path: string, text: string, mode?: number): Promise<void> =>
    fixture.write(join(made.path, path), text, mode);

  /** Removes, restores by the command that a person is given, and compares all files and the whole index. */
  async function assertComesBack(includeIgnored = false): Promise<string> {
    const image = await treeImage(made.path);
    const staged = await inside("ls-files", "--stage");
    const status = await inside("status", "--porcelain", "--untracked-files=all");
    const removed = await removeIt(fixture, made, { includeIgnored });
    assert.equal(await exists(made.path), false);
    assert.equal(await exists(`${made.path}.removed`), false);
    assert.doesNotMatch(await fixture.git(fixture.repo, "worktree", "list"), /session-1/);
    await restoreAs(fixture, removed.restore);
    assert.deepEqual(await treeImage(made.path), image);
    assert.equal(await inside("ls-files", "--stage"), staged);
    assert.equal(await inside("status", "--porcelain", "--untracked-files=all"), status);
    assert.equal(await inside("rev-parse", "--abbrev-ref", "HEAD"), made.branch);
    return removed.snapshot ?? "";
  }

  it("with uncommitted, staged, untracked and deleted files, links, modes and odd names", async () => {
    await write("readme.txt", "staged\n");
    await inside("add", "readme.txt");
    await write("readme.txt", "on the disk\n");
    await write("staged only.txt", "staged only\n");
    await inside("add", "staged only.txt");
    await unlink(join(made.path, "staged only.txt"));
    await write("added.txt", "added\n");
    await inside("add", "added.txt");
    await rm(join(made.path, "packages"), { recursive: true });
    await write("run.sh", "#!/bin/sh\n", 0o755);
    await write('deep/er/größe "x" \\ y\t.txt', "odd\n");
    await write("-rf", "dash\n");
    await write("binary", "\0\u0001\r\n\r");
    await write("empty", "");
    await symlink("nowhere/at all", join(made.path, "dangling"));
    await symlink("/etc/passwd", join(made.path, "outside"));
    await writeFile(
      Buffer.concat([Buffer.from(`${made.path}/`), Buffer.from([0x62, 0xff, 0x0a, 0x62])]),
      "bytes\n",
    );
    const ref = await assertComesBack();
    assert.match(ref, /^refs\/one-horizon\/snapshots\/session-1-[0-9a-f]{20}\/[\dTZ-]+$/);
    const message = await fixture.git(fixture.repo, "log", "-1", "--format=%B", ref);
    assert.match(message, /^Snapshot of the worktree of: Add CSV export\n/);
    assert.match(message, /One-Horizon-Session: session-1/);
  });

  it("with a file in place of a folder and a folder in place of a file", async () => {
    await rm(join(made.path, "packages"), { recursive: true });
    await write("packages", "now a file\n");
    await rm(join(made.path, "readme.txt"));
    await write("readme.txt/now/a folder", "x\n");
    await assertComesBack();
  });

  it("with a mode that changed, and nothing else", async () => {
    await chmod(join(made.path, "readme.txt"), 0o755);
    await assertComesBack();
  });

  it("with ignored files, where a person wants them", async () => {
    await write("ignored/secret.env", "KEY=1\n");
    await write("debug.log", "log\n");
    const facts = await factsOf(fixture, made.path);
    assert.deepEqual([facts.ignored, facts.ignoredBytes, facts.untracked], [2, 10, 0]);
    assert.deepEqual([...facts.ignoredExamples].sort(), ["debug.log", "ignored/"]);
    await assertComesBack(true);
  });

  it("without ignored files, where a person does not, and says how many", async () => {
    await write("ignored/big", "x\n");
    await write("new.txt", "new\n");
    const removed = await removeIt(fixture, made);
    assert.equal(removed.dropped, 1);
    await restoreAs(fixture, removed.restore);
    assert.equal(await exists(join(made.path, "new.txt")), true);
    assert.equal(await exists(join(made.path, "ignored")), false);
  });

  it("with files that git was told not to look at", async () => {
    await write("readme.txt", "hidden by assume-unchanged\n");
    await write("packages/app/index.txt", "hidden by skip-worktree\n");
    await inside("update-index", "--assume-unchanged", "readme.txt");
    await inside("update-index", "--skip-worktree", "packages/app/index.txt");
    const image = await treeImage(made.path);
    const removed = await removeIt(fixture, made);
    await restoreAs(fixture, removed.restore);
    assert.deepEqual(await treeImage(made.path), image);
  });

  it("with a file that changed, to the same length, in the second in which its index was written", async () => {
    const second = new Date("2026-01-02T03:04:05Z");
    const writeThen = async (text: string): Promise<void> => {
      await write("readme.txt", text);
      await utimes(join(made.path, "readme.txt"), second, second);
    };
    // A time of change cannot be set back, so git is told to look at the time of writing alone.
    await inside("config", "core.trustctime", "false");
    await writeThen("version 1.0\n");
    await inside("commit", "--quiet", "-am", "Version 1.0");
    await writeThen("version 1.1\n");
    const index = resolve(made.path, (await inside("rev-parse", "--git-path", "index")).trim());
    await utimes(index, second, second);
    const image = await treeImage(made.path);
    const removed = await removeIt(fixture, made);
    await restoreAs(fixture, removed.restore);
    assert.deepEqual(await treeImage(made.path), image);
  });

  it("in the middle of a merge, with every side of each conflict and the state beside it", async () => {
    await write("readme.txt", "ours\n");
    await inside("commit", "--quiet", "-am", "Ours");
    await inside("checkout", "--quiet", "--detach", "HEAD~1");
    await write("readme.txt", "theirs\n");
    await inside("commit", "--quiet", "-am", "Theirs");
    const theirs = await inside("rev-parse", "HEAD");
    await inside("checkout", "--quiet", made.branch);
    await assert.rejects(inside("merge", theirs));
    assert.equal((await factsOf(fixture, made.path)).unfinished, "merge");
    const image = await treeImage(made.path);
    const { snapshot = "", restore } = await removeIt(fixture, made);
    await restoreAs(fixture, restore);
    assert.deepEqual(await treeImage(made.path), image);
    const shown = (path: string): Promise<string> =>
      fixture.git(fixture.repo, "show", `${snapshot}^3:${path}`);
    assert.equal(await shown("git-dir/MERGE_HEAD"), theirs);
    assert.deepEqual(
      [await shown("conflict-2/readme.txt"), await shown("conflict-3/readme.txt")],
      ["ours", "theirs"],
    );
    await fixture.git(fixture.repo, "merge-base", "--is-ancestor", theirs, snapshot);
  });

  it("on a detached head, with commits that no branch has and one that was thrown away", async () => {
    await write("thrown.txt", "x\n");
    await inside("add", "-A");
    await inside("commit", "--quiet", "-m", "Thrown away");
    const thrown = await inside("rev-parse", "HEAD");
    await inside("reset", "--quiet", "--hard", "HEAD~1");
    await inside("checkout", "--quiet", "--detach");
    await inside("commit", "--quiet", "--allow-empty", "-m", "Detached");
    const detached = await inside("rev-parse", "HEAD");
    assert.equal((await factsOf(fixture, made.path)).branch, undefined);
    const { snapshot = "", restore } = await removeIt(fixture, made);
    for (const commit of [thrown, detached]) {
      await fixture.git(fixture.repo, "merge-base", "--is-ancestor", commit, snapshot);
    }
    await restoreAs(fixture, restore);
    assert.equal(await inside("rev-parse", "HEAD"), detached);
  });

  it("with its stash, which stays one of the repository and is in the snapshot too", async () => {
    await write("readme.txt", "stashed\n");
    await inside("stash", "push", "--quiet");
    await write("readme.txt", "stashed later\n");
    await inside("stash", "push", "--quiet");
    const stashes = await Promise.all(["stash@{0}", "stash@{1}"].map((name) => inside("rev-parse", name)));
    assert.equal((await factsOf(fixture, made.path)).stashes, 2);
    const { snapshot = "" } = await removeIt(fixture, made);
    assert.equal(await fixture.git(fixture.repo, "rev-parse", "stash@{1}"), stashes[1]);
    for (const stash of stashes) {
      await fixture.git(fixture.repo, "merge-base", "--is-ancestor", stash, snapshot);
    }
  });

  it("with a damaged index: the files are compared with the last commit", async () => {
    await write("new.txt", "new\n");
    await inside("add", "new.txt");
    const index = await inside("rev-parse", "--git-path", "index");
    await writeFile(index, "DIRCgarbage");
    const image = await treeImage(made.path);
    const { snapshot = "", restore } = await removeIt(fixture, made);
    await restoreAs(fixture, restore);
    assert.deepEqual(await treeImage(made.path), image);
    assert.equal(await fixture.git(fixture.repo, "show", `${snapshot}^3:git-dir/index`), "DIRCgarbage");
  });

  it("needs no snapshot when all is committed on its branch", async () => {
    await write("done.txt", "done\n");
    await inside("add", "-A");
    await inside("commit", "--quiet", "-m", "Done");
    const facts = await factsOf(fixture, made.path);
    assert.deepEqual([facts.changed, facts.untracked, facts.unpushed], [0, 0, 1]);
    const removed = await removeIt(fixture, made);
    assert.equal(removed.snapshot, undefined);
    await restoreAs(fixture, removed.restore);
    assert.equal(await exists(join(made.path, "done.txt")), true);
  });
});
