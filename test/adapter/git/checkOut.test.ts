import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { CheckOutRequest } from "../../../src/core/ports/review";
import type { WorkProgress, Worktree } from "../../../src/core/ports/worktrees";
import { GitFixture, textOf } from "./gitFixture";

describe("checking a session's branch out", () => {
  let fixture: GitFixture;
  let made: Worktree;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    made = await fixture.prepare();
    await fixture.write(join(made.path, "readme.txt"), "changed\n");
    await fixture.write(join(made.path, "new/file.txt"), "new\n");
    await rm(join(made.path, "packages"), { recursive: true });
    await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
  });
  afterEach(() => fixture.remove());

  const here = (name: string): string => join(fixture.repo, name);
  const look = async () =>
    await fixture.worktrees().review.lookAtCheckOut(fixture.repo, made.branch, neverAborted);
  const checkOut = async (more: Partial<CheckOutRequest> = {}, signal = neverAborted): Promise<void> => {
    const request = { folder: fixture.repo, branch: made.branch, detached: false, gitHooks: false, ...more };
    await fixture.worktrees().review.checkOut(request, signal);
  };
  const state = async (): Promise<Record<string, unknown>> => ({
    head: await fixture.git(fixture.repo, "rev-parse", "HEAD"),
    on: await fixture.git(fixture.repo, "rev-parse", "--abbrev-ref", "HEAD"),
    status: await fixture.git(fixture.repo, "status", "--porcelain", "--ignored", "--untracked-files=all"),
    files: (await readdir(fixture.repo, { recursive: true }))
      .filter((one) => !one.startsWith(".git/"))
      .sort(),
    locks: (await readdir(here(".git"), { recursive: true })).filter((one) => one.endsWith(".lock")),
  });
  const removeWorktree = async (): Promise<void> => {
    const request = { folder: fixture.repo, path: made.path, includeIgnored: true, session: undefined };
    await fixture.worktrees().removeWorktree(request, neverAborted);
  };
  const refused = async (reason: string, message: RegExp): Promise<void> => {
    const before = await state();
    await assert.rejects(look(), { reason, message });
    await assert.rejects(checkOut({ detached: true }), { reason, message });
    assert.deepEqual(await state(), before);
  };

  it("tells which worktree has it, and does not take it from there", async () => {
    assert.deepEqual(await look(), { isHere: false, usedBy: made.path });
    const before = await state();
    await assert.rejects(checkOut(), { reason: "branchInUse", message: /session-1.*no branch out twice/s });
    assert.deepEqual(await state(), before);
  });

  it("works where the worktree is gone", async () => {
    await removeWorktree();
    assert.deepEqual(await look(), { isHere: false, usedBy: undefined });
    const told: WorkProgress[] = [];
    await checkOut({ onProgress: (one) => void told.push(one) });
    assert.equal(await fixture.git(fixture.repo, "symbolic-ref", "--short", "HEAD"), made.branch);
    assert.equal(await textOf(here("readme.txt")), "changed\n");
    assert.equal(await textOf(here("new/file.txt")), "new\n");
    assert.equal(await fixture.git(fixture.repo, "status", "--porcelain"), "");
    assert.deepEqual(told.at(-1), { work: "checkingOut", percent: 100 });
    assert.deepEqual(await look(), { isHere: true, usedBy: undefined });
  });

  it("can be a look at its tip, which leaves branch and worktree alone", async () => {
    await fixture.write(join(made.path, "unsaved.txt"), "unsaved\n");
    await checkOut({ detached: true });
    assert.equal(await fixture.git(fixture.repo, "rev-parse", "--abbrev-ref", "HEAD"), "HEAD");
    assert.equal(await textOf(here("readme.txt")), "changed\n");
    assert.equal(await textOf(join(made.path, "unsaved.txt")), "unsaved\n");
    assert.equal(await fixture.git(made.path, "symbolic-ref", "--short", "HEAD"), made.branch);
    await fixture.git(fixture.repo, "switch", "--quiet", "-");
    assert.equal(await textOf(here("readme.txt")), "one\ntwo\n");
  });

  it("is refused where changes are not committed, staged or not", async () => {
    await fixture.write(here("readme.txt"), "mine\n");
    await refused("dirtyCheckout", /1 changed file that is not committed.*Commit or stash/s);
    await fixture.git(fixture.repo, "add", "-A");
    await refused("dirtyCheckout", /1 changed file/);
    assert.equal(await textOf(here("readme.txt")), "mine\n");
  });

  it("is refused in the middle of a merge or a rebase", async () => {
    await fixture.git(fixture.repo, "switch", "--quiet", "-c", "other");
    await fixture.write(here("readme.txt"), "other\n");
    await fixture.git(fixture.repo, "commit", "--quiet", "-am", "Other");
    await assert.rejects(fixture.git(fixture.repo, "merge", made.branch));
    await refused("dirtyCheckout", /in the middle of a merge.*Finish or abort/s);
    await fixture.git(fixture.repo, "merge", "--abort");
    await assert.rejects(fixture.git(fixture.repo, "rebase", made.branch));
    await refused("dirtyCheckout", /in the middle of a rebase/);
  });

  it("is refused on commits that only a detached head leads to", async () => {
    await fixture.git(fixture.repo, "switch", "--quiet", "--detach");
    await checkOut({ detached: true });
    await fixture.git(fixture.repo, "commit", "--quiet", "--allow-empty", "-m", "Mine alone");
    await refused("detachedHead", /no branch holds its commit.*git branch/s);
  });

  it("names what is in its way, untracked or ignored, and overwrites nothing", async () => {
    await removeWorktree();
    await fixture.write(here("notes.txt"), "untracked, and in nobody's way\n");
    await fixture.write(here("new/file.txt"), "mine\n");
    await assert.rejects(checkOut(), {
      reason: "dirtyCheckout",
      message: /files that are here.*new\/file\.txt/s,
    });
    await fixture.write(here(".git/info/exclude"), "new\n");
    await assert.rejects(checkOut(), { reason: "dirtyCheckout", message: /new\/file\.txt/ });
    assert.equal(await textOf(here("new/file.txt")), "mine\n");
    await rm(here("new"), { recursive: true });
    await checkOut();
    assert.equal(await textOf(here("notes.txt")), "untracked, and in nobody's way\n");
  });

  it("says where the branch is gone", async () => {
    await removeWorktree();
    await fixture.git(fixture.repo, "branch", "--quiet", "-D", made.branch);
    await assert.rejects(look(), { reason: "badBranch", message: /no branch one-horizon\/session-1/ });
  });

  it("runs the repository's hooks only where they are allowed", async () => {
    await removeWorktree();
    const trap = await fixture.trap("hook");
    await fixture.write(here(".git/hooks/post-checkout"), `#!/bin/sh\nexec sh ${trap.command}\n`, 0o755);
    await checkOut();
    assert.equal(await trap.sprung(), false);
    await fixture.git(fixture.repo, "-c", "core.hooksPath=/dev/null", "switch", "--quiet", "main");
    await checkOut({ gitHooks: true });
    assert.equal(await trap.sprung(), true);
  });

  it("keeps to a sparse checkout, and leaves submodules alone", async () => {
    const library = await GitFixture.withCommit("library");
    try {
      await fixture.git(fixture.repo, "submodule", "--quiet", "add", library.repo, "vendor/library");
      await fixture.git(fixture.repo, "commit", "--quiet", "-m", "Add submodule");
      await fixture.write(here("vendor/library/readme.txt"), "mine\n");
      await fixture.git(fixture.repo, "sparse-checkout", "set", "--cone", "vendor");
      await removeWorktree();
      await checkOut();
      assert.equal(await textOf(here("vendor/library/readme.txt")), "mine\n");
      assert.equal(existsSync(here("new/file.txt")), false);
      assert.equal(await textOf(here("readme.txt")), "changed\n");
    } finally {
      await library.remove();
    }
  });

  it("leaves the checkout as it was where it is cancelled", async () => {
    for (let at = 0; at < 3_000; at += 1) {
      await fixture.write(join(made.path, `many/${at % 50}/${at}.txt`), `${at}\n`);
    }
    await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    await removeWorktree();
    await fixture.write(here("notes.txt"), "untracked\n");
    const before = await state();
    const cancel = new AbortController();
    const onProgress = ({ percent }: WorkProgress): void => {
      if (percent >= 30) cancel.abort(new Error("cancelled by a person"));
    };
    await assert.rejects(checkOut({ onProgress }, cancel.signal), /cancelled by a person/);
    const after = await state();
    assert.deepEqual({ ...after, files: [] }, { ...before, files: [] });
    assert.equal(await textOf(here("readme.txt")), "one\ntwo\n");
    assert.equal(await textOf(here("notes.txt")), "untracked\n");
    await checkOut();
    assert.equal(await fixture.git(fixture.repo, "status", "--porcelain"), "?? notes.txt");
  });
});
