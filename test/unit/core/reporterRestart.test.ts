import assert from "node:assert/strict";
import { refused } from "../../fakes/platformErrors";
import { settle } from "../../fakes/manualClock";
import { assertASecondApart, ReporterStage } from "./reporterStage";

describe("the reporter after the death of a process", () => {
  let stage: ReporterStage;

  beforeEach(() => (stage = new ReporterStage()));
  afterEach(() => stage.stop.abort(new Error("the test is over")));
  const hang = (): Promise<never> => new Promise(() => undefined);

  it("notes an activity before it leaves, and that it was accepted after", async () => {
    stage.answer = async () => {
      assert.equal(stage.journal.outbox("s1", "c1").sending?.message, "one");
      assert.equal(stage.journal.outbox("s1", "c1").waiting.length, 0);
      return await Promise.resolve("stored");
    };
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(1000);
    assert.deepEqual(
      stage.noted.map((entry) => entry.kind),
      ["said", "sending", "accepted"],
    );
    assert.equal(stage.journal.outbox("s1", "c1").sequence, 1);
  });

  it("sends what was on its way again, the same in every byte, before anything else", async () => {
    stage.answer = hang;
    stage.reporter.tell("progress", "one");
    stage.reporter.tell("policy", "two");
    stage.reporter.note({ model: "m" });
    await stage.clock.advance(5000);
    stage.answer = async () => Promise.resolve("known");
    stage.patches = [];
    await stage.die();
    stage.reporter.tell("progress", "three");
    await stage.clock.advance(10_000);
    assert.deepEqual(stage.sent[1]?.activity, stage.sent[0]?.activity);
    assert.deepEqual(stage.messages(), ["one", "one", "two", "three"]);
    assert.deepEqual(stage.sequences(), [1, 1, 2, 3]);
    assert.deepEqual(stage.patches, []);
  });

  it("sends one a second, also after what was on its way", async () => {
    stage.answer = hang;
    for (const text of ["one", "two", "three"]) stage.reporter.tell("policy", text);
    await stage.clock.advance(5000);
    stage.answer = async () => Promise.resolve("stored");
    await stage.die();
    await stage.clock.advance(10_000);
    assert.deepEqual(stage.messages(), ["one", "one", "two", "three"]);
    assertASecondApart(stage.sent.map((one) => one.at));
  });

  it("sends no metadata again that was accepted, unless under another claim", async () => {
    stage.reporter.note({ model: "m", providerTurnId: "t" });
    await stage.clock.advance(2000);
    await stage.die();
    stage.reporter.note({ model: "m", providerTurnId: "t2" });
    await stage.clock.advance(2000);
    await stage.journal.append("s1", "c2", { kind: "carried", from: stage.journal.outbox("s1", "c1") });
    await stage.die("c2");
    stage.reporter.note({ model: "m" });
    await stage.clock.advance(2000);
    assert.deepEqual(stage.patches, [
      { model: "m", providerTurnId: "t" },
      { providerTurnId: "t2" },
      { model: "m" },
    ]);
  });

  it("sends what waited, and metadata that was not accepted", async () => {
    stage.patch = hang;
    stage.reporter.note({ model: "m" });
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(5000);
    assert.equal(stage.sent.length, 0);
    stage.patch = async () => Promise.resolve();
    await stage.die();
    await stage.clock.advance(5000);
    assert.deepEqual(stage.patches, [{ model: "m" }, { model: "m" }]);
    assert.deepEqual(stage.messages(), ["one"]);
  });

  it("tells the last activity again under its id, which is stored once", async () => {
    const last = {
      activityId: "11111111-1111-4111-8111-111111111111",
      type: "completion",
      text: "Done",
    } as const;
    await stage.reporter.tellLast(last);
    stage.answer = async () => Promise.resolve("known");
    await stage.die();
    await stage.reporter.tellLast(last);
    assert.deepEqual(
      stage.sent.map((one) => one.activity.activityId),
      [last.activityId, last.activityId],
    );
  });

  it("goes on under a new claim, where what was stored under the old one uses up no number", async () => {
    stage.answer = hang;
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(1000);
    stage.reporter.tell("progress", "two");
    await settle();
    await stage.journal.append("s1", "c2", { kind: "carried", from: stage.journal.outbox("s1", "c1") });
    stage.answer = async (activity) => Promise.resolve(activity.message === "one" ? "known" : "stored");
    await stage.die("c2");
    await stage.clock.advance(5000);
    assert.deepEqual(stage.messages(), ["one", "one", "two"]);
    assert.equal(stage.sent[1]?.activity.activityId, stage.sent[0]?.activity.activityId);
    assert.deepEqual(stage.sequences(), [1, 1, 1]);
    assert.equal(stage.journal.outbox("s1", "c2").sequence, 1);
  });

  it("finds the number where what was carried had been stored under the new claim already", async () => {
    stage.answer = hang;
    stage.reporter.tell("progress", "one");
    await stage.clock.advance(1000);
    await stage.journal.append("s1", "c2", { kind: "carried", from: stage.journal.outbox("s1", "c1") });
    // It is stored under the new claim, and the answer is lost: sent again it is known.
    stage.answer = async (activity) => {
      if (activity.message === "one") return await Promise.resolve("known");
      if (activity.sequence === 1) throw refused("badRequest");
      return await Promise.resolve("stored");
    };
    await stage.die("c2");
    stage.reporter.tell("policy", "two");
    stage.reporter.tell("plan", "three");
    await stage.clock.advance(5000);
    assert.deepEqual(stage.messages(), ["one", "one", "two", "two", "three"]);
    assert.deepEqual(stage.sequences(), [1, 1, 1, 2, 3]);
  });
});
