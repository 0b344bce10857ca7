import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Review } from "../../../src/core/ports/review";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { bytesOf } from "../../../src/git/rawPath";
import { GitFixture, textOf } from "./gitFixture";

describe("a review of a session's work", () => {
  let fixture: GitFixture;
  let made: Worktree;
  let review: Review;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    await fixture.write(join(fixture.repo, "long.txt"), `${lines.join("\n")}\n`);
    await fixture.write(join(fixture.repo, "run.sh"), "#!/bin/sh\n");
    await fixture.write(join(fixture.repo, "crlf.txt"), "a\r\nb\r\n");
    await fixture.write(join(fixture.repo, "picture.bin"), "\0\x01\x02");
    await writeFile(join(fixture.repo, "latin.txt"), Buffer.from("caf\xe9\n", "latin1"));
    await fixture.git(fixture.repo, "add", "-A");
    await fixture.git(fixture.repo, "commit", "--quiet", "-m", "More");
    made = await fixture.prepare();
    ({ review } = fixture.worktrees());
  });
  afterEach(() => fixture.remove());

  const file = (name: string): string => join(made.path, name);
  const files = async () => await review.changedFiles(made, neverAborted);

  /** Everything that a patch can be about. */
  async function changeAll(): Promise<void> {
    await rename(file("long.txt"), file("longer.txt"));
    await writeFile(file("longer.txt"), `${await readFile(file("longer.txt"), "utf8")}more\n`);
    await chmod(file("run.sh"), 0o755);
    await writeFile(file("crlf.txt"), "a\r\nc\r\n");
    await writeFile(file("picture.bin"), Buffer.from([0, 255, 254, 7]));
    await writeFile(file("latin.txt"), Buffer.from("d\xe9j\xe0 caf\xe9\n", "latin1"));
    await writeFile(file("latin new.txt"), Buffer.from("\xfcber\n", "latin1"));
    await writeFile(file("no end.txt"), "no newline at the end");
    await writeFile(file("empty.txt"), "");
    await writeFile(file('tab\tquote"ü.txt'), "odd name\n");
    await writeFile(file("readme.txt"), "one\n2\n\ufeffthree \ufffd\n");
    await rm(file("packages/app/index.txt"));
    await symlink("readme.txt", file("link"));
    await mkdir(file("ignored"));
    await writeFile(file("ignored/secret.txt"), "secret\n");
  }

  it("lists what was moved as one file, committed or not", async () => {
    await changeAll();
    const listed = async (): Promise<readonly string[]> =>
      (await files()).map(
        ({ status, path, from }) => `${status} ${path}${from === undefined ? "" : ` < ${from.path}`}`,
      );
    const expected = [
      "modified crlf.txt",
      "added empty.txt",
      "modified latin.txt",
      "added latin new.txt",
      "added link",
      "renamed longer.txt < long.txt",
      "added no end.txt",
      "deleted packages/app/index.txt",
      "modified picture.bin",
      "modified readme.txt",
      "modified run.sh",
      'added tab\tquote"ü.txt',
    ].sort((one, other) => (one.replace(/^\w+ /, "") < other.replace(/^\w+ /, "") ? -1 : 1));
    assert.deepEqual(await listed(), expected);
    await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    assert.deepEqual(await listed(), expected);
  });

  it("lists no file that only looks changed", async () => {
    await rm(file("readme.txt"));
    await writeFile(file("readme.txt"), "one\ntwo\n");
    assert.deepEqual(await files(), []);
    assert.equal(await review.patch(made, neverAborted), "");
  });

  for (const when of ["before", "after"] as const) {
    it(`gives a patch that git apply takes, ${when} the commit`, async () => {
      await changeAll();
      if (when === "after") await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
      const patch = await review.patch(made, neverAborted);
      assert.doesNotMatch(patch, /secret/);
      assert.match(patch, /^rename to longer\.txt$/m);
      assert.match(patch, /^\+2$/m);
      assert.equal(
        await fixture.git(made.path, "ls-files", "empty.txt"),
        when === "after" ? "empty.txt" : "",
      );
      const other = join(fixture.folder, "other");
      await fixture.git(fixture.folder, "clone", "--quiet", fixture.repo, other);
      await fixture.write(join(fixture.folder, "x.patch"), patch);
      await fixture.git(other, "apply", "--whitespace=nowarn", join(fixture.folder, "x.patch"));
      const names = ["longer.txt", "crlf.txt", "picture.bin", "latin.txt", "latin new.txt", "no end.txt"];
      for (const name of [...names, "empty.txt", 'tab\tquote"ü.txt', "readme.txt"]) {
        assert.deepEqual(await readFile(join(other, name)), await readFile(file(name)), name);
      }
      assert.equal(await readlink(join(other, "link")), "readme.txt");
      assert.ok(((await lstat(join(other, "run.sh"))).mode & 0o100) > 0);
      for (const name of ["long.txt", "packages/app/index.txt", "ignored"]) {
        assert.equal(existsSync(join(other, name)), false, name);
      }
    });
  }

  it("gives the same patch whatever the user's diff looks like", async () => {
    await writeFile(file("readme.txt"), "one\nchanged\n");
    await writeFile(file("new.txt"), "new\n");
    const plain = await review.patch(made, neverAborted);
    const odd =
      "[color]\n\tui = always\n[diff]\n\tnoprefix = true\n\tmnemonicPrefix = true\n\texternal = false\n\tcontext = 0\n\trelative = true\n[core]\n\tquotePath = false\n";
    await writeFile(
      join(fixture.home, ".gitconfig"),
      `${(await textOf(join(fixture.home, ".gitconfig"))) ?? ""}${odd}`,
    );
    assert.equal(await review.patch(made, neverAborted), plain);
    assert.match(plain, /^diff --git a\/new\.txt b\/new\.txt\nnew file mode 100644$/m);
  });

  it("keeps line ends that git converts out of the patch", async () => {
    await fixture.git(fixture.repo, "config", "core.autocrlf", "true");
    await writeFile(file("new.txt"), "a\r\nb\r\n");
    assert.match(await review.patch(made, neverAborted), /^\+a\n\+b$/m);
  });

  it("gives no patch that is too large, and says so", async () => {
    const words = Array.from({ length: 400_000 }, (_, at) => `a line of its own ${at * 7}`);
    await writeFile(file("large.txt"), words.join("\n"));
    await assert.rejects(review.patch(made, neverAborted), {
      reason: "tooLarge",
      message: /8 MiB.*Publish/s,
    });
    assert.equal((await files()).length, 1);
  });

  it("can be cancelled", async () => {
    await writeFile(file("large.txt"), "x\n".repeat(3_000_000));
    const cancel = new AbortController();
    const patch = review.patch(made, cancel.signal);
    setImmediate(() => cancel.abort(new Error("cancelled by a person")));
    await assert.rejects(patch, /cancelled by a person/);
  });

  it("sees a merge that is not resolved as the files that are there", async () => {
    await fixture.git(made.path, "commit", "--quiet", "--allow-empty", "-m", "Ours");
    await writeFile(join(fixture.repo, "readme.txt"), "theirs\n");
    await fixture.git(fixture.repo, "commit", "--quiet", "-am", "Theirs");
    await writeFile(file("readme.txt"), "ours\n");
    await fixture.git(made.path, "commit", "--quiet", "-am", "Ours");
    await assert.rejects(fixture.git(made.path, "merge", "main"));
    assert.deepEqual(
      (await files()).map((one) => [one.path, one.status]),
      [["readme.txt", "modified"]],
    );
    assert.match(await review.patch(made, neverAborted), /^\+<<<<<<< HEAD$/m);
  });

  it("knows names that are no UTF-8 by their bytes", async () => {
    const raw = "na\xefve.txt";
    await writeFile(Buffer.concat([Buffer.from(`${made.path}/`), bytesOf(raw)]), "x\n");
    const [only] = await files();
    assert.deepEqual(only, { path: "na\ufffdve.txt", rawPath: raw, status: "added" });
    assert.equal((await review.fileNow(made.path, raw, neverAborted))?.bytes.length, 2);
    const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    const at = await review.fileAt(made.path, done.headCommit, raw, neverAborted);
    assert.deepEqual(at, Buffer.from("x\n"));
    await review.revertFile(made, raw, neverAborted);
    assert.deepEqual(await files(), []);
  });

  it("reads what is there now, and nothing that leads out of the worktree", async () => {
    const now = async (path: string): Promise<string | undefined> => {
      const found = await review.fileNow(made.path, path, neverAborted);
      return found === undefined ? undefined : Buffer.from(found.bytes).toString();
    };
    await fixture.write(join(fixture.folder, "outside/secret.txt"), "secret\n");
    await symlink(join(fixture.folder, "outside"), file("out"));
    await symlink(join(fixture.folder, "outside/secret.txt"), file("secret.txt"));
    await mkdir(file("inner"));
    await symlink("../../outside", file("inner/deep"));
    assert.equal(await now("readme.txt"), "one\ntwo\n");
    assert.equal(await now("packages/app/index.txt"), "app\n");
    assert.equal(await now("secret.txt"), join(fixture.folder, "outside/secret.txt"));
    for (const path of ["out/secret.txt", "inner/deep/secret.txt", "../x", "packages", "nope", "", "a//b"]) {
      assert.equal(await now(path), undefined, path);
    }
    await writeFile(file("large.txt"), "x".repeat(6 * 1024 * 1024));
    await assert.rejects(now("large.txt"), { reason: "tooLarge", message: /larger than 5 MiB/ });
  });

  describe("that reverts a file", () => {
    const revert = async (path: string) => await review.revertFile(made, path, neverAborted);
    const shown = async (ref: string | undefined, path: string): Promise<string> =>
      await fixture.git(fixture.repo, "show", `${ref ?? ""}:${path}`);

    for (const when of ["before", "after"] as const) {
      it(`that was changed, added, deleted or renamed, ${when} the commit`, async () => {
        await changeAll();
        await fixture.write(file("deep/er/new.txt"), "new\n");
        if (when === "after") await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
        const branch = await fixture.git(made.path, "rev-parse", "HEAD");
        const index = await fixture.git(made.path, "ls-files", "--stage");
        const changed = await revert("readme.txt");
        assert.equal(await textOf(file("readme.txt")), "one\ntwo\n");
        assert.match(await shown(changed.backup, "readme.txt"), /three/);
        assert.match(changed.backup ?? "", /^refs\/one-horizon\/backups\/session-1-/);

        const added = await revert("deep/er/new.txt");
        assert.equal(existsSync(file("deep")), false);
        assert.equal(await shown(added.backup, "deep/er/new.txt"), "new");

        const deleted = await revert("packages/app/index.txt");
        assert.equal(await textOf(file("packages/app/index.txt")), "app\n");
        assert.deepEqual(deleted, { backup: undefined, restore: undefined });

        const renamed = await revert("longer.txt");
        assert.equal(existsSync(file("longer.txt")), false);
        assert.match((await textOf(file("long.txt"))) ?? "", /line 39\n$/);
        assert.match(await shown(renamed.backup, "longer.txt"), /more$/);

        await revert("link");
        await revert("run.sh");
        assert.equal((await lstat(file("run.sh"))).mode & 0o100, 0);
        const left = (await files()).map((one) => one.path);
        assert.deepEqual(
          [
            "readme.txt",
            "deep/er/new.txt",
            "packages/app/index.txt",
            "longer.txt",
            "long.txt",
            "link",
            "run.sh",
          ].filter((path) => left.includes(path)),
          [],
        );
        assert.equal(await fixture.git(made.path, "rev-parse", "HEAD"), branch);
        assert.equal(await fixture.git(made.path, "ls-files", "--stage"), index);
      });
    }

    it("and gives a command that brings it back, links and modes too", async () => {
      await writeFile(file("it's.txt"), "mine\n", { mode: 0o755 });
      await symlink("nowhere", file("link"));
      const [one, link] = [await revert("it's.txt"), await revert("link")];
      for (const { restore = "" } of [one, link]) {
        await fixture.git(fixture.folder, "-c", `alias.back=!${restore}`, "back");
      }
      assert.equal(await textOf(file("it's.txt")), "mine\n");
      assert.ok(((await lstat(file("it's.txt"))).mode & 0o100) > 0);
      assert.equal(await readlink(file("link")), "nowhere");
    });

    it("but nothing that is as it was, or that a folder or a link stands in for", async () => {
      await assert.rejects(revert("readme.txt"), /nothing to revert/);
      await assert.rejects(revert("../x"), /nothing to revert/);
      await rm(file("packages"), { recursive: true });
      await symlink(fixture.home, file("packages"));
      await assert.rejects(revert("packages/app/index.txt"), { reason: "pathInUse" });
      assert.equal(await readlink(file("packages")), fixture.home);
      await rm(file("readme.txt"));
      await fixture.write(file("readme.txt/inner.txt"), "x\n");
      await assert.rejects(revert("readme.txt"), { reason: "pathInUse" });
      assert.equal(await textOf(file("readme.txt/inner.txt")), "x\n");
    });

    it("and runs no program that the tree or a filter names", async () => {
      const trap = await fixture.trap("filter");
      await fixture.git(fixture.repo, "config", "filter.users.smudge", `sh ${trap.command}`);
      await fixture.git(fixture.repo, "config", "filter.users.clean", `sh ${trap.command}`);
      await writeFile(file(".gitattributes"), "readme.txt filter=users\n");
      await writeFile(file("readme.txt"), "changed\n");
      await assert.rejects(revert("readme.txt"), /filter "users".*not reverted/);
      assert.equal(await textOf(file("readme.txt")), "changed\n");
      await review.patch(made, neverAborted);
      assert.equal(await trap.sprung(), false);
    });
  });

  it("compares with the base as it is now, with HEAD, and with another branch", async () => {
    const origin = await fixture.addOrigin();
    const there = join(fixture.folder, "there");
    await fixture.git(fixture.folder, "clone", "--quiet", origin, there);
    await fixture.git(there, "commit", "--quiet", "--allow-empty", "-m", "Later");
    await fixture.git(there, "push", "--quiet");
    const later = await fixture.git(there, "rev-parse", "HEAD");
    const head = await fixture.git(fixture.repo, "rev-parse", "HEAD");
    const of = async (other: Parameters<Review["compareCommit"]>[1]) =>
      await review.compareCommit(fixture.repo, other, neverAborted);
    assert.deepEqual(await of({ kind: "base", branch: "main" }), { commit: later, name: "main" });
    assert.deepEqual(await of({ kind: "base", branch: undefined }), { commit: later, name: "main" });
    assert.deepEqual(await of({ kind: "head" }), { commit: head, name: "HEAD" });
    assert.deepEqual(await of({ kind: "branch", branch: made.branch }), { commit: head, name: made.branch });
    await assert.rejects(of({ kind: "branch", branch: "nope" }), { reason: "badBranch" });
  });
});
