import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import { aSession } from "../../fakes/builders";
import { settle } from "../../fakes/manualClock";
import { Office, type Window } from "../../fakes/office";
import { lostAnswer } from "../../fakes/platformErrors";

describe("stopping, starting and restarting", () => {
  let office: Office;
  let window: Window;
  beforeEach(async () => {
    office = new Office();
    window = await office.openConfigured();
  });
  afterEach(async () => {
    await office.close();
    assert.deepEqual(office.errors, []);
  });

  async function run(sessionId: string): Promise<void> {
    office.platform.add(aSession({ sessionId }));
    window.controller.pollNow();
    await window.untilSession(sessionId, "running");
  }

  async function reload(): Promise<void> {
    await window.close();
    window = await office.open();
    await office.clock.advance(5000);
  }

  it("stops once the running turn is done, and stays stopped over reloads until a person starts it", async () => {
    await run("s1");
    const stopped = window.controller.stop();
    await office.clock.advance(60_000);
    assert.equal(window.kind, "stopping");
    assert.equal(office.beating.size, 1);
    assert.equal(office.stored()?.stoppedByPerson, true);
    office.runtime.open("s1");
    await window.until("stopped");
    await stopped;
    assert.equal(office.platform.status("s1"), "complete");
    assert.equal(office.beating.size, 0);
    await reload();
    assert.equal(window.kind, "stopped");
    // What was done stays within reach: its branch can be published, its changes shown.
    assert.equal(window.store.state.sessions.get("s1")?.phase, "complete");
    assert.equal(window.store.state.agentName, office.stored()?.agentName);
    await window.controller.start();
    await window.until("online");
    await reload();
    assert.equal(window.kind, "online");
  });

  it("stays stopped when the window is reloaded before the turn was done", async () => {
    await run("s1");
    const stopped = window.controller.stop();
    await settle();
    await reload();
    await stopped;
    assert.equal(window.kind, "stopped");
    assert.equal(office.journalOf("worker-1").get("s1")?.outcome, "running");
  });

  it("stays stopped over reloads after a stop by the platform", async () => {
    const signalId = office.platform.signal("stop");
    await window.until("stopped");
    assert.deepEqual(office.platform.acknowledged, [signalId]);
    assert.equal(office.stored()?.stoppedByPerson, true);
    await reload();
    assert.equal(window.kind, "stopped");
    await window.controller.start();
    await office.clock.advance(20_000);
    assert.equal(window.kind, "online");
  });

  it("stops though the stop cannot be saved, and says so", async () => {
    office.configurations.failure = new Error("ENOSPC: no space left");
    await assert.rejects(window.controller.stop(), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /could not be saved: ENOSPC.*starts again when the window that runs it is reloaded/u,
      );
      return true;
    });
    assert.equal(window.kind, "stopped");
    assert.equal(office.beating.size, 0);
    assert.equal(office.errors.splice(0).length, 2);
  });

  it("stops by the platform though that cannot be saved", async () => {
    office.configurations.failure = new Error("ENOSPC: no space left");
    office.platform.signal("stop");
    await window.until("stopped");
    assert.equal(office.errors.splice(0).length, 1);
  });

  const beginnings: Readonly<Record<string, () => void>> = {
    "the platform does not answer": () => {
      office.platform.onAccount = () => ({ gate: new Promise(() => undefined) });
    },
    "the platform cannot be reached": () => {
      office.platform.onAccount = () => ({ error: lostAnswer() });
    },
    "its records are opened": () => {
      office.makeGate = new Promise(() => undefined);
    },
  };
  for (const [name, arrange] of Object.entries(beginnings)) {
    it(`stops at once while it starts: ${name}`, async () => {
      await window.close();
      arrange();
      window = await office.open();
      assert.equal(window.kind, "starting");
      await window.controller.stop();
      assert.equal(window.kind, "stopped");
      assert.equal(office.stored()?.stoppedByPerson, true);
      await office.clock.advance(60_000);
      assert.equal(window.kind, "stopped");
    });

    it(`shuts down at once while it starts: ${name}`, async () => {
      await window.close();
      arrange();
      window = await office.open();
      await window.close();
      assert.equal(office.stored()?.stoppedByPerson, false);
    });

    it(`starts anew while it starts, when a person restarts it: ${name}`, async () => {
      await window.close();
      arrange();
      window = await office.open();
      office.platform.onAccount = () => undefined;
      office.makeGate = Promise.resolve();
      await window.controller.restart();
      await settle();
      assert.equal(window.kind, "online");
    });
  }

  it("keeps a stop that comes while changed facts are registered", async () => {
    await window.close();
    office.settings = { ...office.settings, name: "Renamed" };
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (answer = resolve));
    office.platform.onAccount = (operation) => (operation === "register" ? { gate } : undefined);
    window = await office.open();
    const stopped = window.controller.stop();
    answer();
    await stopped;
    assert.equal(office.stored()?.stoppedByPerson, true);
  });

  it("starts again after the turn when a person starts it while it stops", async () => {
    await run("s1");
    const stopped = window.controller.stop();
    await settle();
    await window.controller.start();
    assert.equal(window.kind, "stopping");
    office.runtime.open("s1");
    await window.until("online");
    await stopped;
    assert.equal(office.stored()?.stoppedByPerson, false);
    await reload();
    assert.equal(window.kind, "online");
  });

  it("starts again after a stop of the platform that a person overrules", async () => {
    await run("s1");
    const signalId = office.platform.signal("stop");
    await window.until("stopping");
    await window.controller.start();
    office.runtime.open("s1");
    await window.until("online");
    assert.deepEqual(office.platform.acknowledged, [signalId]);
    await office.clock.advance(20_000);
    assert.equal(window.kind, "online");
    assert.equal(office.stored()?.stoppedByPerson, false);
  });

  it("stops in the end when a person thinks again twice", async () => {
    await run("s1");
    const first = window.controller.stop();
    await window.controller.start();
    const second = window.controller.stop();
    await settle();
    office.runtime.open("s1");
    await office.clock.advance(5000);
    await Promise.all([first, second]);
    assert.equal(window.kind, "stopped");
    assert.equal(office.stored()?.stoppedByPerson, true);
  });

  it("stops what is not running: it does not start by itself any more", async () => {
    office.platform.removed.add("worker-1");
    await window.until("rejected");
    await window.controller.stop();
    assert.equal(office.stored()?.stoppedByPerson, true);
    await window.controller.stop();
  });

  it("restarts by command: the turn ends, a fresh worker goes on", async () => {
    await run("s1");
    await window.controller.restart();
    assert.equal(window.kind, "stopping");
    window.phases.length = 0;
    office.runtime.open("s1");
    await window.until("online");
    assert.deepEqual(window.phases, ["stopping", "starting", "online"]);
    assert.equal(office.platform.status("s1"), "complete");
    assert.deepEqual(office.platform.acknowledged, []);
  });

  it("restarts by signal, acknowledged by the fresh one, once", async () => {
    await run("s1");
    const signalId = office.platform.signal("restart");
    await window.until("stopping");
    assert.deepEqual(office.platform.acknowledged, []);
    office.runtime.open("s1");
    await window.until("online");
    await office.clock.advance(20_000);
    assert.deepEqual(office.platform.acknowledged, [signalId]);
    assert.equal(window.kind, "online");
  });

  it("lets no other window in between a restart", async () => {
    const second = await office.open();
    assert.equal(second.kind, "otherWindow");
    let open: () => void = () => undefined;
    office.makeGate = new Promise((resolve) => (open = resolve));
    await window.controller.restart();
    await office.clock.advance(5000);
    assert.equal(second.kind, "otherWindow");
    open();
    await window.until("online");
    assert.equal(second.kind, "otherWindow");
  });

  it("makes no fresh worker when the stop comes while the restart is under way", async () => {
    window.controller.pause();
    window.phases.length = 0;
    await Promise.all([window.controller.restart(), window.controller.stop()]);
    assert.equal(window.kind, "stopped");
    assert.ok(!window.phases.includes("online"), window.phases.join());
  });

  it("restarts a stopped worker, and one that stops", async () => {
    await window.controller.stop();
    await window.controller.restart();
    await window.until("online");
    await run("s1");
    const stopped = window.controller.stop();
    await settle();
    await window.controller.restart();
    office.runtime.open("s1");
    await window.until("online");
    await stopped;
    assert.equal(office.stored()?.stoppedByPerson, false);
  });

  it("shows nothing of the heartbeats of before once it starts again", async () => {
    const at = office.clock.now();
    window.store.dispatch({ kind: "beat", result: { kind: "accepted", at, from: "main" } });
    window.store.dispatch({ kind: "pollFailed", at, message: "down" });
    await window.controller.stop();
    await office.clock.advance(600_000);
    await window.controller.start();
    const { lastBeatAt, beatsFromMain, lastPollError } = window.store.state;
    assert.deepEqual([lastBeatAt, beatsFromMain, lastPollError], [undefined, false, undefined]);
  });

  it("pauses, resumes, claims, releases and fails the sessions of the worker that runs", async () => {
    const { controller } = window;
    controller.pause();
    assert.equal(window.kind, "paused");
    assert.throws(() => controller.claim("s1"), UserError);
    controller.resume();
    await run("s1");
    const released = controller.release("s1");
    await window.untilSession("s1", "released");
    await released;
    controller.claim("s1");
    await window.untilSession("s1", "running");
    const failed = controller.fail("s1", "It went the wrong way.");
    await window.untilSession("s1", "failed");
    await failed;
    assert.match(office.platform.of("s1").finishes.at(-1)?.text ?? "", /wrong way/u);
  });

  describe("two commands at once", () => {
    type Command =
      "start" | "stop" | "restart" | "configure" | "signOut" | "signIn" | "reconnect" | "refresh";
    const pairs: readonly [Command, Command, string][] = [
      ["start", "stop", "stopped"],
      ["stop", "start", "online"],
      ["start", "start", "online"],
      ["stop", "stop", "stopped"],
      ["restart", "stop", "stopped"],
      ["stop", "restart", "online"],
      ["configure", "signOut", "signedOut"],
      ["signOut", "start", "signedOut"],
      ["reconnect", "start", "online"],
      ["start", "reconnect", "online"],
      ["reconnect", "stop", "stopped"],
      ["signIn", "stop", "stopped"],
      ["refresh", "stop", "stopped"],
      ["configure", "configure", "online"],
    ];
    for (const [first, second, end] of pairs) {
      for (const before of ["online", "starting", "stopped"] as const) {
        it(`${first} and ${second} while ${before}: ${end}`, async () => {
          if (before === "stopped") await window.controller.stop();
          if (before === "starting") {
            await window.close();
            window = office.window();
            window.controller.refresh().catch(() => undefined);
          }
          const both = Promise.allSettled([window.controller[first](), window.controller[second]()]);
          await office.clock.advance(5000);
          await both;
          const { beating } = office;
          const stoppedBefore = before === "stopped" && second === "reconnect" && first !== "start";
          assert.equal(window.kind, stoppedBefore ? "stopped" : end);
          assert.equal(beating.size, window.kind === "online" ? 1 : 0);
          assert.equal(office.lock.held.size, window.kind === "online" ? 1 : 0);
        });
      }
    }
  });

  describe("when the extension host ends", () => {
    const commands = {
      "a turn": () => Promise.resolve(),
      "a stop": () => window.controller.stop(),
      "a restart": () => window.controller.restart(),
      "a sign-out": () => window.controller.signOut(),
      "a reconnect": () => {
        office.current = office.sandbox;
        return window.controller.reconnect();
      },
      "a configuration": () => {
        office.platform.agents = [{ agentId: "a2", name: "Other", executionModes: ["local"] }];
        return window.controller.configure();
      },
    };
    for (const [name, begin] of Object.entries(commands)) {
      it(`in the middle of ${name}: at once, and the attempt goes on later`, async () => {
        await run("s1");
        office.platform.onCall = (call) =>
          call.operation === "getWorker" ? undefined : { gate: new Promise(() => undefined) };
        const began = begin().catch(() => undefined);
        await settle();
        const before = office.clock.monotonic();
        await window.close();
        await began;
        assert.equal(office.clock.monotonic(), before, "no time passes");
        assert.equal(office.journalOf("worker-1").get("s1")?.outcome, "running");
        assert.equal(office.platform.status("s1"), "active");
        assert.equal(office.beating.size, 0);
      });
    }

    it("starts nothing any more", async () => {
      await window.close();
      await window.controller.refresh();
      await window.controller.start();
      await settle();
      assert.equal(window.kind, "stopped");
      assert.equal(office.beating.size, 0);
    });
  });
});
