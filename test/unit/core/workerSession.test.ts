import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import { aConfig, aSession } from "../../fakes/builders";
import { settle } from "../../fakes/manualClock";
import { Office, type Window } from "../../fakes/office";
import { refused } from "../../fakes/platformErrors";

describe("a session of the configured worker", () => {
  let office: Office;
  let window: Window;
  beforeEach(async () => {
    office = new Office();
    await (await office.openConfigured()).close();
    office.platform.registrations.length = 0;
    office.platform.asked.length = 0;
    window = office.window();
  });
  afterEach(async () => {
    await office.close();
    assert.deepEqual(office.errors, []);
  });

  it("registers nothing while its facts are the same", async () => {
    await window.controller.refresh();
    await window.until("online");
    assert.deepEqual(office.platform.asked, ["me"]);
  });

  it("registers changed facts with the same key before it comes online, once", async () => {
    office.settings = { ...office.settings, name: "Renamed" };
    await window.controller.refresh();
    await window.until("online");
    await office.clock.advance(120_000);
    assert.equal(office.platform.registrations.length, 1);
    const [sent] = office.platform.registrations;
    assert.equal(sent?.facts.name, "Renamed");
    assert.equal(window.store.state.workerName, "Renamed");
    assert.equal(sent.facts.idempotencyKey, office.stored()?.idempotencyKey);
    await window.close();
    await office.open();
    assert.equal(office.platform.registrations.length, 1);
  });

  it("registers facts that change while it runs at the next poll", async () => {
    await window.controller.refresh();
    await window.until("online");
    office.config = aConfig({ maxConcurrentSessions: 2 });
    window.controller.pollNow();
    await settle();
    assert.equal(office.platform.registrations[0]?.facts.maxConcurrentSessions, 2);
    await window.controller.restart();
    await office.clock.advance(5000);
    assert.equal(window.kind, "online");
    assert.equal(office.platform.registrations.length, 1, "the fresh worker knows what was sent");
  });

  for (const reason of ["network", "timeout", "server", "rateLimited", "badAnswer"] as const) {
    it(`goes on trying while the platform cannot be used (${reason})`, async () => {
      let down = true;
      office.platform.onAccount = () => (down ? { error: refused(reason) } : undefined);
      await window.controller.refresh();
      await office.clock.advance(300_000);
      assert.equal(window.kind, "starting");
      assert.match(window.store.state.lastPollError ?? "", /the platform/u);
      const tries = office.platform.asked.length;
      assert.ok(tries > 10 && tries < 60, `${tries} tries in five minutes`);
      down = false;
      await window.until("online", 31_000);
      assert.equal(window.store.state.lastPollError, undefined);
    });
  }

  it("waits as long as the platform asks", async () => {
    const error = refused("rateLimited", "slow down", 90_000);
    office.platform.onAccount = () => ({ error });
    await window.controller.refresh();
    await office.clock.advance(89_000);
    assert.equal(office.platform.asked.length, 1);
    await office.clock.advance(2000);
    assert.equal(office.platform.asked.length, 2);
  });

  for (const reason of ["forbidden", "notFound"] as const) {
    it(`is rejected when its registration is refused (${reason}); configuring anew works`, async () => {
      office.settings = { ...office.settings, name: "Renamed" };
      office.platform.onAccount = (operation) =>
        operation === "register" ? { error: refused(reason) } : undefined;
      await window.controller.refresh();
      await window.until("rejected");
      assert.match(window.message, /does not accept this worker.*Configure it anew/u);
      assert.equal(office.beating.size, 0);
      office.platform.onAccount = () => undefined;
      await window.controller.configure();
      await window.until("online");
    });
  }

  it("is rejected when its record is refused; configured anew it is another worker", async () => {
    await window.controller.refresh();
    await window.until("online");
    const key = office.stored()?.idempotencyKey;
    office.platform.removed.add("worker-1");
    await window.until("rejected");
    assert.match(window.message, /does not accept this worker.*Configure it anew/u);
    assert.equal(office.beating.size, 0);
    await office.clock.advance(60_000);
    await window.controller.refresh();
    await office.clock.advance(60_000);
    assert.equal(office.platform.registrations.length, 0, "nothing is registered in silence");
    await window.controller.configure();
    await window.until("online");
    assert.equal(office.stored()?.workerId, "worker-2");
    assert.notEqual(office.stored()?.idempotencyKey, key);
  });

  it("is rejected when the platform answers with another worker, at the start", async () => {
    office.settings = { ...office.settings, name: "Renamed" };
    office.platform.answerWith = "worker-9";
    await window.controller.refresh();
    await window.until("rejected");
    assert.match(window.message, /another worker.*Configure it anew/u);
    assert.equal(office.stored()?.workerId, "worker-1");
    assert.equal(office.beating.size, 0);
  });

  it("is rejected when the platform answers with another worker, while it runs", async () => {
    await window.controller.refresh();
    await window.until("online");
    office.settings = { ...office.settings, name: "Renamed" };
    office.platform.answerWith = "worker-9";
    window.controller.pollNow();
    await window.until("rejected");
    assert.equal(office.stored()?.workerId, "worker-1");
    assert.equal(office.beating.size, 0);
  });

  it("says which settings the platform refuses; start tries again", async () => {
    office.settings = { ...office.settings, groupId: "no-such-group" };
    office.platform.onAccount = (operation) =>
      operation === "register" ? { error: refused("badRequest", "there is no such group") } : undefined;
    await window.controller.refresh();
    await window.until("rejected");
    assert.match(window.message, /no such group.*settings.*Start it again/u);
    assert.equal(office.errors.splice(0).length, 1);
    office.platform.onAccount = () => undefined;
    await window.controller.start();
    await window.until("online");
  });

  it("comes online with a workflow that waits for consent, and works once it has it", async () => {
    let allowed = false;
    const waiting = new UserError("WORKFLOW.md waits for your consent.");
    office.workflow = () => (allowed ? Promise.resolve(office.config) : Promise.reject(waiting));
    office.platform.add(aSession());
    await window.controller.refresh();
    await window.until("online");
    await office.clock.advance(10_000);
    assert.equal(window.store.state.fault?.reason, "workflow");
    assert.equal(office.platform.count("claim"), 0);
    allowed = true;
    window.controller.pollNow();
    await window.untilSession("s1", "running", 5000);
    assert.equal(window.store.state.fault, undefined);
  });

  it("belongs to another account: nothing of it runs or is told", async () => {
    office.platform.add(aSession());
    office.platform.user = { userId: "user-2", name: undefined };
    await window.controller.refresh();
    await window.until("notConfigured");
    assert.match(window.message, /another account/u);
    await office.clock.advance(60_000);
    assert.deepEqual(office.platform.asked, ["me"]);
    assert.equal(office.runtime.runs.length, 0);
    assert.equal(office.beating.size, 0);
    await window.controller.configure();
    await window.until("online");
    assert.equal(office.stored()?.userId, "user-2");
  });

  for (const where of ["its records cannot be opened", "a registration cannot be noted"] as const) {
    it(`tells a full disk, and starts when it is mended: ${where}`, async () => {
      const failure = new Error("ENOSPC: no space left on device");
      if (where === "its records cannot be opened") office.makeFailure = failure;
      else office.configurations.failure = failure;
      office.settings = { ...office.settings, name: "Renamed" };
      await window.controller.refresh();
      await window.until("rejected");
      assert.match(window.message, /could not run: ENOSPC.*\. Nothing was deleted\. Start it again/u);
      assert.equal(office.errors.splice(0).length, 1);
      office.makeFailure = undefined;
      office.configurations.failure = undefined;
      await window.controller.start();
      await window.until("online");
    });
  }

  describe("with another window", () => {
    it("waits for it and takes over within 2 seconds", async () => {
      const first = await office.open();
      await first.until("online");
      await window.controller.refresh();
      await window.until("otherWindow");
      await assert.rejects(
        window.controller.start(),
        (error) => error instanceof UserError && error.message.includes("Another window"),
      );
      await office.clock.advance(30_000);
      assert.equal(window.kind, "otherWindow");
      await first.close();
      await window.until("online", 2000);
    });

    it("goes on with the session that the other one ran", async () => {
      const first = await office.open();
      office.platform.add(aSession());
      await first.untilSession("s1", "running", 40_000);
      await window.controller.refresh();
      await window.until("otherWindow");
      await first.close();
      assert.equal(office.journalOf("worker-1").get("s1")?.outcome, "running");
      await window.untilSession("s1", "running", 10_000);
      assert.equal(office.platform.count("claim"), 1);
    });

    for (const by of ["person", "signal"] as const) {
      it(`does not take over a worker that was stopped there by a ${by}`, async () => {
        const first = await office.open();
        await first.until("online");
        await window.controller.refresh();
        await window.until("otherWindow");
        if (by === "person") await first.controller.stop();
        else office.platform.signal("stop");
        await first.until("stopped");
        await office.clock.advance(5000);
        assert.equal(window.kind, "stopped");
        await window.controller.start();
        await window.until("online");
      });
    }

    it("does not take over a worker that was replaced there", async () => {
      const first = await office.open();
      await first.until("online");
      await window.controller.refresh();
      await window.until("otherWindow");
      office.platform.agents = [{ agentId: "a2", name: "Other", executionModes: ["local"] }];
      await first.controller.configure();
      await office.clock.advance(5000);
      assert.deepEqual([...office.beating], ["worker-2"]);
      assert.deepEqual([first.kind, window.kind].sort(), ["online", "otherWindow"]);
      await (first.kind === "online" ? first : window).close();
      await office.clock.advance(2000);
      assert.deepEqual([...office.beating], ["worker-2"]);
    });

    it("replaces the worker that runs there, which gives back what it ran", async () => {
      const first = await office.open();
      office.platform.add(aSession());
      await first.untilSession("s1", "running", 40_000);
      await window.controller.refresh();
      office.platform.agents = [{ agentId: "a2", name: "Other", executionModes: ["local"] }];
      await window.controller.configure();
      await office.clock.advance(10_000);
      assert.deepEqual([...office.beating], ["worker-2"]);
      assert.equal(office.journalOf("worker-1").get("s1")?.outcome, "released");
      assert.deepEqual([first.kind, window.kind].sort(), ["online", "otherWindow"]);
    });

    it("stops the worker that runs there", async () => {
      const first = await office.open();
      await first.until("online");
      await window.controller.refresh();
      await window.until("otherWindow");
      await window.controller.stop();
      await first.until("stopped", 10_000);
      await office.clock.advance(10_000);
      assert.deepEqual([first.kind, window.kind], ["stopped", "stopped"]);
    });

    it("stops waiting when a person says so", async () => {
      const first = await office.open();
      await first.until("online");
      await window.controller.refresh();
      await window.until("otherWindow");
      await window.controller.stop();
      assert.equal(window.kind, "stopped");
      assert.equal(first.kind, "online");
      await first.close();
      await office.clock.advance(5000);
      assert.equal(office.beating.size, 0);
    });
  });
});
