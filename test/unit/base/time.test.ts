import assert from "node:assert/strict";
import fc from "fast-check";
import { fullJitterMs, jittered } from "../../../src/base/backoff";
import { abortReason, systemClock } from "../../../src/base/clock";
import { withDeadline } from "../../../src/base/deadline";
import { neverAborted } from "../../../src/base/abort";
import { systemRandom } from "../../../src/base/random";
import { ManualClock, settle } from "../../fakes/manualClock";
import { fixedRandom, seededRandom } from "../../fakes/seededRandom";

describe("backoff", () => {
  const options = { baseMs: 100, maxMs: 1000 };
  const ceilings = [
    [0, 100],
    [1, 200],
    [3, 800],
    [4, 1000],
    [5000, 1000],
  ] as const;
  for (const [attempt, ceiling] of ceilings) {
    it(`waits below ${ceiling} ms at attempt ${attempt}`, () => {
      assert.equal(fullJitterMs(attempt, options, fixedRandom(0)), 0);
      assert.equal(fullJitterMs(attempt, options, fixedRandom(0.999999)), ceiling - 1);
    });
  }

  it("varies an interval by its share both ways", () => {
    assert.equal(jittered(1000, 0.1, fixedRandom(0)), 900);
    assert.equal(jittered(1000, 0.1, fixedRandom(0.5)), 1000);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 }), fc.integer(), (interval, seed) => {
        const wait = jittered(interval, 0.1, seededRandom(seed));
        assert.ok(wait >= Math.floor(interval * 0.9) && wait <= Math.ceil(interval * 1.1));
      }),
    );
  });
});

describe("the machine's clock", () => {
  it("sleeps, and wakes at once when its signal aborts", async () => {
    const before = systemClock.monotonic();
    await systemClock.sleep(5, neverAborted);
    assert.ok(systemClock.monotonic() - before >= 4);
    const stop = new AbortController();
    const long = systemClock.sleep(2 ** 40, stop.signal);
    stop.abort(new Error("enough"));
    await assert.rejects(long, /enough/u);
    await assert.rejects(systemClock.sleep(1, stop.signal), /enough/u);
  });

  it("does not take a sleep too long for one timer as none", async () => {
    const stop = new AbortController();
    const first = await Promise.race([
      systemClock.sleep(2 ** 33, stop.signal).catch(() => "aborted"),
      systemClock.sleep(20, neverAborted).then(() => "still asleep"),
    ]);
    stop.abort(new Error("enough"));
    assert.equal(first, "still asleep");
  });

  it("wraps a reason that is no error", () => {
    assert.equal(abortReason(AbortSignal.abort("why")).message, "aborted: why");
    const error = new Error("itself");
    assert.equal(abortReason(AbortSignal.abort(error)), error);
  });

  it("has random numbers and ids", () => {
    const number = systemRandom.next();
    assert.ok(number >= 0 && number < 1);
    assert.match(systemRandom.uuid(), /^[0-9a-f-]{36}$/u);
  });
});

describe("a deadline", () => {
  const late = new Error("too late");
  it("hands on what comes in time, and leaves no sleep behind", async () => {
    const clock = new ManualClock();
    assert.equal(await withDeadline(clock, 100, late, neverAborted, async () => Promise.resolve(7)), 7);
    await assert.rejects(
      withDeadline(clock, 100, late, neverAborted, async () => Promise.reject(new Error("broken"))),
      /broken/u,
    );
    assert.equal(clock.sleeping, 0);
  });

  it("rejects on time though the task hangs, and aborts the task", async () => {
    const clock = new ManualClock();
    let seen: AbortSignal | undefined;
    const limited = withDeadline(clock, 100, late, neverAborted, (signal) => {
      seen = signal;
      return new Promise<never>(() => undefined);
    });
    const failed = assert.rejects(limited, late);
    await clock.advance(99);
    assert.equal(seen?.aborted, false);
    await clock.advance(1);
    await failed;
    assert.equal(seen.aborted, true);
  });

  it("follows the outer signal", async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const limited = withDeadline(clock, 100, late, stop.signal, () => new Promise<never>(() => undefined));
    stop.abort(new Error("stopped"));
    await assert.rejects(limited, /stopped/u);
    await settle();
    assert.equal(clock.sleeping, 0);
  });
});
