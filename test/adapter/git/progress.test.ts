import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { WorkProgress } from "../../../src/core/ports/worktrees";
import { processesIn } from "../../../src/git/processesIn";
import { GitFixture } from "./gitFixture";

const many = 20_000;
const some = 2_000;

/** A commit of so many small files on main, without writing them to the disk. */
async function addFiles(fixture: GitFixture, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, at) => {
    const path = `many/${Math.floor(at / 100)}/${at}.txt`;
    return `M 100644 inline ${path}\ndata <<E\nfile ${at}\nE\n`;
  });
  const head =
    "commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata <<E\nMany\nE\n";
  const script = join(fixture.folder, "import");
  await fixture.write(script, `${head}from refs/heads/main^0\n${lines.join("")}\n`);
  await fixture.git(fixture.repo, "-c", "core.hooksPath=/dev/null", "checkout", "--quiet", "--detach");
  await fixture.git(fixture.folder, "-c", "alias.load=!git -C repo fast-import --quiet <import", "load");
}

/** All that a worktree leaves: its folder, git's entry, its branch, locks. */
async function leftOver(fixture: GitFixture): Promise<readonly string[]> {
  const git = join(fixture.repo, ".git");
  const [listed, branches] = [
    await fixture.git(fixture.repo, "worktree", "list", "--porcelain"),
    await fixture.git(fixture.repo, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/one-horizon"),
  ];
  const folders = existsSync(fixture.root) ? await readdir(fixture.root) : [];
  const made = (await Promise.all(folders.map((one) => readdir(join(fixture.root, one))))).flat();
  const entries = existsSync(join(git, "worktrees")) ? await readdir(join(git, "worktrees")) : [];
  const files = await readdir(git, { recursive: true });
  return [
    ...[...listed.matchAll(/^worktree (.+)$/gm)].map((one) => one[1] ?? "").slice(1),
    ...branches.split("\n").filter((one) => one !== "refs/heads/main"),
    ...made,
    ...entries,
    ...files.filter((one) => one.endsWith(".lock")),
  ];
}

for (const gitHooks of [false, true]) {
  describe(`long work of git ${gitHooks ? "with the user's hooks" : "in a large repository"}`, () => {
    let fixture: GitFixture;
    before(async () => {
      fixture = await GitFixture.withCommit();
      await addFiles(fixture, gitHooks ? some : many);
    });
    after(() => fixture.remove());

    for (const at of [1, 50]) {
      it(`leaves nothing of a worktree that is cancelled at ${at} %`, async () => {
        const cancel = new AbortController();
        const onProgress = (one: WorkProgress): void => {
          if (one.percent >= at) cancel.abort(new Error("cancelled by a person"));
        };
        const request = fixture.request("cancelled", { gitHooks, onProgress });
        await assert.rejects(fixture.worktrees().prepare(request, cancel.signal), /cancelled by a person/);
        assert.deepEqual(await leftOver(fixture), []);
        assert.deepEqual(await processesIn(fixture.root), []);
      });
    }

    it("tells how far the files of a worktree are written", async () => {
      const told: WorkProgress[] = [];
      const request = fixture.request("told", { gitHooks, onProgress: (one) => void told.push(one) });
      const made = await fixture.worktrees().prepare(request, neverAborted);
      const percents = told.map((one) => one.percent);
      assert.ok(percents.length > 2, JSON.stringify(told));
      assert.deepEqual(
        percents,
        percents.toSorted((one, other) => one - other),
      );
      assert.equal(percents.at(-1), 100);
      assert.ok(told.every((one) => one.work === "checkingOut"));
      assert.equal(await fixture.git(made.path, "status", "--porcelain"), "");
      assert.doesNotMatch(await fixture.git(fixture.repo, "worktree", "list", "--porcelain"), /^locked/m);
    });
  });
}

describe("long work of git", () => {
  let fixture: GitFixture;
  before(async () => {
    fixture = await GitFixture.withCommit();
    await addFiles(fixture, some);
  });
  after(() => fixture.remove());

  it("keeps the branch of an earlier attempt where the worktree on it is cancelled", async () => {
    const made = await fixture.prepare("again");
    const request = { folder: fixture.repo, path: made.path, includeIgnored: false, session: undefined };
    await fixture.worktrees().removeWorktree(request, neverAborted);
    const cancel = new AbortController();
    const onProgress = (): void => cancel.abort(new Error("cancelled by a person"));
    const second = fixture.worktrees().prepare(fixture.request("again", { onProgress }), cancel.signal);
    await assert.rejects(second, /cancelled by a person/);
    assert.equal(existsSync(made.path), false);
    assert.equal(await fixture.git(fixture.repo, "rev-parse", made.branch), made.headCommit);
  });
});
