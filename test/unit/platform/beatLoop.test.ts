import assert from "node:assert/strict";
import { LinkedAbort } from "../../../src/base/abort";
import { Waker } from "../../../src/core/waker";
import { runBeats, type BeatLoopDeps } from "../../../src/platform/heartbeat/beatLoop";
import { BeatSchedule, usualTimes } from "../../../src/platform/heartbeat/schedule";
import type { TryResult } from "../../../src/platform/heartbeat/sendBeat";
import { ManualClock } from "../../fakes/manualClock";

const accepted: TryResult = { kind: "accepted" };
const down: TryResult = { kind: "failed", reason: "unreachable", message: "down", retry: true };

describe("BeatSchedule", () => {
  it("keeps absolute deadlines however late a beat was", () => {
    const schedule = new BeatSchedule(usualTimes, 0);
    schedule.advance(1700);
    assert.equal(schedule.dueAt, 10_000);
    schedule.advance(10_000);
    assert.equal(schedule.dueAt, 20_000);
  });
  it("does not skip the deadline at which tries in vain have ended", () => {
    const schedule = new BeatSchedule(usualTimes, 0);
    schedule.advance(10_000, "failed");
    assert.equal(schedule.dueAt, 10_000);
    schedule.advance(10_400, "failed");
    assert.equal(schedule.dueAt, 20_000);
    schedule.advance(45_000, "failed");
    assert.equal(schedule.dueAt, 40_000, "the missed ones are one, due at once");
  });
  it("makes many missed deadlines one beat", () => {
    const schedule = new BeatSchedule(usualTimes, 0);
    schedule.advance(57_000);
    assert.equal(schedule.dueAt, 60_000);
  });
  it("fits two tries, and the main thread's, into the margin of 2 s", () => {
    assert.ok(usualTimes.quickTries * usualTimes.quickCutOffMs <= 1_700);
    assert.ok(usualTimes.quickTries >= 2);
  });
});

describe("runBeats", () => {
  let clock: ManualClock;
  let life: LinkedAbort;
  /** Monotonic instants at which tries left. */
  let sent: number[];
  let told: string[];
  let lastSignAt: () => number;
  let waker: Waker;

  /** @param answers result and duration of each try; the last one stands for all later ones. */
  const run = (
    answers: readonly (readonly [TryResult | undefined, number])[],
    more: Partial<BeatLoopDeps> = {},
  ): Promise<string> => {
    const result = runBeats(
      {
        clock,
        times: usualTimes,
        send: async (cutOffMs) => {
          const [answer, tookMs] = answers[Math.min(sent.length, answers.length - 1)] ?? [accepted, 0];
          sent.push(clock.monotonic());
          if (tookMs > 0) await clock.sleep(Math.min(tookMs, cutOffMs), life.signal);
          return tookMs > cutOffMs ? down : answer;
        },
        onAccepted: () => told.push("accepted"),
        onFailed: (reason) => told.push(reason),
        newToken: async (ms, signal) => {
          await clock.sleep(ms, signal);
          return false;
        },
        lastSignAt: () => lastSignAt(),
        waker,
        ...more,
      },
      0,
      life.signal,
    );
    return result.catch(() => "aborted");
  };

  beforeEach(() => {
    clock = new ManualClock();
    life = new LinkedAbort();
    waker = new Waker(clock);
    sent = [];
    told = [];
    lastSignAt = () => clock.monotonic();
  });
  afterEach(() => life.abort(new Error("over")));

  it("beats at 0, 10, 20 s, also when answers take time", async () => {
    void run([[accepted, 300]]);
    await clock.advance(25_000);
    assert.deepEqual(sent, [0, 10_000, 20_000]);
  });

  it("cuts a silent try off and tries again at once, inside the margin", async () => {
    void run([
      [accepted, 0],
      [accepted, 60_000],
      [accepted, 100],
    ]);
    await clock.advance(21_000);
    assert.deepEqual(sent, [0, 10_000, 10_800, 20_000]);
    assert.deepEqual(told, ["accepted", "accepted", "accepted"]);
  });

  it("tells of a failure when the margin is nearly used up, and goes on trying", async () => {
    void run([
      [accepted, 0],
      [down, 0],
      [down, 0],
      [down, 0],
      [accepted, 0],
    ]);
    await clock.advance(19_000);
    assert.deepEqual(told, ["accepted", "unreachable", "accepted"]);
    assert.deepEqual(sent, [0, 10_000, 10_000, 10_500, 11_000]);
  });

  it("keeps the deadlines through an outage", async () => {
    void run([[down, 0]]);
    await clock.advance(30_000);
    for (const due of [0, 10_000, 20_000, 30_000]) assert.ok(sent.includes(due), `${due}`);
    assert.equal(told.filter((one) => one === "unreachable").length, 4);
  });

  it("skips no beat when the tries of the one before last until it is due", async () => {
    void run([
      [accepted, 0],
      [accepted, 60_000],
    ]);
    await clock.advance(45_000);
    for (const due of [10_000, 20_000, 30_000, 40_000]) assert.ok(sent.includes(due), `${due}`);
  });

  it("does not hammer a platform that refuses", async () => {
    void run([[{ kind: "failed", reason: "rejected", message: "404", retry: false }, 0]]);
    await clock.advance(25_000);
    assert.deepEqual(sent, [0, 10_000, 20_000]);
    assert.deepEqual(told, ["rejected", "rejected", "rejected"]);
  });

  it("waits for a token and beats as soon as there is one", async () => {
    let hasToken = false;
    void run(
      [
        [undefined, 0],
        [accepted, 0],
      ],
      {
        newToken: async (ms, signal) => {
          const until = clock.monotonic() + ms;
          while (!hasToken && clock.monotonic() < until) await clock.sleep(100, signal);
          return hasToken;
        },
      },
    );
    await clock.advance(3000);
    assert.deepEqual(told, ["unauthorized"]);
    hasToken = true;
    await clock.advance(200);
    assert.deepEqual(told, ["unauthorized", "accepted"]);
  });

  it("asks a platform that refuses every token three times for one beat, no more", async () => {
    void run([[{ kind: "unauthorized" }, 0]], { newToken: () => Promise.resolve(true) });
    await clock.advance(9000);
    assert.equal(sent.length, 3);
  });

  it("beats at once after the machine slept", async () => {
    void run([[accepted, 0]]);
    await clock.advance(4500);
    clock.jumpWall(3_600_000);
    await clock.advance(1000);
    assert.deepEqual(sent, [0, 5000]);
    await clock.advance(10_000);
    assert.deepEqual(sent, [0, 5000, 15_000]);
  });

  it("beats at once when told to, and keeps its rhythm from there", async () => {
    void run([[accepted, 0]]);
    await clock.advance(4500);
    waker.wake();
    await clock.advance(20_000);
    assert.deepEqual(sent, [0, 4500, 14_500, 24_500]);
  });

  it("takes a sleep of the machine for no silence of the main thread", async () => {
    lastSignAt = () => 4000;
    void run([[accepted, 0]]);
    await clock.advance(4500);
    clock.suspend(3_600_000, true);
    await clock.advance(1000);
    assert.equal(sent.length, 2);
    await clock.advance(30_000);
    assert.equal(sent.length, 5);
  });

  it("is not disturbed by a wall clock that is set back", async () => {
    void run([[accepted, 0]]);
    await clock.advance(4500);
    clock.jumpWall(-3_600_000);
    await clock.advance(20_000);
    assert.deepEqual(sent, [0, 10_000, 20_000]);
  });

  const asked = (askedMs: number): TryResult => {
    return { kind: "failed", reason: "unreachable", message: "429", retry: false, askedMs };
  };

  it("waits as long as a 429 asks, and tells of it once", async () => {
    void run([
      [accepted, 0],
      [asked(90_000), 0],
      [accepted, 0],
    ]);
    await clock.advance(115_000);
    assert.deepEqual(sent, [0, 10_000, 100_000, 110_000]);
    assert.deepEqual(told, ["accepted", "unreachable", "accepted", "accepted"]);
  });

  it("never waits so long that the platform would take the worker for dead", async () => {
    void run([
      [accepted, 0],
      [asked(900_000), 0],
    ]);
    await clock.advance(260_000);
    assert.deepEqual(sent, [0, 10_000, 240_000, 250_000, 260_000]);
  });

  it("ends a wait that the platform asked for before a sleep, and keeps one that has not passed", async () => {
    void run([
      [accepted, 0],
      [asked(90_000), 0],
    ]);
    await clock.advance(20_000);
    waker.wake();
    await clock.advance(10_000);
    assert.deepEqual(sent, [0, 10_000]);
    clock.suspend(3_600_000);
    await clock.advance(1000);
    assert.deepEqual(sent, [0, 10_000, 31_000]);
  });

  it("ends after 60 s without a sign of life from the main thread", async () => {
    lastSignAt = () => 15_000;
    const end = run([[accepted, 0]]);
    await clock.advance(90_000);
    assert.equal(await end, "silent");
    assert.equal(sent.at(-1), 70_000);
  });
});
