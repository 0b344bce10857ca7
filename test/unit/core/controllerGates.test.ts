import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import type { WorkerPhase } from "../../../src/core/state";
import { FakeConnection } from "../../fakes/fakeConnection";
import { settle } from "../../fakes/manualClock";
import { Office, type Window } from "../../fakes/office";

/** Something in the way of the worker, and how it is taken away. */
interface Gate {
  readonly phase: WorkerPhase["kind"];
  readonly says?: RegExp;
  readonly close: (office: Office, window: Window) => void;
  readonly open: (office: Office, window: Window) => void;
}

const gates: Readonly<Record<string, Gate>> = {
  trust: {
    phase: "untrusted",
    close: (_office, window) => (window.trusted = false),
    open: (_office, window) => (window.trusted = true),
  },
  folder: {
    phase: "noRepository",
    says: /Open a folder/u,
    close: (_office, window) => (window.folder = undefined),
    open: (_office, window) => (window.folder = "/repository"),
  },
  repository: {
    phase: "noRepository",
    says: /no git repository/u,
    close: (_office, window) => (window.folderFailure = new Error("There is no git repository here.")),
    open: (_office, window) => (window.folderFailure = undefined),
  },
  settings: {
    phase: "signedOut",
    close: (office) => (office.current = new UserError("The address is not usable.")),
    open: (office) => (office.current = office.live),
  },
  "sign-in": {
    phase: "signedOut",
    close: (office) => (office.platform.signedIn = false),
    open: (office) => (office.platform.signedIn = true),
  },
  configuration: {
    phase: "notConfigured",
    close: (office) => office.configurations.stored.clear(),
    open: () => undefined,
  },
  "a person's stop": {
    phase: "stopped",
    close: (office) => office.stored() && office.change({ stoppedByPerson: true }),
    open: (office) => office.stored() && office.change({ stoppedByPerson: false }),
  },
  autoStart: {
    phase: "stopped",
    close: (_office, window) => (window.autoStart = false),
    open: (_office, window) => (window.autoStart = true),
  },
};

describe("whether the configured worker runs", () => {
  let office: Office;
  let window: Window;
  beforeEach(async () => {
    office = new Office();
    await (await office.openConfigured()).close();
    window = office.window();
  });
  afterEach(async () => {
    await office.close();
    assert.deepEqual(office.errors, []);
  });

  it("runs when nothing is in the way", async () => {
    await window.controller.refresh();
    await window.until("online");
    assert.deepEqual(window.phases, ["stopped", "starting", "online"]);
    assert.equal(window.store.state.agentName, "Agent");
    assert.equal(window.store.state.workspaceName, "Workspace");
  });

  for (const [name, gate] of Object.entries(gates)) {
    it(`does not for want of: ${name}`, async () => {
      gate.close(office, window);
      const asked = office.platform.calls.length + office.platform.asked.length;
      await window.controller.refresh();
      await office.clock.advance(60_000);
      assert.equal(window.kind, gate.phase);
      assert.match(window.message, gate.says ?? /^$/u);
      assert.equal(office.platform.calls.length + office.platform.asked.length, asked, "nothing is sent");
      gate.open(office, window);
      if (name === "configuration") return;
      await window.controller.refresh();
      await window.until("online");
    });
  }

  it("names the first that is in the way", async () => {
    const order = Object.values(gates);
    for (const gate of [...order].reverse()) gate.close(office, window);
    for (const gate of order.slice(0, -2)) {
      await window.controller.refresh();
      assert.equal(window.kind, gate.phase);
      gate.open(office, window);
    }
  });

  const refusals: Readonly<Record<string, RegExp>> = {
    trust: /Restricted Mode.*Trust the folder/u,
    folder: /Open a folder/u,
    repository: /no git repository/u,
    "sign-in": /not signed in.*Sign in first/u,
    configuration: /no worker yet.*Configure it/u,
  };
  for (const [name, words] of Object.entries(refusals)) {
    for (const command of ["start", "restart"] as const) {
      it(`${command} says what is in the way: ${name}`, async () => {
        gates[name]?.close(office, window);
        await window.controller.refresh();
        await assert.rejects(window.controller[command](), (error: unknown) => {
          assert.ok(error instanceof UserError);
          assert.match(error.message, words);
          return true;
        });
      });
    }
  }

  it("looks at the folder again when a person starts it", async () => {
    window.folderFailure = new Error("There is no commit yet.");
    await window.controller.refresh();
    assert.equal(window.kind, "noRepository");
    window.folderFailure = undefined;
    await window.controller.start();
    await window.until("online");
  });

  it("ends no run for a repository that is busy for a moment", async () => {
    await window.controller.refresh();
    await window.until("online");
    window.folderFailure = new Error("git did not answer");
    await window.controller.refresh();
    assert.equal(window.kind, "online");
  });

  it("ends the run when its folder is closed", async () => {
    await window.controller.refresh();
    await window.until("online");
    window.folder = undefined;
    await window.controller.refresh();
    assert.equal(window.kind, "noRepository");
    assert.equal(office.beating.size, 0);
  });

  it("asks to configure anew for another OAuth client", async () => {
    const other = new FakeConnection(office.live.origin, office.clock, "client-2");
    office.current = other;
    await window.controller.refresh();
    assert.equal(window.kind, "notConfigured");
    assert.match(window.message, /another OAuth client/u);
    await assert.rejects(window.controller.start(), /another OAuth client.*Configure/u);
  });

  it("starts by hand though it is not to start by itself, and stays on", async () => {
    window.autoStart = false;
    await window.controller.refresh();
    await window.controller.start();
    await window.until("online");
    await window.controller.refresh();
    assert.equal(window.kind, "online");
  });

  it("tells a disk that cannot be read, and starts when it is mended", async () => {
    office.configurations.readFailure = new Error("EIO: i/o error");
    await window.controller.refresh();
    assert.equal(window.kind, "rejected");
    assert.match(window.message, /EIO.*Start it again/u);
    await assert.rejects(window.controller.start(), (error) => error instanceof UserError);
    office.configurations.readFailure = undefined;
    await window.controller.start();
    await window.until("online");
    assert.equal(office.errors.splice(0).length, 2);
  });

  it("keeps a run though the configuration cannot be read for a moment", async () => {
    await window.controller.refresh();
    await window.until("online");
    office.configurations.readFailure = new Error("EIO: i/o error");
    await window.controller.refresh();
    assert.equal(window.kind, "online");
    assert.equal(office.errors.splice(0).length, 1);
    office.configurations.readFailure = undefined;
  });

  it("refuses commands for sessions in words while nothing runs", async () => {
    office.change({ stoppedByPerson: true });
    await window.controller.refresh();
    const { controller } = window;
    const isPlain = (error: unknown): boolean =>
      error instanceof UserError && error.message.includes("is not running. Start it");
    assert.throws(() => controller.pause(), isPlain);
    assert.throws(() => controller.resume(), isPlain);
    assert.throws(() => controller.claim("s1"), isPlain);
    await assert.rejects(controller.release("s1"), isPlain);
    await assert.rejects(controller.fail("s1", "why"), isPlain);
    controller.pollNow();
    await settle();
  });
});
