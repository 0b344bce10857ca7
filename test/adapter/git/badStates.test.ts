import assert from "node:assert/strict";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { PrepareRequest, WorktreeErrorReason } from "../../../src/core/ports/worktrees";
import { rawOfText } from "../../../src/git/rawPath";
import { GitFixture, textOf } from "./gitFixture";

interface BadState {
  readonly name: string;
  readonly reason: WorktreeErrorReason;
  /** Makes the state and tells what to ask for. */
  readonly arrange: (fixture: GitFixture) => Promise<Partial<PrepareRequest>>;
  /** Whether the folder as such is fine, so that only preparing fails. */
  readonly checks?: true;
}

const badStates: readonly BadState[] = [
  {
    name: "no repository",
    reason: "noRepository",
    arrange: async ({ folder }) => {
      await mkdir(join(folder, "plain"));
      return { folder: join(folder, "plain") };
    },
  },
  {
    name: "a folder that does not exist",
    reason: "noRepository",
    arrange: async ({ folder }) => ({ folder: join(await Promise.resolve(folder), "gone") }),
  },
  {
    name: "the .git directory itself",
    reason: "noRepository",
    arrange: async ({ repo }) => ({ folder: join(await Promise.resolve(repo), ".git") }),
  },
  {
    name: "no commit yet",
    reason: "noCommit",
    arrange: async (fixture) => {
      const folder = join(fixture.folder, "fresh");
      await fixture.git(fixture.folder, "init", "--quiet", folder);
      return { folder };
    },
  },
  {
    name: "no commit yet, but a remote",
    reason: "noCommit",
    arrange: async (fixture) => {
      const folder = join(fixture.folder, "fresh");
      await fixture.git(fixture.folder, "init", "--quiet", folder);
      await fixture.git(folder, "remote", "add", "origin", join(fixture.folder, "nowhere.git"));
      return { folder };
    },
  },
  {
    name: "a bare repository",
    reason: "bareRepository",
    arrange: async (fixture) => ({ folder: await fixture.addOrigin() }),
  },
  {
    name: "neither origin/HEAD nor main nor master",
    reason: "noBaseBranch",
    checks: true,
    arrange: async (fixture) => {
      await fixture.git(fixture.repo, "branch", "--move", "trunk");
      return {};
    },
  },
  {
    name: "a base branch that does not exist",
    reason: "noBaseBranch",
    checks: true,
    arrange: async () => ({ baseBranch: await Promise.resolve("nope") }),
  },
  ...[
    "--upload-pack=touch x",
    "-b",
    "a..b",
    "main:evil",
    "@{-1}",
    "refs/heads/main",
    "a b",
    "../../x",
    "",
  ].map((baseBranch): BadState => ({
    name: `a base branch called ${JSON.stringify(baseBranch)}`,
    reason: "noBaseBranch",
    checks: true,
    arrange: async () => ({ baseBranch: await Promise.resolve(baseBranch) }),
  })),
];

describe("bad states of a repository", () => {
  let fixture: GitFixture;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
  });
  afterEach(() => fixture.remove());

  for (const state of badStates) {
    it(`${state.name}: ${state.reason}`, async () => {
      const request = fixture.request("session-1", await state.arrange(fixture));
      const worktrees = fixture.worktrees();
      await assert.rejects(worktrees.prepare(request, neverAborted), {
        name: "WorktreeError",
        reason: state.reason,
      });
      const checked = worktrees.check(request.folder, neverAborted);
      await (state.checks === true ? checked : assert.rejects(checked, { reason: state.reason }));
      assert.equal(await fixture.git(fixture.repo, "branch", "--list", "one-horizon/*"), "");
    });
  }

  it("no git: noGit", async () => {
    const worktrees = fixture.worktrees({
      environment: fixture.environment({ PATH: join(fixture.folder, "empty") }),
    });
    await assert.rejects(worktrees.prepare(fixture.request("a"), neverAborted), {
      reason: "noGit",
      message: /Install git/,
    });
    await assert.rejects(worktrees.check(fixture.repo, neverAborted), { reason: "noGit" });
  });

  it("does not follow GIT_DIR and its like from the editor's environment", async () => {
    const other = await GitFixture.withCommit();
    try {
      const stray = {
        GIT_DIR: join(other.repo, ".git"),
        GIT_WORK_TREE: other.repo,
        GIT_INDEX_FILE: "/nowhere",
      };
      const worktrees = fixture.worktrees({ environment: fixture.environment(stray) });
      const made = await worktrees.prepare(fixture.request("a"), neverAborted);
      assert.equal(await fixture.git(fixture.repo, "branch", "--list", "one-horizon/*"), `+ ${made.branch}`);
      assert.equal(await other.git(other.repo, "branch", "--list", "one-horizon/*"), "");
    } finally {
      await other.remove();
    }
  });

  it("works on a detached head", async () => {
    await fixture.git(fixture.repo, "checkout", "--quiet", "--detach");
    assert.equal((await fixture.prepare()).baseBranch, "main");
  });

  it("works in a linked worktree of the user", async () => {
    const linked = join(fixture.folder, "linked");
    await fixture.git(fixture.repo, "worktree", "add", "--quiet", "-b", "mine", linked);
    const made = await fixture.prepare("a", { folder: linked });
    assert.equal((await fixture.prepare("a")).path, made.path);
    await assert.rejects(fixture.prepare("b", { folder: linked, root: join(fixture.repo, "wt") }), {
      reason: "unsafePath",
    });
  });

  for (const name of ["with two  blanks", "größe-日本語", "-rf", "quote'\"$(touch x)", "semi;colon & co"]) {
    it(`works in a repository called ${name}`, async () => {
      const odd = await GitFixture.withCommit(join(name, name));
      try {
        const root = join(odd.folder, `root ${name}`);
        const made = await odd.prepare("größe ✓", { root, folder: join(odd.repo, "packages") });
        await odd.write(join(made.workingDirectory, name, "ä ö.txt"), "x\n");
        const done = await odd.worktrees().commit(made, odd.commitOptions("größe ✓"), neverAborted);
        assert.deepEqual(done.stat, { files: 1, added: 1, deleted: 0 });
        assert.deepEqual(await odd.worktrees().review.changedFiles(made, neverAborted), [
          {
            path: `packages/${name}/ä ö.txt`,
            rawPath: rawOfText(`packages/${name}/ä ö.txt`),
            status: "added",
          },
        ]);
        assert.equal((await odd.prepare("größe ✓", { root })).reused, true);
      } finally {
        await odd.remove();
      }
    });
  }

  it("works with submodules, which it leaves alone", async () => {
    const library = await GitFixture.withCommit("library");
    try {
      await fixture.git(fixture.repo, "submodule", "--quiet", "add", library.repo, "vendor/library");
      await fixture.git(fixture.repo, "commit", "--quiet", "-m", "Add submodule");
      await fixture.git(fixture.repo, "config", "submodule.recurse", "true");
      const made = await fixture.prepare();
      assert.match(made.notes.join(), /submodules/);
      await fixture.write(join(made.path, "a.txt"), "x\n");
      const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
      assert.deepEqual(done.stat, { files: 1, added: 1, deleted: 0 });
      assert.match(await fixture.git(made.path, "ls-tree", "HEAD", "vendor/library"), /^160000 commit/);
    } finally {
      await library.remove();
    }
  });

  it("accepts a submodule that the user has checked out in the worktree", async () => {
    const library = await GitFixture.withCommit("library");
    try {
      await fixture.git(fixture.repo, "submodule", "--quiet", "add", library.repo, "vendor/library");
      await fixture.git(fixture.repo, "commit", "--quiet", "-m", "Add submodule");
      const made = await fixture.prepare();
      await fixture.git(made.path, "submodule", "--quiet", "update", "--init");
      await fixture.write(join(made.path, "a.txt"), "x\n");
      const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
      assert.equal(done.stat.files, 1);
    } finally {
      await library.remove();
    }
  });
});

describe("the base branch", () => {
  let fixture: GitFixture;
  let origin: string;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    origin = await fixture.addOrigin();
  });
  afterEach(() => fixture.remove());

  /** A commit that only the origin has. */
  async function commitAtOrigin(branch = "main"): Promise<string> {
    const clone = join(fixture.folder, "colleague");
    await fixture.git(fixture.folder, "clone", "--quiet", origin, clone);
    await fixture.git(clone, "checkout", "--quiet", "-B", branch);
    await fixture.write(join(clone, "theirs.txt"), "theirs\n");
    await fixture.git(clone, "add", "-A");
    await fixture.git(clone, "commit", "--quiet", "-m", "Theirs");
    await fixture.git(clone, "push", "--quiet", "origin", branch);
    return await fixture.git(clone, "rev-parse", "HEAD");
  }

  it("is fetched first", async () => {
    const newest = await commitAtOrigin();
    const fetchHead = join(fixture.repo, ".git/FETCH_HEAD");
    const before = await textOf(fetchHead);
    const made = await fixture.prepare();
    assert.equal(await textOf(fetchHead), before);
    assert.equal(made.baseCommit, newest);
    assert.equal(await textOf(join(made.path, "theirs.txt")), "theirs\n");
    assert.notEqual(await fixture.git(fixture.repo, "rev-parse", "main"), newest);
  });

  it("is the remote's HEAD, or what the workflow says, also with the remote's name before it", async () => {
    const newest = await commitAtOrigin("release/1.0");
    for (const [session, baseBranch] of [
      ["a", "release/1.0"],
      ["b", "origin/release/1.0"],
    ] as const) {
      const made = await fixture.prepare(session, { baseBranch });
      assert.deepEqual([made.baseBranch, made.baseCommit], ["release/1.0", newest]);
    }
    await fixture.git(fixture.repo, "remote", "set-head", "origin", "release/1.0");
    assert.equal((await fixture.prepare("c")).baseBranch, "release/1.0");
  });

  it("is the last fetched one when the remote is gone, and a note says so", async () => {
    await rename(origin, `${origin}.gone`);
    const made = await fixture.prepare();
    assert.equal(made.baseCommit, await fixture.git(fixture.repo, "rev-parse", "origin/main"));
    assert.equal(made.notes.length, 1);
    assert.match(made.notes.join(), /main could not be fetched from origin .*last fetched state/);
  });

  it("is the local branch when the remote never gave one, and a note says so", async () => {
    await rm(origin, { recursive: true });
    await fixture.git(fixture.repo, "update-ref", "-d", "refs/remotes/origin/main");
    const made = await fixture.prepare();
    assert.equal(made.baseCommit, await fixture.git(fixture.repo, "rev-parse", "main"));
    assert.match(made.notes.join(), /the local branch main was used/);
  });

  it("costs a remote that does not answer its limit once, however many sessions wait", async () => {
    const upload = join(fixture.folder, "slow.sh");
    await fixture.write(
      upload,
      `#!/bin/sh\necho x >> '${fixture.folder}/calls'\nexec cat >/dev/null\n`,
      0o755,
    );
    await fixture.git(fixture.repo, "config", "remote.origin.uploadpack", upload);
    const worktrees = fixture.worktrees({ limits: { fetchMs: 500 } });
    const ids = ["a", "b", "c", "d"];
    const made = await Promise.all(ids.map((id) => worktrees.prepare(fixture.request(id), neverAborted)));
    for (const one of made) assert.match(one.notes.join(), /did not answer in time/);
    assert.equal(await textOf(join(fixture.folder, "calls")), "x\n");
  });

  it("tells no credentials of the remote's address", async () => {
    await fixture.git(fixture.repo, "remote", "set-url", "origin", "https://user:s3cret@127.0.0.1:1/x.git");
    const made = await fixture.prepare();
    assert.match(made.notes.join(), /127\.0\.0\.1/);
    assert.doesNotMatch(made.notes.join(), /s3cret/);
  });
});
