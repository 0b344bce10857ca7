import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
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
      exists: false,
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

  it("refuses what lies outside, is no file, is too large or no text", async () => {
    await symlink(join(base, "outside.md"), join(folder, "out.md"));
    await symlink(base, join(folder, "up"));
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
