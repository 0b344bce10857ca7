import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { registrationFingerprint } from "../../../src/core/registration";
import type { Configuration } from "../../../src/core/ports/configurations";
import type { AttemptRecord } from "../../../src/core/ports/journal";
import { openAttemptStore, type OpenedAttemptStore } from "../../../src/machine/attemptStore";
import { createConfigStore } from "../../../src/machine/configStore";
import { createConsentStore } from "../../../src/machine/consentStore";
import { modeOf, temporaryMachine, type Machine } from "./support";

const dayMs = 24 * 3_600_000;
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
    ["of another version", (text) => text.replace('"version": 1', '"version": 2')],
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
});

describe("attemptStore", () => {
  const worker = { origin: "https://onehorizon.ai", workerId: "k1" };
  const record = (change: Partial<AttemptRecord> = {}): AttemptRecord => ({
    sessionId: "s1",
    claimId: "c1",
    title: "Fix it",
    startedAt: machine.now,
    worktreePath: undefined,
    workingDirectory: undefined,
    branch: "one-horizon/s1",
    baseCommit: undefined,
    baseBranch: undefined,
    threadId: undefined,
    sequence: 0,
    outcome: "running",
    endedAt: undefined,
    detail: undefined,
    stat: undefined,
    releasedByPerson: false,
    archived: false,
    ...change,
  });
  const open = async (): Promise<OpenedAttemptStore> =>
    await openAttemptStore(state, worker, machine.context);
  const attemptFolder = async (): Promise<string> => await onlyFile("attempts");

  it("has a saved attempt on disk when save resolves, and after a restart", async () => {
    const store = await open();
    assert.deepEqual(store.list(), []);
    const full = record({
      threadId: "t",
      sequence: 7,
      stat: { files: 1, added: 2, deleted: 3 },
      usage: {
        inputTokens: 5,
        cachedInputTokens: 4,
        outputTokens: 3,
        reasoningOutputTokens: 2,
        totalTokens: 8,
        contextWindow: 100,
      },
      detail: "because",
    });
    await store.save(full);
    assert.deepEqual(store.list(), [full]);
    assert.deepEqual((await open()).list(), [full]);
    const names = await readdir(await attemptFolder());
    assert.equal(await modeOf(join(await attemptFolder(), names[0] ?? "")), "600");
  });

  it("keeps the last of many saves of one session, and all sessions", async () => {
    const store = await open();
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        store.save(record({ sessionId: `s/${n % 3}`, sequence: n, startedAt: n % 3 })),
      ),
    );
    const expected = [57, 58, 59];
    assert.deepEqual(
      store.list().map((one) => one.sequence),
      expected,
    );
    assert.deepEqual(
      (await open()).list().map((one) => one.sequence),
      expected,
    );
  });

  it("keeps workers and platforms apart", async () => {
    await (await open()).save(record());
    for (const other of [
      { ...worker, workerId: "k2" },
      { ...worker, origin: "http://127.0.0.1:1" },
    ]) {
      assert.deepEqual((await openAttemptStore(state, other, machine.context)).list(), []);
    }
  });

  it("drops finished attempts after 30 days and never one that runs", async () => {
    const store = await open();
    const ended = { outcome: "completed", endedAt: machine.now } as const;
    await store.save(record({ sessionId: "done", ...ended }));
    await store.save(record({ sessionId: "running" }));
    await store.save(record({ sessionId: "interrupted", outcome: "interrupted" }));
    machine.now += 30 * dayMs;
    assert.equal((await open()).list().length, 3);
    machine.now += 1;
    assert.deepEqual(
      (await open())
        .list()
        .map((one) => one.sessionId)
        .sort(),
      ["interrupted", "running"],
    );
    assert.equal((await readdir(await attemptFolder())).length, 2);
  });

  it("bounds texts instead of failing on them", async () => {
    const store = await open();
    await store.save(record({ title: "x".repeat(100_000), detail: "y".repeat(100_000) }));
    assert.equal((await open()).list()[0]?.title.length, 1000);
  });

  it("sets a damaged file aside, reports it, and keeps the others", async () => {
    const store = await open();
    await store.save(record({ sessionId: "good" }));
    await store.save(record({ sessionId: "bad" }));
    await store.save(record({ sessionId: "swapped" }));
    const inFolder = await attemptFolder();
    for (const name of await readdir(inFolder)) {
      const text = await readFile(join(inFolder, name), "utf8");
      if (text.includes('"bad"')) await writeFile(join(inFolder, name), text.slice(0, 30));
      if (text.includes('"swapped"')) await writeFile(join(inFolder, name), text.replace("swapped", "other"));
    }
    const again = await open();
    assert.deepEqual(
      again.list().map((one) => one.sessionId),
      ["good"],
    );
    assert.equal(again.damaged, 2);
    assert.equal(machine.warnings.length, 2);
    assert.equal((await readdir(inFolder)).filter((name) => name.includes(".corrupt-")).length, 2);
    assert.equal((await open()).damaged, 0);
  });

  it("rejects a save that the disk does not take, and lists what is true", async () => {
    const store = await open();
    await store.save(record());
    const inFolder = await attemptFolder();
    await rename(inFolder, `${inFolder}.gone`);
    await assert.rejects(store.save(record({ sequence: 5 })));
    assert.equal(store.list()[0]?.sequence, 0);
    await rename(`${inFolder}.gone`, inFolder);
    await store.save(record({ sequence: 6 }));
    assert.equal((await open()).list()[0]?.sequence, 6);
  });
});
