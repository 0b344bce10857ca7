import assert from "node:assert/strict";
import { LockError } from "../../../src/core/ports/machineLock";
import { aSession } from "../../fakes/builders";
import { settle } from "../../fakes/manualClock";
import { folder, Office, type Window } from "../../fakes/office";

describe("the turn to run a folder's worker", () => {
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
  const name = (): string => `worker ${office.live.origin} ${folder}`;

  it("is told why it cannot be had, for good, and tried when a person starts the worker", async () => {
    const message = "A stranger has it. Nothing was started. Close it, then start the worker again.";
    office.lock.failure = new LockError(message, { passing: false });
    await window.controller.refresh();
    await window.until("rejected");
    assert.equal(window.message, message);
    await office.clock.advance(60_000);
    assert.equal(window.kind, "rejected");
    assert.equal(office.beating.size, 0);
    assert.equal(office.errors.splice(0).length, 1);
    office.lock.failure = undefined;
    await window.controller.start();
    await window.until("online");
  });

  it("is told while it cannot be had, once, and comes by itself", async () => {
    const message = "Another container has it. Nothing was started here. Close it there.";
    office.lock.failure = new LockError(message, { passing: true });
    await window.controller.refresh();
    await window.until("rejected");
    await office.clock.advance(60_000);
    assert.equal(window.message, message);
    assert.deepEqual(window.phases, ["stopped", "starting", "rejected"], "it is told once");
    await assert.rejects(window.controller.start(), { message });
    office.lock.failure = undefined;
    await window.until("online", 2000);
  });

  it("is told anew when it cannot be had for another reason", async () => {
    office.lock.failure = new LockError("Another container has it. Close it there.", { passing: true });
    await window.controller.refresh();
    await window.until("rejected");
    const message = "Whoever has it does not answer. Close the window that hangs.";
    office.lock.failure = new LockError(message, { passing: true });
    await office.clock.advance(2000);
    assert.equal(window.message, message);
  });

  it("ends at once when another container took over: hands off, and the attempt is left as it is", async () => {
    await window.controller.refresh();
    office.platform.add(aSession());
    await window.untilSession("s1", "running", 40_000);
    office.lock.failure = new LockError("Another container has it.", { passing: true });
    office.lock.rob(name());
    await settle();
    assert.equal(window.kind, "rejected");
    assert.equal(office.beating.size, 0);
    assert.equal(office.runtime.live.size, 0);
    assert.equal(office.platform.status("s1"), "active", "nothing is told with its claim");
    assert.deepEqual(office.platform.of("s1").finishes, []);
    assert.notEqual(window.session("s1"), "running", "no ghost");
  });

  it("wakes who waits the moment it is free, and only one of them gets it", async () => {
    const first = await office.open();
    await first.until("online");
    const others = [window, office.window(), office.window()];
    for (const one of others) await one.controller.refresh();
    await settle();
    const before = office.clock.monotonic();
    await first.close();
    await settle();
    assert.equal(office.clock.monotonic(), before, "no time passes");
    assert.deepEqual(others.map((one) => one.kind).sort(), ["online", "otherWindow", "otherWindow"]);
  });
});
