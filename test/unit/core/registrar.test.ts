import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import { silentLog } from "../../../src/base/log";
import type { Configuration } from "../../../src/core/ports/configurations";
import type { Registration } from "../../../src/core/ports/platform";
import { Registrar } from "../../../src/core/registrar";
import { displayName, registrationFingerprint, registrationOf } from "../../../src/core/registration";
import { ExitRequest } from "../../../src/core/workerExit";
import type { WorkflowConfig } from "../../../src/core/workflowConfig";
import { aConfig, us } from "../../fakes/builders";
import { FakeAccountPlatform } from "../../fakes/fakeAccountPlatform";
import { FakeConfigurations } from "../../fakes/fakeConfigurations";
import { ManualClock } from "../../fakes/manualClock";
import { refused } from "../../fakes/platformErrors";

const key = "00000000-0000-4000-8000-000000000001";
const plain = { name: "", instructions: "", groupId: "" };
const runtime = { provider: "codex", version: "1.0.0" };
const facts: Registration = {
  runtime,
  name: "VS Code worker",
  policy: { sandbox: "workspace-write", approvals: "never", network: false },
  worktreeMode: "task",
  maxConcurrentSessions: 6,
  instructions: undefined,
  groupId: undefined,
  idempotencyKey: key,
};

describe("the facts of a registration", () => {
  it("are exactly what is set, with defaults that name nobody", () => {
    assert.deepEqual(registrationOf(plain, aConfig(), runtime, key), facts);
    const config = aConfig({
      maxConcurrentSessions: 2,
      policy: { sandbox: "read-only", approvals: "on-request", network: true },
      worktree: { mode: "repository", root: "/worktrees", baseBranch: undefined, copy: [] },
    });
    const settings = { name: "  Mine ", instructions: " Be kind. ", groupId: " g1 " };
    assert.deepEqual(registrationOf(settings, config, { provider: "codex", version: undefined }, key), {
      name: "Mine",
      runtime: { provider: "codex", version: undefined },
      policy: { sandbox: "read-only", approvals: "on-request", network: true },
      worktreeMode: "repository",
      maxConcurrentSessions: 2,
      instructions: "Be kind.",
      groupId: "g1",
      idempotencyKey: key,
    });
  });

  it("stay within the platform's bounds", () => {
    assert.equal(displayName({ ...plain, name: "n".repeat(300) }).length, 100);
    const long = registrationOf({ ...plain, instructions: "i".repeat(3000) }, aConfig(), runtime, key);
    assert.equal(long.instructions?.length, 2000);
    for (const [asked, sent] of [
      [0, 1],
      [65, 64],
    ] as const) {
      const config = aConfig({ maxConcurrentSessions: asked });
      assert.equal(registrationOf(plain, config, runtime, key).maxConcurrentSessions, sent);
    }
  });

  const changes: readonly Partial<Registration>[] = [
    { name: "Other" },
    { runtime: { provider: "other", version: "1.0.0" } },
    { runtime: { provider: "codex", version: "2.0.0" } },
    { policy: { ...facts.policy, sandbox: "read-only" } },
    { policy: { ...facts.policy, approvals: "untrusted" } },
    { policy: { ...facts.policy, network: true } },
    { worktreeMode: "repository" },
    { maxConcurrentSessions: 5 },
    { instructions: "x" },
    { groupId: "x" },
  ];
  it("tell every change apart, and only changes", () => {
    const prints = [facts, ...changes.map((change) => ({ ...facts, ...change }))].map(
      registrationFingerprint,
    );
    assert.equal(new Set(prints).size, changes.length + 1);
    assert.equal(registrationFingerprint({ ...facts }), registrationFingerprint(facts));
  });
});

describe("registering changed facts of a running worker", () => {
  let platform: FakeAccountPlatform;
  let configurations: FakeConfigurations;
  let settings = plain;
  let registrar: Registrar;
  const configuration: Configuration = {
    ...us,
    origin: "https://live.example",
    clientId: "client-1",
    workspaceName: "Workspace",
    agentName: "Agent",
    idempotencyKey: key,
    folder: "/repository",
    stoppedByPerson: false,
    registrationHash: registrationFingerprint(facts),
  };
  beforeEach(async () => {
    platform = new FakeAccountPlatform(new ManualClock());
    configurations = new FakeConfigurations();
    settings = plain;
    await configurations.set(configuration);
    const deps = { log: silentLog, platform, configurations, settings: () => settings, runtime };
    registrar = new Registrar(deps, configuration);
  });

  const update = (config: WorkflowConfig = aConfig()): Promise<void> =>
    registrar.update(config, neverAborted);
  const stored = (): Promise<Configuration | undefined> =>
    configurations.get("/repository", "https://live.example");

  it("sends nothing while nothing changed", async () => {
    await update();
    assert.equal(platform.registrations.length, 0);
  });

  it("sends them once, with the same key, and notes it", async () => {
    settings = { ...plain, instructions: "Be brief." };
    await update();
    await update();
    assert.deepEqual(platform.registrations, [
      {
        path: { workspaceId: us.workspaceId, agentId: us.agentId },
        facts: { ...facts, instructions: "Be brief." },
      },
    ]);
    assert.equal(
      (await stored())?.registrationHash,
      registrationFingerprint({ ...facts, instructions: "Be brief." }),
    );
  });

  it("tries again later when they could not be sent", async () => {
    settings = { ...plain, groupId: "g1" };
    platform.onAccount = () => ({ error: refused("server") });
    await update();
    assert.equal((await stored())?.registrationHash, configuration.registrationHash);
    platform.onAccount = () => undefined;
    await update();
    assert.equal(platform.registrations.length, 1);
  });

  it("never falls back to another worker", async () => {
    settings = { ...plain, groupId: "g1" };
    platform.answerWith = "worker-9";
    await assert.rejects(update(), (error: unknown) => {
      assert.ok(error instanceof ExitRequest);
      assert.equal(error.exit.kind, "rejected");
      return true;
    });
    assert.deepEqual(await stored(), configuration);
  });

  it("keeps a person's stop that came meanwhile", async () => {
    await configurations.set({ ...configuration, stoppedByPerson: true });
    await update(aConfig({ maxConcurrentSessions: 2 }));
    assert.equal((await stored())?.stoppedByPerson, true);
    assert.notEqual((await stored())?.registrationHash, configuration.registrationHash);
  });

  it("leaves the configuration of another worker alone", async () => {
    const other = { ...configuration, workerId: "worker-2", registrationHash: "theirs" };
    await configurations.set(other);
    settings = { ...plain, groupId: "g1" };
    await update();
    settings = { ...plain, groupId: "g2" };
    await update();
    assert.deepEqual(await stored(), other);
    assert.deepEqual(
      platform.registrations.map((one) => one.facts.idempotencyKey),
      [key, key],
    );
  });

  it("does not send again and again when it cannot note what it sent", async () => {
    configurations.failure = new Error("ENOSPC");
    settings = { ...plain, groupId: "g1" };
    await update();
    await update();
    assert.equal(platform.registrations.length, 1);
  });
});
