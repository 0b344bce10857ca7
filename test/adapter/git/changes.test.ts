import assert from "node:assert/strict";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { GitFixture } from "./gitFixture";

describe("what a session changed", () => {
  let fixture: GitFixture;
  let made: Worktree;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    made = await fixture.prepare();
  });
  afterEach(() => fixture.remove());

  it("is counted with untracked files; binary files and links have no lines of their own", async () => {
    await fixture.write(join(made.path, "no newline.txt"), "a\nb");
    await fixture.write(join(made.path, "binary.bin"), "a\0\n\n\n");
    await fixture.write(join(made.path, "empty.txt"), "");
    await fixture.write(join(made.path, "readme.txt"), "\0\n");
    await symlink("/etc/passwd", join(made.path, "link"));
    const expected = { files: 5, added: 3, deleted: 0 };
    assert.deepEqual(await fixture.worktrees().diffStat(made, neverAborted), expected);
    const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    assert.deepEqual(done.stat, expected);
    assert.deepEqual(await fixture.worktrees().diffStat(made, neverAborted), expected);
  });

  it("is listed by path, committed or not", async () => {
    await fixture.write(join(made.path, "readme.txt"), "changed\n");
    await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    await rm(join(made.path, "packages/app/index.txt"));
    await fixture.write(join(made.path, "new\nline.txt"), "x\n");
    assert.deepEqual(await fixture.worktrees().review.changedFiles(made, neverAborted), [
      { path: "new\nline.txt", rawPath: "new\nline.txt", status: "added" },
      { path: "packages/app/index.txt", rawPath: "packages/app/index.txt", status: "deleted" },
      { path: "readme.txt", rawPath: "readme.txt", status: "modified" },
    ]);
  });

  it("can be compared with the file as it was", async () => {
    const at = async (path: string, commit = made.baseCommit) =>
      textIn(await fixture.worktrees().review.fileAt(made.path, commit, path, neverAborted));
    assert.equal(await at("packages/app/index.txt"), "app\n");
    for (const path of ["nope.txt", "packages/app", "packages", "../x", "*.txt", "/etc/passwd"]) {
      assert.equal(await at(path), undefined);
    }
    await assert.rejects(at("readme.txt", "--help"), { reason: "failed" });
    await fixture.write(join(made.path, "large.txt"), "x".repeat(6 * 1024 * 1024));
    const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    await assert.rejects(at("large.txt", done.commit), { reason: "tooLarge", message: /larger than 5 MiB/ });
  });

  it("leaves the index alone while the tool works", async () => {
    await fixture.write(join(made.path, "new.txt"), "x\n");
    await fixture.worktrees().diffStat(made, neverAborted);
    assert.equal(await fixture.git(made.path, "ls-files", "new.txt"), "");
  });
});

function textIn(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
