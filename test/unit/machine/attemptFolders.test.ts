import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { systemRandom } from "../../../src/base/random";
import { makeAttemptFolders } from "../../../src/machine/attemptFolders";
import { modeOf, temporaryMachine, type Machine } from "./support";

describe("attempt folders", () => {
  let machine: Machine;
  let tmp: string;
  beforeEach(async () => {
    machine = await temporaryMachine();
    tmp = join(machine.home, ".one", "tmp");
  });
  afterEach(() => machine.remove());

  it("are new for each attempt, private, and inside whatever the session is called", async () => {
    await mkdir(tmp, { recursive: true });
    await chmod(tmp, 0o755);
    const all: string[] = [];
    for (const sessionId of ["s1", "s1", "../../escape", "a/b\0c"]) {
      const { artifacts, quarantine } = await makeAttemptFolders(tmp, sessionId, systemRandom);
      all.push(artifacts.path, quarantine);
    }
    assert.equal(new Set(all).size, 8);
    for (const one of all) {
      assert.equal(await modeOf(one), "700");
      assert.ok(relative(tmp, one).startsWith("vscode-worker"), one);
    }
    assert.equal(await modeOf(tmp), "755");
  });

  it("go when they hold nothing, and stay when they hold something", async () => {
    await mkdir(tmp, { recursive: true });
    const first = await makeAttemptFolders(tmp, "s1", systemRandom);
    const second = await makeAttemptFolders(tmp, "s1", systemRandom);
    await writeFile(join(second.artifacts.path, "report.md"), "seen");
    await first.tidy();
    await second.tidy();
    await assert.rejects(modeOf(first.artifacts.path), /ENOENT/);
    await assert.rejects(modeOf(second.quarantine), /ENOENT/);
    assert.equal(await readFile(join(second.artifacts.path, "report.md"), "utf8"), "seen");
  });

  it("hold what the tool is given to read, privately, until the attempt is over", async () => {
    await mkdir(tmp, { recursive: true });
    const first = await makeAttemptFolders(tmp, "s1", systemRandom);
    await first.keepInput({ name: "comment-1.md", text: "é" });
    const file = join(first.inputs, "comment-1.md");
    assert.equal(await readFile(file, "utf8"), "é");
    assert.deepEqual([await modeOf(file), await modeOf(first.inputs)], ["600", "700"]);
    await first.keepInput({ name: "comment-1.md", text: "again" });
    await first.tidy();
    await assert.rejects(modeOf(first.inputs), /ENOENT/);
  });

  it("lose what a killed attempt was given to read, and nothing else", async () => {
    await mkdir(tmp, { recursive: true });
    const killed = await makeAttemptFolders(tmp, "s1", systemRandom);
    await killed.keepInput({ name: "comment-1.md", text: "x" });
    await writeFile(join(killed.artifacts.path, "report.md"), "seen");
    const other = await makeAttemptFolders(tmp, "s2", systemRandom);
    await other.keepInput({ name: "comment-1.md", text: "x" });
    const next = await makeAttemptFolders(tmp, "s1", systemRandom, killed.id);
    assert.equal(await readFile(join(next.inputs, "comment-1.md"), "utf8"), "x");
    await makeAttemptFolders(tmp, "s1", systemRandom);
    await assert.rejects(modeOf(killed.inputs), /ENOENT/);
    assert.equal(await readFile(join(killed.artifacts.path, "report.md"), "utf8"), "seen");
    assert.equal(await readFile(join(other.inputs, "comment-1.md"), "utf8"), "x");
  });

  it("are the same for an attempt that goes on, as long as they are untouched", async () => {
    await mkdir(tmp, { recursive: true });
    const first = await makeAttemptFolders(tmp, "s1", systemRandom);
    const again = await makeAttemptFolders(tmp, "s1", systemRandom, first.id);
    assert.deepEqual([again.artifacts, again.id], [first.artifacts, first.id]);
    const other = await makeAttemptFolders(tmp, "s2", systemRandom, first.id);
    assert.notEqual(other.artifacts.path, first.artifacts.path);
    await rename(first.artifacts.path, join(tmp, "moved"));
    await symlink(join(tmp, "moved"), first.artifacts.path);
    const fresh = await makeAttemptFolders(tmp, "s1", systemRandom, first.id);
    assert.notEqual(fresh.artifacts.path, first.artifacts.path);
    for (const id of ["", "../../x 1:1", `${"a".repeat(36)} 1:1`]) {
      await makeAttemptFolders(tmp, "s1", systemRandom, id);
    }
  });

  it("are refused where a link stands in their place", async () => {
    await mkdir(tmp, { recursive: true });
    await symlink(machine.home, join(tmp, "vscode-worker"));
    await assert.rejects(makeAttemptFolders(tmp, "s1", systemRandom), /is a link/);
  });
});
