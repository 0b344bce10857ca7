import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { exists, factsOf, removeIt } from "./cleanUpFixture";
import { GitFixture } from "./gitFixture";

describe("removing a worktree with submodules", () => {
  let fixture: GitFixture;
  let library: GitFixture;
  let deep: GitFixture;
  let made: Worktree;
  let module: string;
  beforeEach(async () => {
    [fixture, library, deep] = await Promise.all([
      GitFixture.withCommit(),
      GitFixture.withCommit("library"),
      GitFixture.withCommit("deep"),
    ]);
    await library.git(library.repo, "submodule", "--quiet", "add", deep.repo, "deep");
    await library.git(library.repo, "commit", "--quiet", "-m", "Add deep");
    await fixture.git(fixture.repo, "submodule", "--quiet", "add", library.repo, "vendor/library");
    await fixture.git(fixture.repo, "commit", "--quiet", "-m", "Add submodule");
    made = await fixture.prepare();
    await fixture.git(made.path, "submodule", "--quiet", "update", "--init", "--recursive");
    module = join(made.path, "vendor/library");
  });
  afterEach(() => Promise.all([fixture, library, deep].map((one) => one.remove())));

  const inRepo = (...args: string[]): Promise<string> => fixture.git(fixture.repo, ...args);

  it("needs no snapshot and no force when nothing in them is ours", async () => {
    assert.equal((await factsOf(fixture, made.path)).submodules, 1);
    const removed = await removeIt(fixture, made);
    assert.deepEqual([removed.snapshot, removed.moduleSnapshots], [undefined, []]);
    assert.equal(await exists(made.path), false);
    assert.equal(await exists(join(fixture.repo, ".git/worktrees")), false);
  });

  it("keeps untracked, uncommitted, committed and stashed work of each, down to the deepest", async () => {
    await fixture.write(join(module, "readme.txt"), "stashed first\n");
    await fixture.git(module, "stash", "push", "--quiet");
    await fixture.write(join(module, "readme.txt"), "stashed second\n");
    await fixture.git(module, "stash", "push", "--quiet");
    const stashes = [
      await fixture.git(module, "rev-parse", "stash@{0}"),
      await fixture.git(module, "rev-parse", "stash@{1}"),
    ];
    await fixture.git(module, "commit", "--quiet", "--allow-empty", "-m", "Unpushed");
    const unpushed = await fixture.git(module, "rev-parse", "HEAD");
    await fixture.git(module, "branch", "side");
    await fixture.write(join(module, "readme.txt"), "uncommitted\n");
    await fixture.write(join(module, "new.txt"), "untracked\n");
    await fixture.write(join(module, "deep/deeper.txt"), "deeper\n");

    const removed = await removeIt(fixture, made);
    assert.equal(removed.moduleSnapshots.length, 2);
    assert.equal(await exists(made.path), false);
    const [outer = "", inner = ""] = removed.moduleSnapshots;
    const texts = await Promise.all(
      [`${outer}:readme.txt`, `${outer}:new.txt`, `${inner}:deeper.txt`].map((name) => inRepo("show", name)),
    );
    assert.deepEqual(texts, ["uncommitted", "untracked", "deeper"]);
    for (const commit of [unpushed, ...stashes]) await inRepo("merge-base", "--is-ancestor", commit, outer);
    assert.match(await inRepo("ls-tree", removed.snapshot ?? "", "vendor/library"), new RegExp(unpushed));
    await inRepo("gc", "--quiet", "--prune=now");
    await inRepo("fsck", "--full", "--strict");
    await inRepo("rev-list", "--objects", "--quiet", outer, inner);
  });

  it("keeps what a submodule has that is checked out no more", async () => {
    await fixture.git(module, "commit", "--quiet", "--allow-empty", "-m", "Unpushed");
    const unpushed = await fixture.git(module, "rev-parse", "HEAD");
    await fixture.git(made.path, "submodule", "--quiet", "deinit", "--force", "vendor/library");
    const { moduleSnapshots } = await removeIt(fixture, made);
    await inRepo("merge-base", "--is-ancestor", unpushed, moduleSnapshots[0] ?? "");
  });

  it("removes nothing when their work cannot be brought over", async () => {
    await fixture.write(join(module, "lost.txt"), "lost\n");
    await fixture.git(module, "add", "-A");
    await fixture.git(module, "commit", "--quiet", "-m", "Unpushed");
    const gitDir = await fixture.git(module, "rev-parse", "--absolute-git-dir");
    const blob = await fixture.git(module, "rev-parse", "HEAD:lost.txt");
    await rm(join(gitDir, "objects", blob.slice(0, 2), blob.slice(2)));
    await rm(join(module, "lost.txt"));
    await assert.rejects(removeIt(fixture, made), { name: "WorktreeError" });
    assert.equal(await exists(join(module, "readme.txt")), true);
    assert.equal(await fixture.git(fixture.repo, "for-each-ref", "refs/one-horizon/snapshots"), "");
  });
});
