import assert from "node:assert/strict";
import { Watchdog } from "../../../src/runtime/watchdog";
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

  it("while it is held, neither silence nor the turn's limit counts", async () => {
    const clock = new ManualClock();
    const dog = new Watchdog(clock, limits);
    let bitten: string | undefined;
    const watching = dog.watch(new AbortController().signal).then((bite) => (bitten = bite));
    await clock.advance(200);
    const one = dog.hold();
    const other = dog.hold();
    await clock.advance(3_600_000);
    one.dispose();
    await clock.advance(3_600_000);
    assert.equal(bitten, undefined);
    other.dispose();
    await clock.advance(299);
    assert.equal(bitten, undefined, "the silence begins anew");
    for (let at = 299; at < 799; at += 100) {
      dog.heard();
      await clock.advance(100);
    }
    await clock.advance(2);
    assert.equal(await watching, "turnTimeout");
  });

  for (const monotonicRuns of [false, true]) {
    const kind = monotonicRuns ? "runs on" : "stands still";
    it(`a sleep of the machine is no silence of the tool and no time of the turn (the clock ${kind})`, async () => {
      const clock = new ManualClock();
      const dog = new Watchdog(clock, { turnTimeoutMs: 100_000, stallTimeoutMs: 30_000 });
      let bitten: string | undefined;
      const watching = dog.watch(new AbortController().signal).then((bite) => (bitten = bite));
      await clock.advance(29_500);
      clock.suspend(8 * 3_600_000, monotonicRuns);
      await clock.advance(29_000);
      assert.equal(bitten, undefined, "a fresh interval after the sleep");
      for (let at = 0; at < 40_000; at += 10_000) {
        dog.heard();
        await clock.advance(10_000);
      }
      assert.equal(bitten, undefined, "the turn has time left");
      dog.heard();
      await clock.advance(3000);
      assert.equal(await watching, "turnTimeout");
    });
  }

  it("a clock that is set, and a loop that is busy for seconds, put nothing off", async () => {
    const clock = new ManualClock();
    const dog = new Watchdog(clock, { turnTimeoutMs: 100_000, stallTimeoutMs: 30_000 });
    const watching = dog.watch(new AbortController().signal);
    const startedAt = clock.monotonic();
    for (const step of [-3_600_000, 2000, 4000, -500]) {
      await clock.advance(5000);
      clock.jumpWall(step);
    }
    clock.suspend(9000, true);
    await clock.advance(1000);
    assert.equal(await watching, "stalled");
    assert.equal(clock.monotonic() - startedAt, 30_000);
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
