import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { registrationFingerprint } from "../../../src/core/registration";
import type { Configuration } from "../../../src/core/ports/configurations";
import { createConfigStore } from "../../../src/machine/configStore";
import { createConsentStore } from "../../../src/machine/consentStore";
import { modeOf, temporaryMachine, type Machine } from "./support";

let machine: Machine;
let state: string;
let folder: string;
beforeEach(async () => {
  machine = await temporaryMachine();
  state = join(machine.home, ".one", "state", "vscode-worker");
  folder = join(machine.home, "project");
  await mkdir(folder);
});
afterEach(() => machine.remove());

/** The only file in a folder below the state. */
async function onlyFile(...parts: readonly string[]): Promise<string> {
  const names = await readdir(join(state, ...parts));
  assert.equal(names.length, 1, names.join());
  return join(state, ...parts, names[0] ?? "");
}

describe("configStore", () => {
  const configuration = (): Configuration => ({
    origin: "https://onehorizon.ai",
    clientId: "client",
    userId: "u1",
    workspaceId: "w1",
    workspaceName: "Acme",
    agentId: "a1",
    agentName: "Builder",
    workerId: "k1",
    idempotencyKey: "0123456789abcdef",
    folder,
    stoppedByPerson: false,
    registrationHash: "hash",
  });

  it("keeps a configuration per folder and platform, over a restart", async () => {
    const store = createConfigStore(state, machine.context);
    assert.equal(await store.get(folder, "https://onehorizon.ai"), undefined);
    await store.set(configuration());
    await store.set({
      ...configuration(),
      origin: "http://127.0.0.1:5000",
      workerId: "k2",
      stoppedByPerson: true,
    });
    const again = createConfigStore(state, machine.context);
    assert.deepEqual(await again.get(folder, "https://onehorizon.ai"), configuration());
    assert.equal((await again.get(folder, "http://127.0.0.1:5000"))?.workerId, "k2");
    assert.equal(await again.get(machine.home, "https://onehorizon.ai"), undefined);
    for (const name of await readdir(join(state, "folders"))) {
      assert.equal(await modeOf(join(state, "folders", name)), "600");
    }
    assert.equal(await modeOf(state), "700");
  });

  it("keeps the facts of the longest registration", async () => {
    const store = createConfigStore(state, machine.context);
    const registrationHash = registrationFingerprint({
      name: "ü".repeat(100),
      runtime: { provider: "codex", version: "0.169.0" },
      policy: { sandbox: "danger-full-access", approvals: "on-request", network: true },
      worktreeMode: "repository",
      maxConcurrentSessions: 64,
      instructions: "\u0001".repeat(2000),
      groupId: "g".repeat(200),
      idempotencyKey: "0123456789abcdef",
    });
    await store.set({ ...configuration(), registrationHash });
    assert.equal((await store.get(folder, "https://onehorizon.ai"))?.registrationHash, registrationHash);
  });

  it("finds a folder by its real path", async () => {
    const store = createConfigStore(state, machine.context);
    await symlink(folder, join(machine.home, "link"));
    await store.set({ ...configuration(), folder: join(machine.home, "link") });
    assert.equal((await store.get(folder, "https://onehorizon.ai"))?.folder, folder);
    await rename(folder, join(machine.home, "moved"));
    assert.equal(await store.get(join(machine.home, "moved"), "https://onehorizon.ai"), undefined);
  });

  it("deletes", async () => {
    const store = createConfigStore(state, machine.context);
    await store.set(configuration());
    await store.delete(folder, "https://onehorizon.ai");
    await store.delete(folder, "https://onehorizon.ai");
    assert.equal(await store.get(folder, "https://onehorizon.ai"), undefined);
  });

  const damages: readonly (readonly [name: string, change: (text: string) => string])[] = [
    ["cut short", (text) => text.slice(0, 40)],
    ["empty", () => ""],
    ["of no version that there was", (text) => text.replace('"version": 1', '"version": 0')],
    ["without a worker", (text) => text.replace('"k1"', '""')],
    ["of another platform", (text) => text.replace("https://onehorizon.ai", "https://evil.example")],
  ];
  for (const [name, change] of damages) {
    it(`sets a file aside that is ${name}, and says so`, async () => {
      const store = createConfigStore(state, machine.context);
      await store.set(configuration());
      const path = await onlyFile("folders");
      const damaged = change(await readFile(path, "utf8"));
      await writeFile(path, damaged);
      assert.equal(await store.get(folder, "https://onehorizon.ai"), undefined);
      assert.equal(machine.warnings.length, 1);
      const aside = await onlyFile("folders");
      assert.match(aside, /\.corrupt-/);
      assert.equal(await readFile(aside, "utf8"), damaged);
      await store.set(configuration());
      assert.equal((await store.get(folder, "https://onehorizon.ai"))?.workerId, "k1");
    });
  }

  it("leaves a file of a newer version as it is, and says so", async () => {
    const store = createConfigStore(state, machine.context);
    await store.set(configuration());
    const path = await onlyFile("folders");
    const written = (await readFile(path, "utf8")).replace('"version": 1', '"version": 2');
    await writeFile(path, written);
    await assert.rejects(store.get(folder, "https://onehorizon.ai"), {
      name: "UserError",
      message: /newer version of this extension\. It stays as it is/u,
    });
    assert.equal(await readFile(await onlyFile("folders"), "utf8"), written);
  });

  it("does not take a disk error for nothing", async () => {
    const store = createConfigStore(state, machine.context);
    await store.set(configuration());
    const path = await onlyFile("folders");
    await rename(path, `${path}.real`);
    await symlink(`${path}.real`, path);
    await assert.rejects(store.get(folder, "https://onehorizon.ai"), /ELOOP/);
  });
});

describe("consentStore", () => {
  const hash = "ab".repeat(32);

  it("allows exactly one combination in exactly one folder, over a restart", async () => {
    const store = createConsentStore(state, machine.context);
    assert.equal(await store.isAllowed(folder, hash), false);
    await store.allow(folder, hash);
    const again = createConsentStore(state, machine.context);
    assert.equal(await again.isAllowed(folder, hash), true);
    assert.equal(await again.isAllowed(folder, "cd".repeat(32)), false);
    assert.equal(await again.isAllowed(machine.home, hash), false);
    assert.equal(await modeOf(await onlyFile("consents")), "600");
  });

  it("asks again when the answer is damaged or was made for another folder", async () => {
    const store = createConsentStore(state, machine.context);
    await store.allow(folder, hash);
    const path = await onlyFile("consents");
    await writeFile(path, (await readFile(path, "utf8")).replace(folder, machine.home));
    assert.equal(await store.isAllowed(folder, hash), false);
    await writeFile(path, "{");
    assert.equal(await store.isAllowed(folder, hash), false);
    assert.equal(machine.warnings.length, 1);
  });

  it("leaves the answer to a newer version as it is, and does not count it", async () => {
    const store = createConsentStore(state, machine.context);
    await store.allow(folder, hash);
    const path = await onlyFile("consents");
    await writeFile(path, (await readFile(path, "utf8")).replace('"version": 1', '"version": 2'));
    await assert.rejects(store.isAllowed(folder, hash), { name: "UserError" });
    assert.equal(machine.warnings.length, 0);
  });
});
