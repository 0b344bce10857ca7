import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFile, chmod, mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { createSpentTokens } from "../../../src/machine/spentTokens";
import { modeOf, temporaryMachine, type Machine } from "./support";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("spentTokens", () => {
  let machine: Machine;
  let path: string;
  beforeEach(async () => {
    machine = await temporaryMachine();
    path = join(machine.home, "state", "spent-tokens");
  });
  afterEach(() => machine.remove());

  it("knows a hash from the moment add resolves, in every window", async () => {
    const one = createSpentTokens(path);
    const other = createSpentTokens(path);
    assert.equal(await one.has(hash("a")), false);
    await one.add(hash("a"));
    await other.add(hash("b"));
    for (const window of [one, other, createSpentTokens(path)]) {
      assert.equal(await window.has(hash("a")), true);
      assert.equal(await window.has(hash("b")), true);
      assert.equal(await window.has(hash("c")), false);
    }
    assert.equal(await readFile(path, "utf8"), `${hash("a")}\n${hash("b")}\n`);
    assert.equal(await modeOf(path), "600");
    assert.equal(await modeOf(join(machine.home, "state")), "700");
  });

  it("ignores a torn tail and stays readable after it", async () => {
    const store = createSpentTokens(path);
    await store.add(hash("a"));
    await store.add(hash("torn"));
    await truncate(path, 65 + 20);
    assert.equal(await store.has(hash("torn")), false);
    await store.add(hash("b"));
    assert.equal(await store.has(hash("a")), true);
    assert.equal(await store.has(hash("b")), true);
    await appendFile(path, `\0\0garbage\n${hash("c")}`);
    assert.equal(await store.has(hash("c")), true);
    await store.add(hash("d"));
    assert.equal(await store.has(hash("c")), true);
    assert.equal(await store.has(hash("d")), true);
  });

  it("takes many at once", async () => {
    const store = createSpentTokens(path);
    const all = Array.from({ length: 50 }, (_, n) => hash(String(n)));
    await Promise.all(all.map((one) => store.add(one)));
    for (const one of all) assert.equal(await store.has(one), true);
  });

  it("rejects what is no hash, so that no token itself is ever written", async () => {
    const store = createSpentTokens(path);
    for (const wrong of ["", "token", hash("a").toUpperCase(), `${hash("a")}\n`]) {
      await assert.rejects(store.add(wrong));
      await assert.rejects(store.has(wrong));
    }
  });

  it("rejects when it cannot be proven that the hash is kept", async () => {
    await mkdir(join(machine.home, "state"));
    await writeFile(join(machine.home, "elsewhere"), "");
    await symlink(join(machine.home, "elsewhere"), path);
    await assert.rejects(createSpentTokens(path).add(hash("a")));
    await assert.rejects(createSpentTokens(path).has(hash("a")));
    await mkdir(join(machine.home, "folder"));
    await assert.rejects(createSpentTokens(join(machine.home, "folder")).add(hash("a")));
    await assert.rejects(createSpentTokens(join(machine.home, "folder")).has(hash("a")));
  });

  it("makes a file private again that others could read", async () => {
    const store = createSpentTokens(path);
    await store.add(hash("a"));
    await chmod(path, 0o644);
    await store.add(hash("b"));
    assert.equal(await modeOf(path), "600");
  });
});
