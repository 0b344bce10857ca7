import assert from "node:assert/strict";
import { LeaseLost } from "../../../src/core/lease";
import { emptyOutbox } from "../../../src/core/outbox";
import { FakeJournal } from "../../fakes/fakeMachine";
import { claimInactive, lostAnswer, refused } from "../../fakes/platformErrors";
import { settle } from "../../fakes/manualClock";
import { assertASecondApart, ReporterStage } from "./reporterStage";

describe("the reporter", () => {
  let stage: ReporterStage;

  beforeEach(() => (stage = new ReporterStage()));
  afterEach(() => stage.stop.abort(new Error("the test is over")));

  it("sends in order, at most one a second, what came between as one", async () => {
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(0);
    for (const text of ["two", "three", "four"]) stage.reporter.tell("progress", text);
    await stage.clock.advance(999);
    assert.deepEqual(stage.messages(), ["one"]);
    await stage.clock.advance(1);
    assert.deepEqual(stage.messages(), ["one", "two\n\nthree\n\nfour"]);
    assert.deepEqual(stage.sequences(), [1, 2]);
    assert.notEqual(stage.sent[0]?.activity.activityId, stage.sent[1]?.activity.activityId);
  });

  it("never merges different kinds, and keeps only the newest of plans in a row", async () => {
    stage.reporter.tell("progress", "first");
    await stage.clock.advance(0);
    stage.reporter.tell("plan", "plan 1");
    stage.reporter.tell("plan", "plan 2");
    stage.reporter.tell("progress", "a");
    stage.reporter.tell("policy", "p1");
    stage.reporter.tell("policy", "p2");
    await stage.clock.advance(10_000);
    assert.deepEqual(stage.messages(), ["first", "plan 2", "a", "p1", "p2"]);
  });

  it("sums up what changes to and fro, plans and progress each as one", async () => {
    stage.reporter.tell("progress", "first");
    await stage.clock.advance(0);
    for (let at = 1; at <= 50; at += 1) {
      stage.reporter.tell("plan", `plan ${at}`);
      stage.reporter.tell("progress", `line ${at}`);
    }
    await stage.clock.advance(2000);
    assert.equal(stage.sent.length, 3);
    assert.equal(stage.messages()[1], "plan 50");
    assert.match(stage.messages()[2] ?? "", /^line 1\n\nline 2\n\n[^]*line 50$/u);
  });

  it("tells a plan only once it has changed", async () => {
    for (const plan of ["a", "a", "b", "b", "a"]) {
      stage.reporter.tell("plan", plan);
      await stage.clock.advance(2000);
    }
    assert.deepEqual(stage.messages(), ["a", "b", "a"]);
  });

  it("tells what has a name once, also in a later process and under a later claim", async () => {
    const tell = async (): Promise<void> => {
      stage.reporter.tell("policy", "said once", "name");
      await stage.clock.advance(2000);
    };
    await tell();
    await tell();
    stage.start(true);
    await tell();
    await stage.journal.append("s1", "c2", { kind: "carried", from: stage.journal.outbox("s1", "c1") });
    stage.start(true, "c2");
    await tell();
    assert.deepEqual(stage.messages(), ["said once"]);
  });

  it("ends what a report begins: nothing takes in what is written after it", async () => {
    stage.reporter.tell("progress", "start");
    await stage.clock.advance(0);
    stage.reporter.tell("progress", "```sh\nnpm test");
    stage.reporter.tell("progress", "<!-- hidden");
    stage.reporter.tell("progress", "seen");
    await stage.clock.advance(1000);
    assert.equal(stage.messages()[1], "```sh\nnpm test\n```\n\n&lt;!-- hidden\n\nseen");
  });

  it("leaves out what is empty and cuts what is too long", async () => {
    stage.reporter.tell("progress", "  \n ");
    stage.reporter.tell("progress", "x".repeat(20_000));
    await stage.clock.advance(3000);
    assert.equal(stage.sent.length, 1);
    assert.equal(stage.sent[0]?.activity.message.length, 10_000);
  });

  it("keeps each merged report inside the limit without losing a line", async () => {
    stage.reporter.tell("progress", "start");
    await stage.clock.advance(0);
    for (let i = 0; i < 5; i += 1) stage.reporter.tell("progress", String(i).repeat(4000));
    await stage.clock.advance(20_000);
    assert.ok(stage.messages().every((message) => message.length <= 10_000));
    assert.equal(stage.messages().join("").replace(/\D/gu, "").length, 20_000);
  });

  it("bounds what waits and says how much it left out", async () => {
    stage.answer = () => new Promise(() => undefined);
    stage.reporter.tell("progress", "first");
    await stage.clock.advance(0);
    stage.answer = async () => Promise.resolve("stored");
    for (let i = 0; i < 10_000; i += 1) stage.reporter.tell("progress", `line ${i}`);
    await settle();
    assert.equal(stage.journal.outbox("s1", "c1").waiting.length, 200, "nor on the disk");
    stage.journal = new FakeJournal();
    stage.start(false);
    for (let i = 0; i < 1000; i += 1) stage.reporter.tell("progress", `line ${i}`);
    await stage.clock.advance(3000);
    assert.match(stage.messages()[1] ?? "", /800 earlier lines left out/u);
    assert.match(stage.messages().at(-1) ?? "", /line 999$/u);
  });

  it("sends one a second at the end too, and resolves only when all has left", async () => {
    for (const type of ["progress", "plan", "policy", "completion"] as const) stage.reporter.tell(type, type);
    stage.reporter.note({ providerStatus: "completed" });
    let flushed = false;
    const flush = stage.reporter.flush().then(() => (flushed = true));
    await stage.clock.advance(2999);
    assert.equal(flushed, false);
    await stage.clock.advance(1);
    await flush;
    assert.deepEqual(stage.messages(), ["progress", "plan", "policy", "completion"]);
    assert.deepEqual(
      stage.sent.map((one) => one.at),
      [0, 1000, 2000, 3000],
    );
    await stage.reporter.flush();
  });

  it("sends metadata before the last activity, merged, and only what changed", async () => {
    stage.reporter.note({ model: "m", providerStatus: "running" });
    await stage.clock.advance(0);
    stage.reporter.note({ model: "m", providerStatus: "running" });
    stage.reporter.note({ providerTurnId: "t1" });
    stage.reporter.note({ providerTurnId: "t2" });
    await stage.clock.advance(2000);
    assert.deepEqual(stage.patches, [{ model: "m", providerStatus: "running" }, { providerTurnId: "t2" }]);
  });

  it("lets a stream of metadata starve no activity and flood nobody", async () => {
    for (let i = 0; i < 100; i += 1) {
      stage.reporter.note({ providerTurnId: `t${i}` });
      if (i === 50) stage.reporter.tell("progress", "hello");
      await stage.clock.advance(100);
    }
    assert.deepEqual(stage.messages(), ["hello"]);
    assert.ok(stage.patches.length <= 11, `${stage.patches.length} patches in 10 s`);
    await stage.clock.advance(2000);
    assert.equal(stage.patches.at(-1)?.providerTurnId, "t99");
  });

  it("sends the same activity again after an unknown outcome, a 5xx or a 429", async () => {
    const errors = [lostAnswer(), refused("server"), refused("rateLimited", "wait", 7000)];
    stage.answer = async () => {
      const error = errors.shift();
      if (error !== undefined) throw error;
      return await Promise.resolve("stored");
    };
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(60_000);
    assert.equal(stage.sent.length, 4);
    assert.equal(new Set(stage.sent.map((one) => one.activity.activityId)).size, 1);
    assert.deepEqual(stage.sequences(), [1, 1, 1, 1]);
    assert.ok((stage.sent[3]?.at ?? 0) - (stage.sent[2]?.at ?? 0) >= 7000);
    assert.deepEqual(stage.accepted, [1]);
  });

  it("waits a second after an activity that had to be sent again", async () => {
    const errors = [lostAnswer(), refused("rateLimited", "wait", 5000)];
    stage.answer = async () => {
      const error = errors.shift();
      if (error !== undefined) throw error;
      return await Promise.resolve("stored");
    };
    stage.reporter.tell("policy", "one");
    stage.reporter.tell("policy", "two");
    stage.reporter.tell("policy", "three");
    await stage.clock.advance(60_000);
    assert.deepEqual(stage.messages(), ["one", "one", "one", "two", "three"]);
    assertASecondApart(stage.sent.slice(2).map((one) => one.at));
  });

  it("uses the number of a refused activity again, and leaves that one out", async () => {
    stage.answer = async (activity) =>
      activity.message === "bad" ? Promise.reject(refused("badRequest")) : Promise.resolve("stored");
    stage.reporter.tell("policy", "bad");
    stage.reporter.tell("progress", "good");
    await stage.clock.advance(5000);
    assert.deepEqual(stage.messages(), ["bad", "good"]);
    assert.deepEqual(stage.sequences(), [1, 1]);
  });

  it("goes on after metadata that is refused", async () => {
    stage.patch = async () => Promise.reject(refused("badRequest"));
    stage.reporter.note({ model: "m" });
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(2000);
    assert.equal(stage.patches.length, 1);
    assert.deepEqual(stage.messages(), ["one"]);
  });

  it("searches for the number after a restart, then drops only what is refused for its content", async () => {
    stage.journal.outboxes.set("s1 c1", { ...emptyOutbox, sequence: 4 });
    stage.start(true);
    stage.answer = async (activity) =>
      activity.sequence < 7 ? Promise.reject(refused("badRequest")) : Promise.resolve("stored");
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(2000);
    assert.deepEqual(stage.sequences(), [5, 6, 7]);
    stage.answer = async () => Promise.reject(refused("badRequest"));
    stage.reporter.tell("progress", "two");
    await stage.clock.advance(2000);
    assert.deepEqual(stage.sequences(), [5, 6, 7, 8]);
    assert.deepEqual(stage.accepted, [7]);
  });

  it("ends a search that finds nothing", async () => {
    stage.journal.outboxes.set("s1 c1", { ...emptyOutbox, sequence: 4 });
    stage.start(true);
    stage.answer = async () => Promise.reject(refused("badRequest"));
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(5000);
    assert.equal(stage.sent.length, 21);
    assert.equal(stage.end, undefined);
  });

  it("ends with LeaseLost when the claim is refused, and sends nothing more", async () => {
    stage.answer = async () => Promise.reject(claimInactive());
    stage.reporter.tell("progress", "one");
    stage.reporter.tell("plan", "two");
    await stage.clock.advance(10_000);
    assert.ok(stage.end instanceof LeaseLost);
    assert.equal(stage.sent.length, 1);
  });

  it("ends in the middle of a wait when its signal aborts, and sends nothing more", async () => {
    stage.answer = async () => Promise.reject(lostAnswer());
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(100);
    stage.stop.abort(new Error("over"));
    await stage.clock.advance(60_000);
    assert.match(String(stage.end), /over/u);
    assert.equal(stage.clock.sleeping, 0);
    const calls = stage.sent.length;
    stage.reporter.tell("progress", "two");
    await stage.clock.advance(5000);
    assert.equal(stage.sent.length, calls);
  });

  it("ends in the pause between two activities when its signal aborts", async () => {
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(10);
    stage.reporter.tell("progress", "two");
    await stage.clock.advance(10);
    stage.stop.abort(new Error("over"));
    await stage.clock.advance(5000);
    assert.deepEqual(stage.messages(), ["one"]);
    assert.match(String(stage.end), /over/u);
  });

  it("lets nothing come between the last activity and the finish", async () => {
    stage.reporter.tell("progress", "one");
    const last = {
      activityId: "11111111-1111-4111-8111-111111111111",
      type: "completion",
      text: "Done",
    } as const;
    const told = stage.reporter.tellLast(last);
    stage.reporter.tell("progress", "too late");
    await stage.clock.advance(1000);
    await told;
    stage.reporter.tell("progress", "much too late");
    await stage.clock.advance(5000);
    assert.deepEqual(stage.messages(), ["one", "Done"]);
  });

  it("reports though the disk takes no note, and notes everything once it does again", async () => {
    stage.journal.failure = new Error("ENOSPC");
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(2000);
    stage.reporter.tell("progress", "two");
    await stage.clock.advance(2000);
    assert.deepEqual(stage.messages(), ["one", "two"]);
    stage.journal.failure = undefined;
    stage.answer = () => new Promise(() => undefined);
    stage.reporter.tell("progress", "three");
    await stage.clock.advance(2000);
    const { sequence, sending, waiting } = stage.journal.outbox("s1", "c1");
    assert.equal(sequence, 2);
    assert.equal(sending?.message, "three");
    assert.deepEqual(waiting, []);
  });
});
