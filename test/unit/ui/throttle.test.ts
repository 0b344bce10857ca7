import assert from "node:assert/strict";
import { Throttle, tickLoop } from "../../../src/ui/throttle";
import { settled, StillClock } from "./kit";

describe("throttle", () => {
  it("runs at once, then at most once a gap", async () => {
    const clock = new StillClock();
    let runs = 0;
    const throttle = new Throttle(() => runs++, 250, clock);
    const seen: number[] = [];
    for (let n = 0; n < 100; n++) {
      throttle.request();
      throttle.request();
      await clock.advance(10);
      seen.push(runs);
    }
    assert.equal(seen[0], 1);
    assert.equal(runs, 5, "1 at once and 4 in the second that followed");
    throttle.dispose();
  });

  it("never loses the last request", async () => {
    const clock = new StillClock();
    let value = 0;
    let drawn = 0;
    const throttle = new Throttle(() => (drawn = value), 250, clock);
    throttle.request();
    value = 7;
    throttle.request();
    assert.equal(drawn, 0);
    await clock.advance(250);
    assert.equal(drawn, 7);
    throttle.dispose();
  });

  it("runs no more after disposal", async () => {
    const clock = new StillClock();
    let runs = 0;
    const throttle = new Throttle(() => runs++, 250, clock);
    throttle.request();
    throttle.request();
    throttle.dispose();
    await clock.advance(1_000);
    throttle.request();
    assert.equal(runs, 1);
  });
});

describe("tick loop", () => {
  it("ticks until its signal aborts, and then ends", async () => {
    const clock = new StillClock();
    const abort = new AbortController();
    let ticks = 0;
    const loop = tickLoop(() => ticks++, 1_000, clock, abort.signal);
    for (let n = 0; n < 3; n++) await clock.advance(1_000);
    assert.equal(ticks, 3);
    abort.abort(new Error("over"));
    await loop;
    await settled();
    assert.equal(ticks, 3);
  });
});
