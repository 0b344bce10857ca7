import assert from "node:assert/strict";
import { mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import { GitFixture, textOf } from "./gitFixture";

interface Attack {
  readonly name: string;
  /** Leaves something in the worktree that would run `command` if git trusted it. */
  readonly plant: (fixture: GitFixture, made: Worktree, command: string) => Promise<void>;
}

/** A repository in a sub-folder whose config names the program in every place there is. */
async function nestedRepository(fixture: GitFixture, folder: string, command: string): Promise<void> {
  await fixture.git(fixture.folder, "init", "--quiet", folder);
  await fixture.write(join(folder, "inner.txt"), "inner\n");
  await fixture.git(folder, "add", "-A");
  await fixture.git(folder, "commit", "--quiet", "-m", "Inner");
  const settings = {
    "core.fsmonitor": command,
    "filter.evil.clean": command,
    "filter.evil.smudge": command,
    "diff.external": command,
    "diff.evil.textconv": command,
    "core.sshCommand": command,
    "core.pager": command,
    "core.editor": command,
  };
  for (const [key, value] of Object.entries(settings)) await fixture.git(folder, "config", key, value);
  await fixture.write(join(folder, ".gitattributes"), "* filter=evil diff=evil\n");
  await fixture.write(join(folder, "inner.txt"), "changed\n");
  for (const hook of ["pre-commit", "post-index-change", "post-checkout"]) {
    await fixture.write(join(folder, ".git/hooks", hook), `#!/bin/sh\nexec ${command} </dev/null\n`, 0o755);
  }
}

const attacks: readonly Attack[] = [
  {
    name: "a nested repository with fsmonitor, filters, an external diff and hooks",
    plant: (fixture, made, command) => nestedRepository(fixture, join(made.path, "nested"), command),
  },
  {
    name: "a nested repository deep in an ignored folder",
    plant: (fixture, made, command) => nestedRepository(fixture, join(made.path, "ignored/a/b"), command),
  },
  {
    name: "a nested repository in place of a tracked file",
    plant: async (fixture, made, command) => {
      await rm(join(made.path, "readme.txt"));
      await nestedRepository(fixture, join(made.path, "readme.txt"), command);
    },
  },
  {
    name: "a .git file that leads to a repository elsewhere",
    plant: async (fixture, made, command) => {
      const elsewhere = join(fixture.folder, "elsewhere");
      await nestedRepository(fixture, elsewhere, command);
      await fixture.write(join(made.path, "sub/.git"), `gitdir: ${elsewhere}/.git\n`);
      await fixture.write(join(made.path, "sub/inner.txt"), "x\n");
    },
  },
  {
    name: "a .git link",
    plant: async (fixture, made, command) => {
      const elsewhere = join(fixture.folder, "elsewhere");
      await nestedRepository(fixture, elsewhere, command);
      await mkdir(join(made.path, "sub"));
      await symlink(join(elsewhere, ".git"), join(made.path, "sub/.git"));
    },
  },
  {
    name: "the worktree's own .git file turned to a repository in the tree",
    plant: async (fixture, made, command) => {
      const inner = join(made.path, "packages/fake");
      await nestedRepository(fixture, inner, command);
      await rm(join(made.path, ".git"));
      await fixture.write(join(made.path, ".git"), "gitdir: packages/fake/.git\n");
    },
  },
  {
    name: "the worktree's own .git file turned to a copy of the real layout",
    plant: async (fixture, made, command) => {
      const elsewhere = join(fixture.folder, "elsewhere");
      await nestedRepository(fixture, elsewhere, command);
      const admin = join(elsewhere, ".git/worktrees/x");
      await fixture.write(join(admin, "gitdir"), `${made.path}/.git\n`);
      await fixture.write(join(admin, "commondir"), "../..\n");
      await fixture.write(join(admin, "HEAD"), `ref: refs/heads/${made.branch}\n`);
      await fixture.write(join(made.path, ".git"), `gitdir: ${admin}\n`);
    },
  },
  {
    name: "a .git directory in place of the worktree's own .git file",
    plant: async (fixture, made, command) => {
      await rm(join(made.path, ".git"));
      await nestedRepository(fixture, made.path, command);
    },
  },
  {
    name: "a folder whose name is no UTF-8",
    plant: async (fixture, made, command) => {
      const hidden = Buffer.concat([Buffer.from(`${made.path}/`), Buffer.from([0x62, 0xff, 0x62])]);
      await mkdir(hidden);
      await nestedRepository(fixture, join(fixture.folder, "elsewhere"), command);
      await symlink(join(fixture.folder, "elsewhere/.git"), Buffer.concat([hidden, Buffer.from("/.git")]));
    },
  },
  {
    name: "a .GIT directory, which a case-insensitive disk takes for .git",
    plant: async (fixture, made) => fixture.write(join(made.path, "sub/.GIT/config"), "[core]\n"),
  },
];

describe("a tree that a tool has written", () => {
  let fixture: GitFixture;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
  });
  afterEach(() => fixture.remove());

  for (const [index, attack] of attacks.entries()) {
    it(`runs nothing and commits nothing: ${attack.name}`, async () => {
      const made = await fixture.prepare();
      const trap = await fixture.trap(`attack-${index}`);
      await attack.plant(fixture, made, trap.command);
      // What building the trap itself set off does not count.
      await rm(join(fixture.folder, `canary-attack-${index}`), { force: true });
      const worktrees = fixture.worktrees();
      await worktrees.diffStat(made, neverAborted).catch(onlyHostile);
      await worktrees.review.changedFiles(made, neverAborted).catch(onlyHostile);
      await worktrees.review.patch(made, neverAborted).catch(onlyHostile);
      await worktrees.review
        .fileAt(made.path, made.baseCommit, "readme.txt", neverAborted)
        .catch(onlyHostile);
      await assert.rejects(worktrees.commit(made, fixture.commitOptions(), neverAborted), {
        name: "WorktreeError",
        reason: "hostileTree",
        message: /was moved to .*quarantine/,
      });
      await worktrees.prepare(fixture.request("session-1"), neverAborted).catch(onlyHostile);
      await worktrees.publish(made, { gitHooks: false }, neverAborted).catch((error: unknown) => {
        assert.match(String(error), /no remote|\.git file/);
      });
      assert.equal(await trap.sprung(), false);
      assert.notDeepEqual(await readdir(fixture.quarantine), []);
      assert.equal(await fixture.git(fixture.repo, "rev-parse", made.branch), made.baseCommit);
    });
  }

  it("would run the tool's program if git went there unguarded", async () => {
    const made = await fixture.prepare();
    const trap = await fixture.trap("control");
    await nestedRepository(fixture, join(made.path, "nested"), trap.command);
    await rm(join(fixture.folder, "canary-control"), { force: true });
    await fixture.git(made.path, "add", "--all");
    await fixture.git(made.path, "status");
    assert.equal(await trap.sprung(), true);
  });

  it("is refused when a submodule of the base has become the tool's repository", async () => {
    const library = await GitFixture.withCommit("library");
    try {
      await fixture.git(fixture.repo, "submodule", "--quiet", "add", library.repo, "vendor/library");
      await fixture.git(fixture.repo, "commit", "--quiet", "-m", "Add submodule");
      const made = await fixture.prepare();
      const trap = await fixture.trap("submodule");
      await nestedRepository(fixture, join(made.path, "vendor/library"), trap.command);
      await rm(join(fixture.folder, "canary-submodule"), { force: true });
      assert.equal((await fixture.worktrees().diffStat(made, neverAborted)).files, 0);
      await assert.rejects(fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted), {
        reason: "hostileTree",
      });
      assert.equal(await trap.sprung(), false);
    } finally {
      await library.remove();
    }
  });

  it("can be committed after the entry was moved away and the user agreed", async () => {
    const made = await fixture.prepare();
    await nestedRepository(fixture, join(made.path, "nested"), "/bin/true");
    const worktrees = fixture.worktrees();
    await assert.rejects(worktrees.commit(made, fixture.commitOptions(), neverAborted), {
      reason: "hostileTree",
    });
    const done = await worktrees.commit(made, fixture.commitOptions(), neverAborted);
    assert.equal(done.stat.files, 2);
  });

  it("does not go where its links lead", async () => {
    const made = await fixture.prepare();
    await nestedRepository(fixture, join(fixture.folder, "mine"), "/bin/true");
    await symlink(join(fixture.folder, "mine"), join(made.path, "link"));
    const done = await fixture.worktrees().commit(made, fixture.commitOptions(), neverAborted);
    assert.equal(done.stat.files, 1);
    assert.notEqual(await textOf(join(fixture.folder, "mine/.git/config")), undefined);
  });

  it("runs no textconv, external diff or fsmonitor of the user's config for a count", async () => {
    const made = await fixture.prepare();
    const trap = await fixture.trap("config");
    for (const key of ["diff.external", "core.fsmonitor", "diff.mine.textconv", "diff.mine.command"]) {
      await fixture.git(fixture.repo, "config", key, trap.command);
    }
    await fixture.write(join(made.path, ".gitattributes"), "* diff=mine\n");
    await fixture.write(join(made.path, "readme.txt"), "changed\n");
    const worktrees = fixture.worktrees();
    assert.equal((await worktrees.diffStat(made, neverAborted)).files, 2);
    assert.equal((await worktrees.commit(made, fixture.commitOptions(), neverAborted)).stat.files, 2);
    assert.equal(await trap.sprung(), false);
  });

  it("lends git no program, though the user's PATH has a relative folder", async () => {
    const made = await fixture.prepare();
    const trap = await fixture.trap("path");
    for (const name of ["git", "ssh", "gpg"]) {
      await fixture.write(join(made.path, "ignored/bin", name), `#!/bin/sh\nexec ${trap.command}\n`, 0o755);
    }
    await fixture.write(join(made.path, "a.txt"), "x\n");
    const path = process.env["PATH"] ?? "";
    const worktrees = fixture.worktrees({
      environment: fixture.environment({ PATH: `ignored/bin:./ignored/bin::${path}` }),
    });
    await worktrees.diffStat(made, neverAborted);
    await worktrees.review.changedFiles(made, neverAborted);
    assert.equal((await worktrees.commit(made, fixture.commitOptions(), neverAborted)).stat.files, 1);
    assert.equal(await trap.sprung(), false);
  });

  for (const [allowed, gitHooks] of [
    ["run", true],
    ["do not run", false],
  ] as const) {
    it(`the repository's hooks ${allowed} with git.hooks ${gitHooks}`, async () => {
      await fixture.addOrigin();
      for (const hook of ["pre-commit", "post-commit", "post-checkout", "pre-push"]) {
        const script = `#!/bin/sh\ntouch '${fixture.folder}/ran-${hook}'\n`;
        await fixture.write(join(fixture.repo, ".git/hooks", hook), script, 0o755);
      }
      const made = await fixture.prepare("session-1", { gitHooks });
      await fixture.write(join(made.path, "a.txt"), "x\n");
      await fixture.worktrees().commit(made, fixture.commitOptions("session-1", gitHooks), neverAborted);
      await fixture.worktrees().publish(made, { gitHooks }, neverAborted);
      const ran = (await readdir(fixture.folder)).filter((name) => name.startsWith("ran-")).sort();
      const all = ["ran-post-checkout", "ran-post-commit", "ran-pre-commit", "ran-pre-push"];
      assert.deepEqual(ran, gitHooks ? all : []);
    });
  }

  it("refuses to run without hooks when its empty hooks folder is not empty", async () => {
    await fixture.write(join(fixture.folder, "state/git/no-hooks/pre-commit"), "#!/bin/sh\n", 0o755);
    await assert.rejects(fixture.prepare(), { reason: "failed", message: /must be empty/ });
  });
});

function onlyHostile(error: unknown): void {
  assert.match(String(error), /\.git file of the worktree/);
}
