import assert from "node:assert/strict";
import { mkdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { copyLimits } from "../../../src/git/copyIgnored";
import { exists, factsOf, removeIt, restoreAs } from "./cleanUpFixture";
import { GitFixture, textOf } from "./gitFixture";

const secret = "TOKEN=a-secret-of-ours\n";

describe("worktree.copy", () => {
  let fixture: GitFixture;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    await fixture.write(join(fixture.repo, ".gitignore"), "ignored/\n*.log\n.env*\nnode_modules/\n");
    await fixture.git(fixture.repo, "commit", "--quiet", "-am", "Ignore more");
    await fixture.write(join(fixture.repo, ".env"), secret, 0o644);
    await fixture.write(join(fixture.repo, "packages/app/.env.local"), secret, 0o755);
    await fixture.write(join(fixture.repo, "node_modules/x/.env"), "not this one\n");
    await fixture.write(join(fixture.repo, "untracked.txt"), "not ignored\n");
  });
  afterEach(() => fixture.remove());

  const prepared = (copy = [".env", "**/.env.local"], sessionId = "session-1"): Promise<Worktree> =>
    fixture.prepare(sessionId, { copy });
  const commit = (made: Worktree): ReturnType<ReturnType<GitFixture["worktrees"]>["commit"]> =>
    fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
  const committed = async (made: Worktree): Promise<string[]> =>
    (await fixture.git(made.path, "ls-tree", "-r", "--name-only", "HEAD")).split("\n");

  it("brings the ignored files that a glob names, for nobody else to read", async () => {
    const made = await prepared([".env", "**/.env.local", "*.txt", "node_modules"]);
    assert.equal(await textOf(join(made.path, ".env")), secret);
    assert.equal((await stat(join(made.path, ".env"))).mode & 0o777, 0o600);
    assert.equal((await stat(join(made.path, "packages/app/.env.local"))).mode & 0o777, 0o700);
    assert.equal(await textOf(join(made.path, "node_modules/x/.env")), "not this one\n");
    assert.ok(!(await exists(join(made.path, "untracked.txt"))), "what is not ignored stays");
    assert.match(made.notes.join(" "), /Copied 3 ignored files.*never to be committed/);
  });

  it("counts globs from the opened folder", async () => {
    const made = await fixture.prepare("session-1", {
      folder: join(fixture.repo, "packages/app"),
      copy: [".env*"],
    });
    assert.ok(await exists(join(made.path, "packages/app/.env.local")));
    assert.ok(!(await exists(join(made.path, ".env"))));
  });

  it("is never committed, whatever the tool does to .gitignore", async () => {
    const made = await prepared();
    await writeFile(join(made.path, ".gitignore"), "!.env\n");
    await writeFile(join(made.path, "work.txt"), "work\n");
    const before = await fixture.worktrees().diffStat(made, neverAborted);
    const done = await commit(made);
    assert.deepEqual(done.stat, before);
    assert.deepEqual(await committed(made), [
      ".gitignore",
      "packages/app/index.txt",
      "readme.txt",
      "work.txt",
    ]);
    assert.equal(await textOf(join(made.path, ".env")), secret);
    const changed = await fixture.worktrees().review.changedFiles(made, neverAborted);
    assert.deepEqual(
      changed.map((one) => one.path),
      [".gitignore", "work.txt"],
    );
  });

  it("is never committed where only the user's own checkout ignored it", async () => {
    await fixture.write(join(fixture.repo, ".gitignore"), "ignored/\n*.log\n.env*\nmine.json\n");
    await fixture.write(join(fixture.repo, "mine.json"), '{"password":"a-secret"}\n');
    const made = await prepared(["mine.json"]);
    await writeFile(join(made.path, "work.txt"), "work\n");
    await commit(made);
    assert.ok((await committed(made)).includes("work.txt"));
    assert.ok(!(await committed(made)).includes("mine.json"));
  });

  const leaks: readonly (readonly [how: string, leak: (made: Worktree) => Promise<void>])[] = [
    ["moved to another name", (made) => rename(join(made.path, ".env"), join(made.path, "notes.txt"))],
    ["copied into a folder", (made) => fixture.write(join(made.path, "a/b/c.txt"), secret)],
    [
      "staged by force",
      async (made) => {
        await fixture.git(made.path, "add", "-f", ".env");
      },
    ],
    [
      "committed by the tool itself",
      async (made) => {
        await fixture.git(made.path, "add", "-f", ".env");
        await fixture.git(made.path, "commit", "--quiet", "-m", "Leak");
      },
    ],
  ];
  for (const [how, leak] of leaks) {
    it(`fails the commit where it was ${how}`, async () => {
      const made = await prepared();
      await leak(made);
      const head = await fixture.git(made.path, "rev-parse", "HEAD");
      await assert.rejects(commit(made), { name: "WorktreeError", message: /worktree\.copy.*kept/s });
      assert.equal(await fixture.git(made.path, "rev-parse", "HEAD"), head);
      await fixture.git(
        made.path,
        "rm",
        "-rq",
        "--cached",
        "--ignore-unmatch",
        "--",
        "notes.txt",
        "a",
        ".env",
      );
      await rm(join(made.path, "notes.txt"), { force: true });
      await rm(join(made.path, "a"), { recursive: true, force: true });
      if (how !== "committed by the tool itself") await commit(made);
    });
  }

  it("follows no link and copies none, and never writes over what the branch has", async () => {
    await fixture.write(join(fixture.folder, "outside.txt"), "outside\n");
    await symlink(join(fixture.folder, "outside.txt"), join(fixture.repo, ".env.link"));
    await mkdir(join(fixture.folder, "elsewhere"));
    await fixture.write(join(fixture.folder, "elsewhere/.env"), "outside\n");
    await symlink(join(fixture.folder, "elsewhere"), join(fixture.repo, "ignored"));
    await fixture.write(join(fixture.repo, ".env.kept"), "tracked\n");
    await fixture.git(fixture.repo, "add", "-f", ".env.kept");
    await fixture.git(fixture.repo, "commit", "--quiet", "-m", "Track one");
    await fixture.git(fixture.repo, "rm", "--quiet", "--cached", ".env.kept");
    await fixture.write(join(fixture.repo, ".env.kept"), "mine\n");
    const made = await prepared([".env*", "ignored/**", "**/.env"]);
    assert.ok(!(await exists(join(made.path, ".env.link"))));
    assert.ok(!(await exists(join(made.path, "ignored"))));
    assert.equal(await textOf(join(made.path, ".env.kept")), "tracked\n");
    assert.match(made.notes.join(" "), /1 link that worktree\.copy names was not copied/);
    await writeFile(join(made.path, ".env.kept"), "tracked and changed\n");
    await commit(made);
    assert.equal(await fixture.git(made.path, "show", "HEAD:.env.kept"), "tracked and changed");
  });

  it("takes nothing of a repository inside, also of its .git", async () => {
    await fixture.git(fixture.repo, "init", "--quiet", "ignored/inner");
    await fixture.write(join(fixture.repo, "ignored/inner/.env"), secret);
    const made = await prepared(["ignored/**", "**"]);
    assert.ok(!(await exists(join(made.path, "ignored"))));
  });

  it("refuses more than it is meant for, before anything is copied", async () => {
    await fixture.write(join(fixture.repo, "big.log"), "x".repeat(copyLimits.fileBytes + 1));
    await assert.rejects(prepared(["*.log", ".env"]), { reason: "tooLarge", message: /big\.log.*16 MiB/ });
    await rm(join(fixture.repo, "big.log"));
    for (let number = 0; number <= copyLimits.files; number += 1) {
      await writeFile(join(fixture.repo, `${number}.log`), "");
    }
    await assert.rejects(prepared(["*.log"]), { reason: "tooLarge", message: /1,000 files/ });
    const made = await prepared([".env"]);
    assert.equal(await textOf(join(made.path, ".env")), secret);
  });

  it("happens once: what the tool made of a copy stays, and a copying that was cut short is done again", async () => {
    const made = await prepared();
    assert.ok(made.fresh);
    await writeFile(join(made.path, ".env"), "changed by the tool\n");
    await rm(join(made.path, "packages/app/.env.local"));
    const again = await prepared();
    assert.equal(await textOf(join(made.path, ".env")), "changed by the tool\n");
    assert.ok(!(await exists(join(made.path, "packages/app/.env.local"))));
    await fixture.worktrees().setUp(again, neverAborted);
    assert.ok(!(await prepared()).fresh);

    const other = await prepared([".env"], "session-2");
    const gitDir = await fixture.git(other.path, "rev-parse", "--absolute-git-dir");
    const note = join(gitDir, "one-horizon-copied.json");
    await writeFile(note, (await readFile(note, "utf8")).replace('"complete":true', '"complete":false'));
    await writeFile(join(other.path, ".env"), "TOK");
    await prepared([".env"], "session-2");
    assert.equal(await textOf(join(other.path, ".env")), secret);
    assert.match(await readFile(note, "utf8"), /"complete":true/);
  });

  it("does not commit where the list of copies cannot be read", async () => {
    const made = await prepared();
    const gitDir = await fixture.git(made.path, "rev-parse", "--absolute-git-dir");
    await writeFile(join(gitDir, "one-horizon-copied.json"), "{");
    await writeFile(join(made.path, "work.txt"), "work\n");
    await assert.rejects(commit(made), { reason: "damaged" });
  });

  describe("when the worktree is removed", () => {
    it("an unchanged copy counts as no work and is in no snapshot", async () => {
      const made = await prepared();
      await writeFile(join(made.path, ".gitignore"), "!.env\n");
      await commit(made);
      const { untracked, ignored } = await factsOf(fixture, made.path);
      assert.deepEqual({ untracked, ignored }, { untracked: 0, ignored: 0 });
      const removed = await removeIt(fixture, made, { includeIgnored: true });
      assert.equal(removed.snapshot, undefined);
      assert.ok(await exists(join(fixture.repo, ".env")));
    });

    it("a changed one is kept where the person wants ignored files kept, under no name that is ever pushed", async () => {
      const made = await prepared();
      await writeFile(join(made.path, ".gitignore"), "!.env\n");
      await commit(made);
      await writeFile(join(made.path, ".env"), "changed by the tool\n");
      const { untracked, ignored } = await factsOf(fixture, made.path);
      assert.deepEqual({ untracked, ignored }, { untracked: 0, ignored: 1 });
      const removed = await removeIt(fixture, made, { includeIgnored: true });
      assert.match(removed.snapshot ?? "", /^refs\/one-horizon\/snapshots\//);
      await restoreAs(fixture, removed.restore);
      assert.equal(await textOf(join(made.path, ".env")), "changed by the tool\n");
      assert.equal(await fixture.git(fixture.repo, "log", "--branches", "--format=%H", "--", ".env"), "");
    });

    it("a copy whose original is gone is kept as well", async () => {
      const made = await prepared([".env"]);
      await rm(join(fixture.repo, ".env"));
      assert.equal((await factsOf(fixture, made.path)).ignored, 1);
      const removed = await removeIt(fixture, made, { includeIgnored: true });
      assert.equal(await fixture.git(fixture.repo, "show", `${removed.snapshot ?? ""}:.env`), secret.trim());
    });
  });
});
