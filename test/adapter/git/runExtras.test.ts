import assert from "node:assert/strict";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { GitFixture, textOf } from "./gitFixture";
import { assertTold, RunFixture } from "./runFixture";

describe("large files and submodules of a run's branch", () => {
  let runs: RunFixture;
  let made: Worktree;
  beforeEach(async () => {
    runs = await RunFixture.create();
    made = await runs.run();
  });
  afterEach(() => runs.remove());

  describe("in Git LFS", () => {
    const calls = (): string => join(runs.git.folder, "lfs-calls");

    /** Worktrees whose git finds a git-lfs that notes what it is called with, and where. */
    async function withLfs(script = ""): Promise<ReturnType<GitFixture["worktrees"]>> {
      const folder = join(runs.git.folder, "bin");
      const text = `#!/bin/sh\necho "$PWD: $@" >> '${calls()}'\n[ "$1" = push ] || exit 0\n${script}`;
      await runs.git.write(join(folder, "git-lfs"), text, 0o755);
      const { PATH = "" } = runs.git.environment();
      return runs.git.worktrees({ environment: runs.git.environment({ PATH: `${folder}:${PATH}` }) });
    }

    beforeEach(async () => {
      await runs.git.write(
        join(made.path, "deep/.gitattributes"),
        "*.bin filter=lfs diff=lfs merge=lfs -text\n",
      );
      // Where it sends things to is none of the tool's affair.
      await runs.git.write(join(made.path, ".lfsconfig"), "[lfs]\n\turl = https://evil.invalid\n");
      await runs.work(made, "deep/big.bin", "big\n");
      await runs.release(made);
    });

    it("are sent before the branch, from the user's own checkout", async () => {
      const worktrees = await withLfs();
      const { commit, notes } = await runs.publish(made, { worktrees });
      assert.deepEqual(notes, []);
      assert.equal(await runs.tip(), commit);
      const said = (await textOf(calls())) ?? "";
      assert.match(said, new RegExp(`^${runs.git.repo}: push origin refs/heads/runs/fix-1$`, "mu"));
    });

    it("keep the branch from being pushed where they cannot be sent", async () => {
      const worktrees = await withLfs("echo 'LFS: Authentication failed' >&2\nexit 2\n");
      await assertTold(
        runs.publish(made, { worktrees }),
        "pushRefused",
        /send the LFS files.*Nothing was pushed/su,
      );
      await assert.rejects(runs.tip());
    });

    it("need git-lfs where there are any; without it the user is told", async () => {
      const hidden = runs.git.worktrees({ environment: await withoutLfs(runs.git) });
      assert.match(
        (await runs.publish(made, { worktrees: hidden })).notes.join(),
        /git-lfs is not installed/u,
      );
      await runs.git.write(join(runs.git.repo, ".git/lfs/objects/ab/cd/abcd"), "big\n");
      await runs.work(made, "more.txt", "x\n");
      await runs.release(made);
      await assertTold(
        runs.publish(made, { worktrees: hidden }),
        "failed",
        /git-lfs was not found.*Install git-lfs/su,
      );
    });
  });

  describe("in submodules", () => {
    let lib: GitFixture;
    let module: string;
    beforeEach(async () => {
      lib = await GitFixture.withCommit("lib");
      const origin = await lib.addOrigin();
      await runs.git.git(runs.colleague, "submodule", "--quiet", "add", origin, "lib");
      await runs.theirs("plain.txt", "x\n");
      await runs.release(made);
      made = await runs.run("s2");
      await runs.git.git(made.path, "submodule", "--quiet", "update", "--init");
      module = join(made.path, "lib");
    });
    afterEach(() => lib.remove());

    async function moveModule(): Promise<string> {
      await lib.git(module, "config", "user.name", "Ada");
      await lib.git(module, "config", "user.email", "ada@example.com");
      await lib.git(module, "commit", "--quiet", "--allow-empty", "-m", "Local");
      await runs.commit(made, "s2");
      return await lib.git(module, "rev-parse", "HEAD");
    }

    it("are pushed as they are where their commit is on a remote, and named where it is not", async () => {
      const before = await runs.tip();
      const local = await moveModule();
      const named = new RegExp(
        `the commit ${local.slice(0, 10)} of the submodule "lib".*Push the submodule`,
        "su",
      );
      await assertTold(runs.publish(made, { sessionId: "s2" }), "failed", named);
      assert.equal(await runs.tip(), before);
      await lib.git(module, "push", "--quiet", "origin", "HEAD:refs/heads/topic");
      await lib.git(module, "update-ref", "-d", "refs/remotes/origin/topic");
      const { commit } = await runs.publish(made, { sessionId: "s2" });
      assert.equal(await runs.tip(), commit);
      assert.match(await runs.git.git(runs.origin, "ls-tree", runs.branch, "lib"), new RegExp(local, "u"));
    });

    it("of others are none of this session's affair, also where they are merged", async () => {
      await runs.work(made, "b.txt", "b\n", "s2");
      await lib.write(join(lib.repo, "later.txt"), "x\n");
      await lib.git(lib.repo, "add", "-A");
      await lib.git(lib.repo, "commit", "--quiet", "-m", "Later");
      const later = await lib.git(lib.repo, "rev-parse", "HEAD");
      await runs.git.git(runs.colleague, "submodule", "--quiet", "update", "--init");
      await runs.git.git(join(runs.colleague, "lib"), "fetch", "--quiet", lib.repo, "main");
      await runs.git.git(join(runs.colleague, "lib"), "checkout", "--quiet", later);
      await runs.git.git(runs.colleague, "commit", "--quiet", "-am", "Move");
      await runs.git.git(runs.colleague, "push", "--quiet", "origin", `HEAD:refs/heads/${runs.branch}`);
      const { commit } = await runs.publish(made, { sessionId: "s2" });
      assert.equal(await runs.tip(), commit);
    });
  });

  it("leaves no temporary name behind that git could see", async () => {
    await runs.work(made, "a.txt", "a\n");
    await runs.publish(made);
    const facts = await runs.worktrees.listWorktrees(runs.git.repo, neverAborted);
    assert.deepEqual(
      facts.map(({ path, branch, unpushed, problem }) => [path, branch, unpushed, problem]),
      [[made.path, runs.branch, 0, undefined]],
    );
  });
});

/** A git that says of lfs what it says where that is not installed, wherever this runs. */
async function withoutLfs(fixture: GitFixture): Promise<Record<string, string>> {
  const folder = join(fixture.folder, "no-lfs");
  const real = (await fixture.git(fixture.folder, "--exec-path")).trim();
  const script = [
    "#!/bin/sh",
    'for one; do [ "$one" = lfs ] && { echo "git: \'lfs\' is not a git command" >&2; exit 1; }; done',
    `exec '${real}/git' "$@"`,
    "",
  ];
  await fixture.write(join(folder, "git"), script.join("\n"), 0o755);
  return fixture.environment({ PATH: `${folder}:${fixture.environment()["PATH"] ?? ""}` });
}
