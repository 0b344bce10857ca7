import assert from "node:assert/strict";
import { silentLog } from "../../../src/base/log";
import { LeaseLost } from "../../../src/core/lease";
import { emptyOutbox, type OutboxEntry } from "../../../src/core/outbox";
import { OutboxLog } from "../../../src/core/outboxLog";
import type { Activity, SessionMetadata } from "../../../src/core/ports/platform";
import { Reporter } from "../../../src/core/reporter";
import { claimInactive, lostAnswer, refused } from "../../fakes/platformErrors";
import { FakeJournal } from "../../fakes/fakeMachine";
import { ManualClock, settle } from "../../fakes/manualClock";
import { seededRandom } from "../../fakes/seededRandom";

describe("the reporter", () => {
  let clock: ManualClock;
  let stop: AbortController;
  let sent: { at: number; activity: Activity }[];
  let patches: SessionMetadata[];
  let accepted: number[];
  let answer: (activity: Activity) => Promise<"stored" | "known">;
  let journal: FakeJournal;
  let noted: OutboxEntry[];
  let patch: (metadata: SessionMetadata) => Promise<void>;
  let reporter: Reporter;
  let end: unknown;

  beforeEach(() => {
    clock = new ManualClock();
    stop = new AbortController();
    sent = [];
    patches = [];
    accepted = [];
    answer = async () => Promise.resolve("stored");
    journal = new FakeJournal();
    noted = [];
    patch = async () => Promise.resolve();
    end = undefined;
    start(false);
  });
  afterEach(() => stop.abort(new Error("the test is over")));

  /** A process begins to report; what an earlier one noted is on the disk. */
  function start(continued: boolean, claimId = "c1"): void {
    stop.abort(new Error("a new one starts"));
    stop = new AbortController();
    reporter = new Reporter({
      clock,
      random: seededRandom(3),
      log: silentLog,
      sessionId: "s1",
      continued,
      outbox: new OutboxLog({
        log: silentLog,
        sessionId: "s1",
        initial: journal.outbox("s1", claimId),
        append: async (entry) => {
          noted.push(entry);
          await journal.append("s1", claimId, entry);
        },
      }),
      sendActivity: async (activity) => {
        sent.push({ at: clock.monotonic(), activity });
        return await answer(activity);
      },
      sendMetadata: async (metadata) => {
        patches.push(metadata);
        await patch(metadata);
      },
      onAccepted: (activity) => accepted.push(activity.sequence),
    });
    const { signal } = stop;
    reporter.run(signal).catch((error: unknown) => {
      if (signal === stop.signal) end = error;
    });
  }
  const messages = (): string[] => sent.map((one) => one.activity.message);
  const sequences = (): number[] => sent.map((one) => one.activity.sequence);

  function assertASecondApart(instants: readonly number[]): void {
    const gaps = instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
    assert.ok(
      gaps.every((gap) => gap >= 1000),
      `gaps of ${gaps.join(", ")} ms`,
    );
  }

  it("sends in order, at most one a second, what came between as one", async () => {
    reporter.tell("progress", "one");
    await clock.advance(0);
    for (const text of ["two", "three", "four"]) reporter.tell("progress", text);
    await clock.advance(999);
    assert.deepEqual(messages(), ["one"]);
    await clock.advance(1);
    assert.deepEqual(messages(), ["one", "two\n\nthree\n\nfour"]);
    assert.deepEqual(sequences(), [1, 2]);
    assert.notEqual(sent[0]?.activity.activityId, sent[1]?.activity.activityId);
  });

  it("never merges different kinds, and keeps only the newest of plans in a row", async () => {
    reporter.tell("progress", "first");
    await clock.advance(0);
    reporter.tell("plan", "plan 1");
    reporter.tell("plan", "plan 2");
    reporter.tell("progress", "a");
    reporter.tell("policy", "p1");
    reporter.tell("policy", "p2");
    await clock.advance(10_000);
    assert.deepEqual(messages(), ["first", "plan 2", "a", "p1", "p2"]);
  });

  it("sums up what changes to and fro, plans and progress each as one", async () => {
    reporter.tell("progress", "first");
    await clock.advance(0);
    for (let at = 1; at <= 50; at += 1) {
      reporter.tell("plan", `plan ${at}`);
      reporter.tell("progress", `line ${at}`);
    }
    await clock.advance(2000);
    assert.equal(sent.length, 3);
    assert.equal(messages()[1], "plan 50");
    assert.match(messages()[2] ?? "", /^line 1\n\nline 2\n\n[^]*line 50$/u);
  });

  it("tells a plan only once it has changed", async () => {
    for (const plan of ["a", "a", "b", "b", "a"]) {
      reporter.tell("plan", plan);
      await clock.advance(2000);
    }
    assert.deepEqual(messages(), ["a", "b", "a"]);
  });

  it("tells what has a name once, also in a later process and under a later claim", async () => {
    const tell = async (): Promise<void> => {
      reporter.tell("policy", "said once", "name");
      await clock.advance(2000);
    };
    await tell();
    await tell();
    start(true);
    await tell();
    await journal.append("s1", "c2", { kind: "carried", from: journal.outbox("s1", "c1") });
    start(true, "c2");
    await tell();
    assert.deepEqual(messages(), ["said once"]);
  });

  it("ends what a report begins: nothing takes in what is written after it", async () => {
    reporter.tell("progress", "start");
    await clock.advance(0);
    reporter.tell("progress", "```sh\nnpm test");
    reporter.tell("progress", "<!-- hidden");
    reporter.tell("progress", "seen");
    await clock.advance(1000);
    assert.equal(messages()[1], "```sh\nnpm test\n```\n\n&lt;!-- hidden\n\nseen");
  });

  it("leaves out what is empty and cuts what is too long", async () => {
    reporter.tell("progress", "  \n ");
    reporter.tell("progress", "x".repeat(20_000));
    await clock.advance(3000);
    assert.equal(sent.length, 1);
    assert.equal(sent[0]?.activity.message.length, 10_000);
  });

  it("keeps each merged report inside the limit without losing a line", async () => {
    reporter.tell("progress", "start");
    await clock.advance(0);
    for (let i = 0; i < 5; i += 1) reporter.tell("progress", String(i).repeat(4000));
    await clock.advance(20_000);
    assert.ok(messages().every((message) => message.length <= 10_000));
    assert.equal(messages().join("").replace(/\D/gu, "").length, 20_000);
  });

  it("bounds what waits and says how much it left out", async () => {
    answer = () => new Promise(() => undefined);
    reporter.tell("progress", "first");
    await clock.advance(0);
    answer = async () => Promise.resolve("stored");
    for (let i = 0; i < 10_000; i += 1) reporter.tell("progress", `line ${i}`);
    await settle();
    assert.equal(journal.outbox("s1", "c1").waiting.length, 200, "nor on the disk");
    journal = new FakeJournal();
    start(false);
    for (let i = 0; i < 1000; i += 1) reporter.tell("progress", `line ${i}`);
    await clock.advance(3000);
    assert.match(messages()[1] ?? "", /800 earlier lines left out/u);
    assert.match(messages().at(-1) ?? "", /line 999$/u);
  });

  it("sends one a second at the end too, and resolves only when all has left", async () => {
    for (const type of ["progress", "plan", "policy", "completion"] as const) reporter.tell(type, type);
    reporter.note({ providerStatus: "completed" });
    let flushed = false;
    const flush = reporter.flush().then(() => (flushed = true));
    await clock.advance(2999);
    assert.equal(flushed, false);
    await clock.advance(1);
    await flush;
    assert.deepEqual(messages(), ["progress", "plan", "policy", "completion"]);
    assert.deepEqual(
      sent.map((one) => one.at),
      [0, 1000, 2000, 3000],
    );
    await reporter.flush();
  });

  it("sends metadata before the last activity, merged, and only what changed", async () => {
    reporter.note({ model: "m", providerStatus: "running" });
    await clock.advance(0);
    reporter.note({ model: "m", providerStatus: "running" });
    reporter.note({ providerTurnId: "t1" });
    reporter.note({ providerTurnId: "t2" });
    await clock.advance(2000);
    assert.deepEqual(patches, [{ model: "m", providerStatus: "running" }, { providerTurnId: "t2" }]);
  });

  it("lets a stream of metadata starve no activity and flood nobody", async () => {
    for (let i = 0; i < 100; i += 1) {
      reporter.note({ providerTurnId: `t${i}` });
      if (i === 50) reporter.tell("progress", "hello");
      await clock.advance(100);
    }
    assert.deepEqual(messages(), ["hello"]);
    assert.ok(patches.length <= 11, `${patches.length} patches in 10 s`);
    await clock.advance(2000);
    assert.equal(patches.at(-1)?.providerTurnId, "t99");
  });

  it("sends the same activity again after an unknown outcome, a 5xx or a 429", async () => {
    const errors = [lostAnswer(), refused("server"), refused("rateLimited", "wait", 7000)];
    answer = async () => {
      const error = errors.shift();
      if (error !== undefined) throw error;
      return await Promise.resolve("stored");
    };
    reporter.tell("progress", "one");
    await clock.advance(60_000);
    assert.equal(sent.length, 4);
    assert.equal(new Set(sent.map((one) => one.activity.activityId)).size, 1);
    assert.deepEqual(sequences(), [1, 1, 1, 1]);
    assert.ok((sent[3]?.at ?? 0) - (sent[2]?.at ?? 0) >= 7000);
    assert.deepEqual(accepted, [1]);
  });

  it("waits a second after an activity that had to be sent again", async () => {
    const errors = [lostAnswer(), refused("rateLimited", "wait", 5000)];
    answer = async () => {
      const error = errors.shift();
      if (error !== undefined) throw error;
      return await Promise.resolve("stored");
    };
    reporter.tell("policy", "one");
    reporter.tell("policy", "two");
    reporter.tell("policy", "three");
    await clock.advance(60_000);
    assert.deepEqual(messages(), ["one", "one", "one", "two", "three"]);
    assertASecondApart(sent.slice(2).map((one) => one.at));
  });

  it("uses the number of a refused activity again, and leaves that one out", async () => {
    answer = async (activity) =>
      activity.message === "bad" ? Promise.reject(refused("badRequest")) : Promise.resolve("stored");
    reporter.tell("policy", "bad");
    reporter.tell("progress", "good");
    await clock.advance(5000);
    assert.deepEqual(messages(), ["bad", "good"]);
    assert.deepEqual(sequences(), [1, 1]);
  });

  it("goes on after metadata that is refused", async () => {
    patch = async () => Promise.reject(refused("badRequest"));
    reporter.note({ model: "m" });
    reporter.tell("progress", "one");
    await clock.advance(2000);
    assert.equal(patches.length, 1);
    assert.deepEqual(messages(), ["one"]);
  });

  it("searches for the number after a restart, then drops only what is refused for its content", async () => {
    journal.outboxes.set("s1 c1", { ...emptyOutbox, sequence: 4 });
    start(true);
    answer = async (activity) =>
      activity.sequence < 7 ? Promise.reject(refused("badRequest")) : Promise.resolve("stored");
    reporter.tell("progress", "one");
    await clock.advance(2000);
    assert.deepEqual(sequences(), [5, 6, 7]);
    answer = async () => Promise.reject(refused("badRequest"));
    reporter.tell("progress", "two");
    await clock.advance(2000);
    assert.deepEqual(sequences(), [5, 6, 7, 8]);
    assert.deepEqual(accepted, [7]);
  });

  it("ends a search that finds nothing", async () => {
    journal.outboxes.set("s1 c1", { ...emptyOutbox, sequence: 4 });
    start(true);
    answer = async () => Promise.reject(refused("badRequest"));
    reporter.tell("progress", "one");
    await clock.advance(5000);
    assert.equal(sent.length, 21);
    assert.equal(end, undefined);
  });

  it("ends with LeaseLost when the claim is refused, and sends nothing more", async () => {
    answer = async () => Promise.reject(claimInactive());
    reporter.tell("progress", "one");
    reporter.tell("plan", "two");
    await clock.advance(10_000);
    assert.ok(end instanceof LeaseLost);
    assert.equal(sent.length, 1);
  });

  it("ends in the middle of a wait when its signal aborts, and sends nothing more", async () => {
    answer = async () => Promise.reject(lostAnswer());
    reporter.tell("progress", "one");
    await clock.advance(100);
    stop.abort(new Error("over"));
    await clock.advance(60_000);
    assert.match(String(end), /over/u);
    assert.equal(clock.sleeping, 0);
    const calls = sent.length;
    reporter.tell("progress", "two");
    await clock.advance(5000);
    assert.equal(sent.length, calls);
  });

  it("ends in the pause between two activities when its signal aborts", async () => {
    reporter.tell("progress", "one");
    await clock.advance(10);
    reporter.tell("progress", "two");
    await clock.advance(10);
    stop.abort(new Error("over"));
    await clock.advance(5000);
    assert.deepEqual(messages(), ["one"]);
    assert.match(String(end), /over/u);
  });

  describe("after the death of a process", () => {
    /** The process dies: nothing that it waits for is answered, and a new one reads the disk. */
    async function die(claimId?: string): Promise<void> {
      await settle();
      start(true, claimId);
      await settle();
    }
    const hang = (): Promise<never> => new Promise(() => undefined);

    it("notes an activity before it leaves, and that it was accepted after", async () => {
      answer = async () => {
        assert.equal(journal.outbox("s1", "c1").sending?.message, "one");
        assert.equal(journal.outbox("s1", "c1").waiting.length, 0);
        return await Promise.resolve("stored");
      };
      reporter.tell("progress", "one");
      await clock.advance(1000);
      assert.deepEqual(
        noted.map((entry) => entry.kind),
        ["said", "sending", "accepted"],
      );
      assert.equal(journal.outbox("s1", "c1").sequence, 1);
    });

    it("sends what was on its way again, the same in every byte, before anything else", async () => {
      answer = hang;
      reporter.tell("progress", "one");
      reporter.tell("policy", "two");
      reporter.note({ model: "m" });
      await clock.advance(5000);
      answer = async () => Promise.resolve("known");
      patches = [];
      await die();
      reporter.tell("progress", "three");
      await clock.advance(10_000);
      assert.deepEqual(sent[1]?.activity, sent[0]?.activity);
      assert.deepEqual(messages(), ["one", "one", "two", "three"]);
      assert.deepEqual(sequences(), [1, 1, 2, 3]);
      assert.deepEqual(patches, []);
    });

    it("sends one a second, also after what was on its way", async () => {
      answer = hang;
      for (const text of ["one", "two", "three"]) reporter.tell("policy", text);
      await clock.advance(5000);
      answer = async () => Promise.resolve("stored");
      await die();
      await clock.advance(10_000);
      assert.deepEqual(messages(), ["one", "one", "two", "three"]);
      assertASecondApart(sent.map((one) => one.at));
    });

    it("sends no metadata again that was accepted, unless under another claim", async () => {
      reporter.note({ model: "m", providerTurnId: "t" });
      await clock.advance(2000);
      await die();
      reporter.note({ model: "m", providerTurnId: "t2" });
      await clock.advance(2000);
      await journal.append("s1", "c2", { kind: "carried", from: journal.outbox("s1", "c1") });
      await die("c2");
      reporter.note({ model: "m" });
      await clock.advance(2000);
      assert.deepEqual(patches, [
        { model: "m", providerTurnId: "t" },
        { providerTurnId: "t2" },
        { model: "m" },
      ]);
    });

    it("sends what waited, and metadata that was not accepted", async () => {
      patch = hang;
      reporter.note({ model: "m" });
      reporter.tell("progress", "one");
      await clock.advance(5000);
      assert.equal(sent.length, 0);
      patch = async () => Promise.resolve();
      await die();
      await clock.advance(5000);
      assert.deepEqual(patches, [{ model: "m" }, { model: "m" }]);
      assert.deepEqual(messages(), ["one"]);
    });

    it("tells the last activity again under its id, which is stored once", async () => {
      const last = {
        activityId: "11111111-1111-4111-8111-111111111111",
        type: "completion",
        text: "Done",
      } as const;
      await reporter.tellLast(last);
      answer = async () => Promise.resolve("known");
      await die();
      await reporter.tellLast(last);
      assert.deepEqual(
        sent.map((one) => one.activity.activityId),
        [last.activityId, last.activityId],
      );
    });

    it("goes on under a new claim, where what was stored under the old one uses up no number", async () => {
      answer = hang;
      reporter.tell("progress", "one");
      await clock.advance(1000);
      reporter.tell("progress", "two");
      await settle();
      await journal.append("s1", "c2", { kind: "carried", from: journal.outbox("s1", "c1") });
      answer = async (activity) => Promise.resolve(activity.message === "one" ? "known" : "stored");
      await die("c2");
      await clock.advance(5000);
      assert.deepEqual(messages(), ["one", "one", "two"]);
      assert.equal(sent[1]?.activity.activityId, sent[0]?.activity.activityId);
      assert.deepEqual(sequences(), [1, 1, 1]);
      assert.equal(journal.outbox("s1", "c2").sequence, 1);
    });

    it("finds the number where what was carried had been stored under the new claim already", async () => {
      answer = hang;
      reporter.tell("progress", "one");
      await clock.advance(1000);
      await journal.append("s1", "c2", { kind: "carried", from: journal.outbox("s1", "c1") });
      // It is stored under the new claim, and the answer is lost: sent again it is known.
      answer = async (activity) => {
        if (activity.message === "one") return await Promise.resolve("known");
        if (activity.sequence === 1) throw refused("badRequest");
        return await Promise.resolve("stored");
      };
      await die("c2");
      reporter.tell("policy", "two");
      reporter.tell("plan", "three");
      await clock.advance(5000);
      assert.deepEqual(messages(), ["one", "one", "two", "two", "three"]);
      assert.deepEqual(sequences(), [1, 1, 1, 2, 3]);
    });
  });

  it("lets nothing come between the last activity and the finish", async () => {
    reporter.tell("progress", "one");
    const last = {
      activityId: "11111111-1111-4111-8111-111111111111",
      type: "completion",
      text: "Done",
    } as const;
    const told = reporter.tellLast(last);
    reporter.tell("progress", "too late");
    await clock.advance(1000);
    await told;
    reporter.tell("progress", "much too late");
    await clock.advance(5000);
    assert.deepEqual(messages(), ["one", "Done"]);
  });

  it("reports though the disk takes no note, and notes everything once it does again", async () => {
    journal.failure = new Error("ENOSPC");
    reporter.tell("progress", "one");
    await clock.advance(2000);
    reporter.tell("progress", "two");
    await clock.advance(2000);
    assert.deepEqual(messages(), ["one", "two"]);
    journal.failure = undefined;
    answer = () => new Promise(() => undefined);
    reporter.tell("progress", "three");
    await clock.advance(2000);
    const { sequence, sending, waiting } = journal.outbox("s1", "c1");
    assert.equal(sequence, 2);
    assert.equal(sending?.message, "three");
    assert.deepEqual(waiting, []);
  });
});
