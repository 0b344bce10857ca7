import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { threadCommand } from "../../../src/composition/threadCommand";

const thread = { threadId: "t-1", worktreePath: undefined };

describe("the command that opens a thread", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "one-horizon-thread-")));
    await mkdir(join(folder, "bin"));
    await writeFile(join(folder, "bin", "codex"), "#!/bin/sh\n", { mode: 0o755 });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("names the program by its absolute path", async () => {
    const environment = { PATH: ["/nowhere", join(folder, "bin")].join(delimiter) };
    assert.deepEqual(await threadCommand(thread, environment), [
      join(folder, "bin", "codex"),
      "resume",
      "t-1",
    ]);
  });

  it("is that of the tool which keeps the thread, where it asks before it heeds the worktree", async () => {
    const environment = { PATH: join(folder, "bin") };
    assert.deepEqual(await threadCommand({ ...thread, provider: "claude-code" }, environment), []);
    await writeFile(join(folder, "bin", "claude"), "#!/bin/sh\n", { mode: 0o755 });
    const claude = [join(folder, "bin", "claude"), "--resume", "t-1"];
    assert.deepEqual(await threadCommand({ ...thread, provider: "claude-code" }, environment), claude);
    const codex = [join(folder, "bin", "codex"), "resume", "t-1"];
    assert.deepEqual(await threadCommand({ ...thread, provider: "codex-acp" }, environment), codex);
    for (const provider of ["gemini", "opencode", "cursor", "acp", "unheard-of"]) {
      await writeFile(join(folder, "bin", provider), "#!/bin/sh\n", { mode: 0o755 });
      assert.deepEqual(await threadCommand({ ...thread, provider }, environment), [], provider);
    }
  });

  it("is none where only a relative folder has it: a terminal would look there in the worktree", async () => {
    const environment = { PATH: ["", ".", relative(process.cwd(), join(folder, "bin"))].join(delimiter) };
    assert.deepEqual(await threadCommand(thread, environment), []);
    assert.deepEqual(await threadCommand(thread, {}), []);
  });

  it("keeps the worktree's own configuration of Codex without effect, also once it is gone", async () => {
    const environment = { PATH: join(folder, "bin") };
    const worktree = join(folder, "work tree");
    // A checkout of its own, wherever the temporary folder lies.
    await mkdir(join(worktree, ".git"), { recursive: true });
    const untrusted = ["-c", `projects={"${worktree}"={trust_level="untrusted"}}`];
    for (const there of [true, false]) {
      if (!there) await rm(worktree, { recursive: true });
      const argv = await threadCommand({ ...thread, worktreePath: worktree }, environment);
      assert.deepEqual(argv.slice(1), [...untrusted, "resume", "t-1"]);
    }
  });

  it("is none without a thread", async () => {
    assert.deepEqual(
      await threadCommand({ ...thread, threadId: undefined }, { PATH: join(folder, "bin") }),
      [],
    );
  });
});
