import assert from "node:assert/strict";
import { Watchdog } from "../../../src/runtime/codex/watchdog";
import { ManualClock } from "../../fakes/manualClock";

describe("the watchdog of a turn", () => {
  const limits = { turnTimeoutMs: 1000, stallTimeoutMs: 300 };

  it("bites after silence", async () => {
    const clock = new ManualClock();
    const bite = new Watchdog(clock, limits).watch(new AbortController().signal);
    await clock.advance(301);
    assert.equal(await bite, "stalled");
  });

  it("every word puts the silence off, but not the turn's limit", async () => {
    const clock = new ManualClock();
    const dog = new Watchdog(clock, limits);
    let bitten: string | undefined;
    const watching = dog.watch(new AbortController().signal).then((bite) => (bitten = bite));
    for (let at = 0; at < 900; at += 100) {
      await clock.advance(100);
      dog.heard();
      assert.equal(bitten, undefined);
    }
    await clock.advance(101);
    assert.equal(await watching, "turnTimeout");
  });

  it("the silence counts from the start of watching, not of the process", async () => {
    const clock = new ManualClock();
    const dog = new Watchdog(clock, limits);
    await clock.advance(10_000);
    let bitten: string | undefined;
    const watching = dog.watch(new AbortController().signal).then((bite) => (bitten = bite));
    await clock.advance(299);
    assert.equal(bitten, undefined);
    await clock.advance(2);
    assert.equal(await watching, "stalled");
  });

  it("ends with the signal's reason and leaves no sleep behind", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const reason = new Error("over");
    const watching = new Watchdog(clock, limits).watch(controller.signal);
    controller.abort(reason);
    await assert.rejects(watching, (error) => error === reason);
    assert.equal(clock.sleeping, 0);
  });
});
