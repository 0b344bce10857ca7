import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { makeScratch, removeScratch } from "../../../src/runtime/scratch";

describe("scratch of a run", () => {
  let parent: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "scratch-test-"));
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  it("is private and goes with all that is in it", async () => {
    const scratch = await makeScratch(parent);
    assert.equal((await stat(scratch)).mode & 0o777, 0o700);
    await mkdir(join(scratch, "deep"));
    await writeFile(join(scratch, "deep", "file"), "text");
    await removeScratch(scratch);
    assert.deepEqual(await readdir(parent), []);
  });

  it("makes the place it lies in, for this user alone, and leaves one that is there as it is", async () => {
    const missing = join(parent, ".one", "tmp");
    assert.deepEqual(await readdir(missing).catch(() => []), []);
    await makeScratch(missing);
    assert.equal((await stat(missing)).mode & 0o777, 0o700);
    await chmod(missing, 0o755);
    await makeScratch(missing);
    assert.equal((await stat(missing)).mode & 0o777, 0o755);
  });

  it("removes what a killed process left, and nothing else", async () => {
    const live = await makeScratch(parent);
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const left = live.replace(`-${process.pid}-`, `-${dead}-`);
    assert.notEqual(left, live);
    await mkdir(join(left, "deep"), { recursive: true });
    const strangers = ["one-worker-abc", `one-worker-00000000-${dead}-xyz`, `other-${dead}-xyz`];
    for (const name of strangers) await mkdir(join(parent, name));
    const second = await makeScratch(parent);
    assert.deepEqual((await readdir(parent)).sort(), [...strangers, basename(live), basename(second)].sort());
  });
});
