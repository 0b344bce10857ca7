import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import { aSession } from "../../fakes/builders";
import { settle } from "../../fakes/manualClock";
import { Office, type Window } from "../../fakes/office";
import { lostAnswer } from "../../fakes/platformErrors";

describe("moving to the sandbox platform and back", () => {
  let office: Office;
  let window: Window;
  beforeEach(async () => {
    office = new Office();
    window = await office.openConfigured();
    office.platform.add(aSession());
    window.controller.pollNow();
    await window.untilSession("s1", "running");
  });
  afterEach(async () => {
    await office.close();
    assert.deepEqual(office.errors, []);
  });

  async function move(to: Office["current"]): Promise<void> {
    office.current = to;
    const done = window.controller.reconnect();
    await office.clock.advance(3000);
    await done;
  }

  it("releases what runs, shows nothing of it, and configures there", async () => {
    office.sandbox.platform.signedIn = false;
    await move(office.sandbox);
    assert.equal(office.platform.status("s1"), "queued");
    assert.equal(window.kind, "signedOut");
    assert.equal(window.store.state.sessions.size, 0);
    assert.equal(window.store.state.agentName, undefined);
    await window.controller.signIn();
    await window.until("online");
    assert.ok(office.stored(office.sandbox) !== undefined);
    assert.equal(office.sandbox.platform.registrations.length, 1);
  });

  it("goes back to the worker of before, each platform with its own", async () => {
    await move(office.sandbox);
    await window.controller.configure();
    await window.until("online");
    await move(office.live);
    await window.until("online");
    assert.equal(office.platform.registrations.length, 1);
    const key = office.stored()?.idempotencyKey;
    assert.notEqual(office.stored(office.sandbox)?.idempotencyKey, key);
  });

  it("goes back though it is not to start by itself, since nobody stopped it", async () => {
    window.autoStart = false;
    await move(office.sandbox);
    assert.equal(window.kind, "notConfigured");
    await move(office.live);
    await window.until("online");
  });

  it("lets everything run on when the platform is the same", async () => {
    await window.controller.reconnect();
    assert.equal(window.session("s1"), "running");
  });

  it("does not wait long for a platform that is gone", async () => {
    office.platform.onCall = () => ({ error: lostAnswer() });
    office.current = office.sandbox;
    const done = window.controller.reconnect();
    await window.until("notConfigured", 20_000);
    await done;
    assert.equal(office.journalOf("worker-1").get("s1")?.outcome, "running");
  });

  it("ends the run when the settings name no platform any more", async () => {
    await move(new UserError("The address is not usable."));
    assert.equal(window.kind, "signedOut");
    assert.equal(office.platform.status("s1"), "queued");
  });

  it("checks only the account of the platform in use", async () => {
    office.sandbox.authentication.set(false);
    await settle();
    assert.equal(window.session("s1"), "running");
  });
});
