import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import type { Agent } from "../../../src/core/ports/platform";
import { aSession, us } from "../../fakes/builders";
import type { AccountOperation } from "../../fakes/fakeAccountPlatform";
import { settle } from "../../fakes/manualClock";
import { folder, Office, type Window } from "../../fakes/office";
import { refused } from "../../fakes/platformErrors";

const local = (agentId: string): Agent => ({ agentId, name: `Agent ${agentId}`, executionModes: ["local"] });

describe("configuring the worker of a folder", () => {
  let office: Office;
  let window: Window;
  beforeEach(async () => {
    office = new Office();
    window = await office.open();
  });
  afterEach(async () => {
    await office.close();
    assert.deepEqual(office.errors, []);
  });

  /** Rejects with a UserError in these words. */
  async function refuses(words: RegExp, task: Promise<void> = window.controller.configure()): Promise<void> {
    await assert.rejects(task, (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, words);
      return true;
    });
  }

  it("asks nothing where there is one choice, registers, stores and starts", async () => {
    await window.controller.configure();
    await window.until("online");
    assert.deepEqual(office.questions.asked, []);
    const [registration] = office.platform.registrations;
    assert.equal(office.platform.registrations.length, 1);
    const { idempotencyKey, registrationHash, ...stored } = office.stored() ?? assert.fail();
    assert.deepEqual(stored, {
      ...us,
      folder,
      origin: office.live.origin,
      clientId: "client-1",
      workspaceName: "Workspace",
      agentName: "Agent",
      stoppedByPerson: false,
    });
    assert.ok(idempotencyKey.length >= 16);
    assert.equal(registration?.facts.idempotencyKey, idempotencyKey);
    assert.ok((registrationHash ?? "") !== "");
  });

  it("asks which of several", async () => {
    office.platform.workspaces = [
      { workspaceId: "w1", name: "First" },
      { workspaceId: "w2", name: "Second" },
    ];
    office.platform.agents = [local("a1"), local("a2")];
    office.questions.pick = 1;
    await window.controller.configure();
    assert.deepEqual(office.questions.asked, [
      ["First", "Second"],
      ["Agent a1", "Agent a2"],
    ]);
    assert.equal(office.stored()?.workspaceId, "w2");
    assert.equal(office.stored()?.agentId, "a2");
  });

  it("offers only agents that local workers can serve", async () => {
    office.platform.agents = [
      { agentId: "a1", name: "Cloud", executionModes: ["cloud"] },
      { agentId: "a2", name: "Both", executionModes: ["cloud", "local"] },
      { agentId: "a3", name: "Silent", executionModes: [] },
    ];
    await window.controller.configure();
    assert.deepEqual(office.questions.asked, [["Both", "Silent"]]);
  });

  for (const question of ["workspace", "agent"] as const) {
    it(`changes nothing when the question for the ${question} is dismissed`, async () => {
      if (question === "agent") office.platform.agents = [local("a1"), local("a2")];
      else {
        office.platform.workspaces = [...office.platform.workspaces, { workspaceId: "w2", name: "Second" }];
      }
      office.questions.pick = undefined;
      await window.controller.configure();
      assert.equal(office.stored(), undefined);
      assert.equal(office.platform.registrations.length, 0);
      assert.equal(window.kind, "notConfigured");
    });
  }

  const refusals: readonly [string, (office: Office, window: Window) => void, RegExp][] = [
    ["Restricted Mode", (_o, w) => (w.trusted = false), /Restricted Mode/u],
    ["no folder", (_o, w) => (w.folder = undefined), /Open the folder/u],
    ["no repository", (_o, w) => (w.folderFailure = new Error("No commit yet.")), /No commit yet/u],
    ["signed out", (o) => (o.platform.signedIn = false), /Sign in first/u],
    ["no usable settings", (o) => (o.current = new UserError("No address.")), /No address/u],
    ["no workspace", (o) => (o.platform.workspaces = []), /no workspace/u],
    ["no agent", (o) => (o.platform.agents = []), /“Workspace” has no agent/u],
    [
      "a broken workflow",
      (o) => (o.workflow = () => Promise.reject(new UserError("WORKFLOW.md is broken."))),
      /WORKFLOW\.md is broken/u,
    ],
    [
      "a full disk",
      (o) => (o.configurations.failure = new Error("ENOSPC: no space left.")),
      /could not be configured: ENOSPC: no space left\. What was configured before is kept\./u,
    ],
  ];
  for (const [name, arrange, words] of refusals) {
    it(`says in words what is in the way: ${name}`, async () => {
      arrange(office, window);
      await refuses(words);
      assert.equal(office.stored(), undefined);
    });
  }

  for (const failing of ["me", "workspaces", "agents", "register"] as const) {
    it(`says in words that the platform failed: ${failing}`, async () => {
      office.platform.onAccount = (operation: AccountOperation) =>
        operation === failing ? { error: refused("server") } : undefined;
      await refuses(/could not be configured: the platform has a problem of its own \(HTTP 503\)\./u);
      assert.equal(office.stored(), undefined);
    });
  }

  it("keeps the key for the same workspace and agent, and takes another for another", async () => {
    await window.controller.configure();
    const key = office.stored()?.idempotencyKey;
    await window.controller.configure();
    assert.equal(office.stored()?.idempotencyKey, key);
    assert.equal(office.stored()?.workerId, "worker-1");
    office.platform.agents = [local("a2")];
    await window.controller.configure();
    assert.notEqual(office.stored()?.idempotencyKey, key);
    assert.equal(office.stored()?.workerId, "worker-2");
    await window.until("online");
    assert.deepEqual([...office.beating], ["worker-2"]);
  });

  it("takes another key for another account", async () => {
    await window.controller.configure();
    const key = office.stored()?.idempotencyKey;
    office.platform.user = { userId: "user-2", name: undefined };
    await window.controller.configure();
    assert.notEqual(office.stored()?.idempotencyKey, key);
    await window.until("online");
  });

  it("lets a session run on when the same worker is configured again", async () => {
    await window.controller.configure();
    office.platform.add(aSession());
    window.controller.pollNow();
    await window.untilSession("s1", "running");
    await window.controller.configure();
    assert.equal(window.session("s1"), "running");
    assert.equal(office.platform.status("s1"), "active");
  });

  it("releases what runs when another worker is configured", async () => {
    await window.controller.configure();
    office.platform.add(aSession());
    window.controller.pollNow();
    await window.untilSession("s1", "running");
    office.platform.agents = [local("a2")];
    const configured = window.controller.configure();
    await office.clock.until("released", () => office.platform.status("s1") === "queued");
    await configured;
    await window.until("online");
    assert.deepEqual([...office.beating], ["worker-2"]);
  });

  it("starts a worker that a person had stopped", async () => {
    await window.controller.configure();
    await window.until("online");
    await window.controller.stop();
    await window.controller.configure();
    await window.until("online");
    assert.equal(office.stored()?.stoppedByPerson, false);
  });

  it("lets a person sign out while a question is open; the answer then comes too late", async () => {
    office.platform.agents = [local("a1"), local("a2")];
    let answer: () => void = () => undefined;
    office.questions.gate = new Promise((resolve) => (answer = resolve));
    const configured = refuses(/Sign in first/u);
    await settle();
    await window.controller.signOut();
    assert.equal(window.kind, "signedOut");
    answer();
    await configured;
    assert.equal(office.stored(), undefined);
  });

  it("does not configure a platform that was left while the question was open", async () => {
    office.platform.agents = [local("a1"), local("a2")];
    let answer: () => void = () => undefined;
    office.questions.gate = new Promise((resolve) => (answer = resolve));
    const configured = refuses(/changed meanwhile/u);
    await settle();
    office.current = office.sandbox;
    await window.controller.reconnect();
    answer();
    await configured;
    assert.equal(office.platform.registrations.length, 0);
  });

  it("takes the worker that the platform answers with, since a person asked", async () => {
    await window.controller.configure();
    office.platform.answerWith = "worker-9";
    await window.controller.configure();
    await window.until("online");
    assert.equal(office.stored()?.workerId, "worker-9");
    assert.deepEqual([...office.beating], ["worker-9"]);
  });
});
