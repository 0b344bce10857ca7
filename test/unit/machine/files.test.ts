import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import {
  ensurePrivateFolder,
  readPrivateFile,
  removePrivateFile,
  setAside,
  UnsafeFileError,
  writePrivateFile,
} from "../../../src/machine/files";
import { modeOf, temporaryMachine, type Machine } from "./support";

describe("private files", () => {
  let machine: Machine;
  beforeEach(async () => (machine = await temporaryMachine()));
  afterEach(() => machine.remove());

  it("makes folders for this user alone and leaves parents that exist as they are", async () => {
    await mkdir(join(machine.home, ".one"), { mode: 0o755 });
    await chmod(join(machine.home, ".one"), 0o755);
    const folder = join(machine.home, ".one", "state", "vscode-worker");
    await ensurePrivateFolder(folder);
    assert.equal(await modeOf(folder), "700");
    assert.equal(await modeOf(join(machine.home, ".one", "state")), "700");
    assert.equal(await modeOf(join(machine.home, ".one")), "755");
    await chmod(folder, 0o777);
    await ensurePrivateFolder(folder);
    assert.equal(await modeOf(folder), "700");
  });

  it("refuses a folder that is a link", async () => {
    await mkdir(join(machine.home, "elsewhere"));
    await symlink(join(machine.home, "elsewhere"), join(machine.home, "state"));
    await assert.rejects(ensurePrivateFolder(join(machine.home, "state")), UnsafeFileError);
  });

  it("tells in words where and why nothing could be written, and keeps what was there", async () => {
    const path = join(machine.home, "one.json");
    await writePrivateFile(path, "old");
    const missing = join(machine.home, "missing");
    await assert.rejects(writePrivateFile(join(missing, "one"), "x"), {
      name: "DiskError",
      code: "ENOENT",
      message: `the folder was removed (${missing}, ENOENT)`,
    });
    await assert.rejects(ensurePrivateFolder(path), {
      message: `something else is in the folder's place (${path}, EEXIST)`,
    });
    await assert.rejects(ensurePrivateFolder(join(path, "below")), { code: "ENOTDIR" });
    assert.equal(await readFile(path, "utf8"), "old");
  });

  it("writes whole files with 0600, whatever stood there, and leaves no temporary file", async () => {
    const path = join(machine.home, "file");
    await writeFile(path, "old", { mode: 0o666 });
    await chmod(path, 0o666);
    await writePrivateFile(path, "new é");
    assert.equal(await readPrivateFile(path), "new é");
    assert.equal(await modeOf(path), "600");
    await assert.rejects(writePrivateFile(join(machine.home, "missing", "file"), "x"));
    await mkdir(join(machine.home, "folder", "full"), { recursive: true });
    await assert.rejects(writePrivateFile(join(machine.home, "folder"), "x"));
    assert.deepEqual((await readdir(machine.home)).sort(), ["file", "folder"]);
  });

  it("replaces a link instead of writing through it, and does not read through one", async () => {
    const target = join(machine.home, "target");
    const path = join(machine.home, "link");
    await writeFile(target, "of somebody else");
    await symlink(target, path);
    await assert.rejects(readPrivateFile(path), /ELOOP/);
    await writePrivateFile(path, "ours");
    assert.equal(await readFile(target, "utf8"), "of somebody else");
  });

  it("reads nothing where there is nothing, and refuses pipes, folders and large files", async () => {
    assert.equal(await readPrivateFile(join(machine.home, "none")), undefined);
    execFileSync("mkfifo", [join(machine.home, "pipe")]);
    await assert.rejects(readPrivateFile(join(machine.home, "pipe")), UnsafeFileError);
    await assert.rejects(readPrivateFile(machine.home), UnsafeFileError);
    await writeFile(join(machine.home, "large"), "x".repeat(1_000_001));
    await assert.rejects(readPrivateFile(join(machine.home, "large")), /larger/);
  });

  it("sets a file aside under a name of its own each time", async () => {
    const path = join(machine.home, "file");
    for (const text of ["one", "two"]) {
      await writePrivateFile(path, text);
      const aside = await setAside(path, machine.now);
      assert.ok(aside);
      assert.equal(await readFile(aside, "utf8"), text);
    }
    assert.equal(await setAside(path, machine.now), undefined);
    assert.equal(
      (await readdir(machine.home)).filter((name) => name.startsWith("file.corrupt-2026-03-10")).length,
      2,
    );
  });

  it("removes files, also missing ones", async () => {
    const path = join(machine.home, "file");
    await writePrivateFile(path, "x");
    await removePrivateFile(path);
    await removePrivateFile(path);
    assert.deepEqual(await readdir(machine.home), []);
  });
});
