import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { GitFixture } from "./gitFixture";

describe("filters of the user's git in a tree that a tool has written", () => {
  let fixture: GitFixture;
  let made: Worktree;
  let trap: Awaited<ReturnType<GitFixture["trap"]>>;
  const canary = (): string => join(fixture.folder, "canary-filter");

  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    trap = await fixture.trap("filter");
    await fixture.write(join(fixture.repo, ".gitattributes"), "*.txt filter=users\n");
    await fixture.write(join(fixture.repo, "bin/tidy"), "#!/bin/sh\ncat\n", 0o755);
    await fixture.git(fixture.repo, "add", "-A");
    await fixture.git(fixture.repo, "commit", "--quiet", "-m", "Attributes");
    made = await fixture.prepare();
    await fixture.write(join(made.path, "bin/tidy"), `#!/bin/sh\nexec ${trap.command}\n`, 0o755);
    await fixture.write(join(made.path, "readme.txt"), "changed\n");
  });
  afterEach(() => fixture.remove());

  const use = (command: string): Promise<string> =>
    fixture.git(fixture.repo, "config", "filter.users.clean", command);
  const commit = (gitHooks = false) =>
    fixture.worktrees().commit(made, fixture.commitOptions("session-1", gitHooks), neverAborted);

  for (const command of [
    "./bin/tidy",
    "sh bin/tidy",
    "python3 -m tidy",
    "true; bin/tidy",
    "git-lfs/../bin/tidy",
  ]) {
    it(`are not run, and what goes through one is not committed: ${command}`, async () => {
      await use(command);
      const worktrees = fixture.worktrees();
      assert.ok((await worktrees.diffStat(made, neverAborted)).files > 0);
      assert.ok((await worktrees.review.changedFiles(made, neverAborted)).length > 0);
      await assert.rejects(commit(), {
        reason: "failed",
        message: /"readme\.txt" goes through the git filter "users"/,
      });
      assert.equal(await trap.sprung(), false);
      assert.equal(await fixture.git(fixture.repo, "rev-parse", made.branch), made.baseCommit);
    });
  }

  it("run where the owner allowed git.hooks, as they would for a person", async () => {
    await use("./bin/tidy");
    assert.notEqual((await commit(true)).commit, undefined);
    assert.equal(await trap.sprung(), true);
  });

  it("are no matter for files that go through none", async () => {
    await use("./bin/tidy");
    await fixture.git(made.path, "-c", "filter.users.clean=cat", "checkout", "--", "readme.txt");
    await rm(canary(), { force: true });
    await fixture.write(join(made.path, "other.md"), "other\n");
    assert.equal((await commit()).stat.files, 2);
    assert.equal(await trap.sprung(), false);
  });

  it("run where they are known to run nothing of the tree", async () => {
    const tools = join(fixture.folder, "tools");
    await fixture.write(join(tools, "git-crypt"), `#!/bin/sh\nexec ${trap.command}\n`, 0o755);
    await use(`"${join(tools, "git-crypt")}" clean %f`);
    assert.notEqual((await commit()).commit, undefined);
    assert.equal(await trap.sprung(), true);
  });
});
