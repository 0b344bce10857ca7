import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import { Waker } from "../../../src/core/waker";
import { ManualClock, settle } from "../../fakes/manualClock";

describe("the waker", () => {
  it("sleeps its time, ends early when woken, and keeps a wake-up that came before", async () => {
    const clock = new ManualClock();
    const waker = new Waker(clock);
    let woken = 0;
    const nap = (): Promise<void> => waker.sleep(1000, neverAborted).then(() => void (woken += 1));
    const first = nap();
    await clock.advance(999);
    assert.equal(woken, 0);
    await clock.advance(1);
    await first;
    const second = nap();
    waker.wake();
    waker.wake();
    await second;
    waker.wake();
    await nap();
    assert.equal(woken, 3);
    const fourth = nap();
    await settle();
    assert.equal(woken, 3, "wake-ups of before do not add up");
    await clock.advance(1000);
    await fourth;
    assert.equal(clock.sleeping, 0);
  });

  it("ends with its signal, even when it was woken too", async () => {
    const clock = new ManualClock();
    const waker = new Waker(clock);
    const stop = new AbortController();
    const nap = waker.sleep(1000, stop.signal);
    stop.abort(new Error("over"));
    waker.wake();
    await assert.rejects(nap, /over/u);
    await assert.rejects(waker.sleep(1000, stop.signal), /over/u);
  });
});
