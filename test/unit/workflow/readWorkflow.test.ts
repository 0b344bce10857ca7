import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { defaultWorkflowConfig } from "../../../src/workflow/parseWorkflow";
import { readWorkflow } from "../../../src/workflow/readWorkflow";

const home = "/home/ada";

describe("readWorkflow", () => {
  let base: string;
  let folder: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "ohw workflow é "));
    folder = join(base, "opened");
    await mkdir(join(folder, "docs"), { recursive: true });
    await writeFile(join(base, "outside.md"), "---\nagent: {max_retry_attempts: 9}\n---\nOUTSIDE");
    await writeFile(join(folder, "docs", "flow.md"), "---\nagent: {max_retry_attempts: 2}\n---\nINSIDE");
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it("has the defaults where there is no file", async () => {
    const config = defaultWorkflowConfig(home);
    assert.deepEqual(await readWorkflow(folder, "WORKFLOW.md", home), {
      path: join(folder, "WORKFLOW.md"),
      realPath: undefined,
      exists: false,
      refused: undefined,
      workflow: { kind: "ok", config, warnings: [] },
    });
    assert.equal((await readWorkflow(folder, "nowhere/WORKFLOW.md", home)).exists, false);
  });

  it("reads a file inside the folder, also through a link that stays there", async () => {
    await symlink(join("docs", "flow.md"), join(folder, "WORKFLOW.md"));
    await symlink(folder, join(base, "link to opened"));
    for (const [opened, setting] of [
      [folder, "docs/flow.md"],
      [folder, "./docs/../docs/flow.md"],
      [folder, join(folder, "docs", "flow.md")],
      [folder, "WORKFLOW.md"],
      [join(base, "link to opened"), "WORKFLOW.md"],
    ] as const) {
      const { exists, workflow } = await readWorkflow(opened, setting, home);
      assert.equal(exists, true);
      assert.equal(workflow.kind === "ok" && workflow.config.instructions, "INSIDE", setting);
      assert.equal(workflow.kind === "ok" && workflow.config.maxRetryAttempts, 2);
    }
  });

  it("tells where the file really is", async () => {
    await symlink("docs", join(folder, "current"));
    const { path, realPath } = await readWorkflow(folder, "current/flow.md", home);
    assert.equal(path, join(folder, "current", "flow.md"));
    assert.equal(realPath, await realpath(join(folder, "docs", "flow.md")));
  });

  it("refuses a file of another repository or worktree inside the folder, also through a link", async () => {
    await mkdir(join(folder, "trees", "s1"), { recursive: true });
    await writeFile(join(folder, "trees", "s1", "WORKFLOW.md"), "WRITTEN BY A TOOL");
    await symlink(join("trees", "s1", "WORKFLOW.md"), join(folder, "WORKFLOW.md"));
    assert.equal((await readWorkflow(folder, "WORKFLOW.md", home)).workflow.kind, "ok");
    for (const entry of ["file", "folder"]) {
      const git = join(folder, "trees", "s1", ".git");
      if (entry === "file") await writeFile(git, "gitdir: elsewhere");
      else await mkdir(git);
      for (const setting of ["WORKFLOW.md", "trees/s1/WORKFLOW.md"]) {
        const { workflow, refused } = await readWorkflow(folder, setting, home);
        assert.match(refused ?? "", /another repository or worktree/);
        assert.equal(workflow.kind, "broken");
      }
      await rm(git, { recursive: true });
    }
  });

  it("refuses the file of an opened folder that is a session's worktree", async () => {
    await writeFile(join(folder, "WORKFLOW.md"), "WRITTEN BY A TOOL");
    const administration = join(base, "main", ".git", "worktrees", "opened");
    await mkdir(administration, { recursive: true });
    await writeFile(join(folder, ".git"), `gitdir: ${administration}\n`);
    const refusals = async (opened: string, at = home): Promise<string> =>
      (await readWorkflow(opened, "WORKFLOW.md", at)).refused ?? "";
    await writeFile(join(administration, "HEAD"), "ref: refs/heads/mine\n");
    assert.equal(await refusals(folder), "", "a worktree of a person's own");
    await writeFile(join(administration, "HEAD"), "ref: refs/heads/one-horizon/add-export-7f3a\n");
    assert.match(await refusals(folder), /session's worktree/);
    await writeFile(join(folder, "docs", "WORKFLOW.md"), "WRITTEN BY A TOOL");
    assert.match(await refusals(join(folder, "docs")), /session's worktree/, "a folder below its top");
    const below = join(base, ".one", "worktrees", "repo-1", "s1");
    await mkdir(below, { recursive: true });
    await writeFile(join(below, "WORKFLOW.md"), "WRITTEN BY A TOOL");
    assert.match(await refusals(below, base), /session's worktree/, "below the default root, on any branch");
  });

  it("refuses a link that leads nowhere, and one that leads to itself", async () => {
    await symlink("nowhere.md", join(folder, "gone.md"));
    await symlink("loop.md", join(folder, "loop.md"));
    assert.match((await readWorkflow(folder, "gone.md", home)).refused ?? "", /leads nowhere/);
    assert.match((await readWorkflow(folder, "loop.md", home)).refused ?? "", /could not be read/);
  });

  it("refuses what lies outside, is no file, is too large or no text", async () => {
    await symlink(join(base, "outside.md"), join(folder, "out.md"));
    await symlink(base, join(folder, "up"));
    await symlink(join("docs", "out"), join(folder, "between"));
    await symlink(base, join(folder, "docs", "out"));
    await writeFile(join(folder, "large.md"), "x".repeat(256_001));
    await writeFile(join(folder, "binary.md"), Buffer.from([0x61, 0xff, 0xfe]));
    execFileSync("mkfifo", [join(folder, "pipe.md")]);
    const cases: readonly (readonly [setting: string, message: RegExp])[] = [
      ["../outside.md", /inside the opened folder/],
      [join(base, "outside.md"), /inside the opened folder/],
      ["", /inside the opened folder/],
      [".", /inside the opened folder/],
      ["a\0b", /inside the opened folder/],
      ["out.md", /leads out/],
      ["up/outside.md", /leads out/],
      ["between/outside.md", /leads out/],
      ["docs/out/opened/../outside.md", /leads out/],
      ["docs", /does not name a file/],
      ["pipe.md", /does not name a file/],
      ["large.md", /larger than 256 kB/],
      ["binary.md", /not UTF-8/],
    ];
    for (const [setting, message] of cases) {
      const { workflow } = await readWorkflow(folder, setting, home);
      assert.equal(workflow.kind, "broken", setting);
      assert.match(workflow.problems[0]?.message ?? "", message);
    }
  });
});
