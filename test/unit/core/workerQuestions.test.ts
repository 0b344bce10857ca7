import assert from "node:assert/strict";
import { LinkedAbort } from "../../../src/base/abort";
import { UserError } from "../../../src/core/actions";
import type { Answer, Question } from "../../../src/core/ports/person";
import type { OpenQuestion } from "../../../src/core/ports/person";
import { aConfig, aSession } from "../../fakes/builders";
import { completed, gated, type Script } from "../../fakes/fakeRuntime";
import { settle } from "../../fakes/manualClock";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

const command: Question = {
  about: "command",
  what: "rm -rf ../other",
  where: undefined,
  why: "It is in the way.",
  forSession: true,
  parts: [],
};
const which: Question = {
  about: "question",
  what: "Which one?",
  where: undefined,
  why: undefined,
  forSession: false,
  parts: [{ text: "Which one?", options: ["left", "right"], secret: false }],
};

const second: Question = {
  ...which,
  what: "And then?",
  parts: [{ text: "And then?", options: [], secret: false }],
};

describe("a session that asks a person", () => {
  let world: World;
  let given: Answer[];
  beforeEach(() => {
    world = new World();
    given = [];
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
    assert.deepEqual(world.platform.of("s1").remarks, []);
    assert.deepEqual(world.slots.held, []);
  });

  /** Starts a thread, asks each question after the other, then completes. */
  const asking =
    (...questions: readonly Question[]): Script =>
    async ({ request, emit, signal }) => {
      emit({ kind: "processStarted", processId: 1 });
      const threadId = request.resumeThreadId ?? `thread-${request.sessionId}`;
      emit({ kind: "threadStarted", threadId, model: undefined, modelProvider: undefined });
      for (const question of questions) given.push(await request.ask(question, signal));
      return completed;
    };

  const open = (sessionId = "s1"): readonly OpenQuestion[] =>
    world.store.state.sessions.get(sessionId)?.questions ?? [];
  const status = (): string => world.platform.of("s1").session.status;
  const told = (type: string): string[] =>
    world.platform
      .of("s1")
      .activities.filter((one) => one.activity.type === type)
      .map((one) => one.activity.message);
  const asked = async (...questions: readonly Question[]): Promise<void> => {
    world.runtime.script = asking(...questions);
    await world.start();
    await world.untilPhase("s1", "awaitingInput", 5000);
    await world.clock.until("the platform knows", () => status() === "awaiting_input", 5000);
  };
  const decide = (decision: "approve" | "approveForSession" | "deny" | "cancel"): void =>
    world.worker?.answer("s1", open()[0]?.questionId, { kind: "decision", decision, guidance: undefined });
  const choose = (text: string, questionId = open()[0]?.questionId): void =>
    world.worker?.answer("s1", questionId, { kind: "texts", texts: [text] });

  it("awaits input on the platform, in the beats and in the list, and keeps its claim but no slot", async () => {
    await asked(command);
    assert.deepEqual(
      open().map((one) => [one.about, one.what, one.why]),
      [["command", "rm -rf ../other", "It is in the way."]],
    );
    const patch = world.platform.of("s1").patches.at(-1)?.metadata;
    assert.match(patch?.inputRequest ?? "", /^May it run `rm -rf \.\.\/other`\?\nWhy: It is in the way\./);
    assert.deepEqual(
      [world.heartbeat.facts?.activeSessions, world.heartbeat.facts?.awaitingInputSessions],
      [0, 1],
    );
    assert.deepEqual(world.slots.held, []);
    await world.clock.advance(3_600_000);
    assert.equal(world.phase("s1"), "awaitingInput");
    assert.equal(world.platform.count("claim"), 1);
    assert.ok(world.platform.count("renew") > 5);
    assert.equal(world.platform.of("s1").patches.filter((one) => one.metadata.status).length, 1);
  });

  it("goes on with a person's decision, which its log keeps, and completes as active", async () => {
    await asked(command);
    decide("approveForSession");
    await world.untilPhase("s1", "complete", 10_000);
    assert.deepEqual(given, [{ kind: "decision", decision: "approveForSession", guidance: undefined }]);
    assert.deepEqual(told("policy"), [
      "Approved for the whole session in the editor: to run `rm -rf ../other`",
    ]);
    const statuses = world.platform.of("s1").patches.flatMap((one) => one.metadata.status ?? []);
    assert.deepEqual(statuses, ["awaiting_input", "active"]);
    assert.deepEqual(open(), []);
  });

  it("takes the answer of the platform's user, and turns a later one in the editor away politely", async () => {
    await asked(which);
    const [question] = open();
    world.platform.set("s1", { pendingResumeInput: { inputId: "i1", text: "the left one" } });
    await world.untilPhase("s1", "complete", 60_000);
    assert.deepEqual(given, [{ kind: "texts", texts: ["the left one"] }]);
    const patch = world.platform.of("s1").patches.find((one) => one.metadata.consumedResumeInputId === "i1");
    assert.equal(patch?.metadata.status, "active");
    assert.match(told("progress").join(), /Answered on One Horizon: Which one\?\nthe left one/);
    assert.throws(() => choose("right", question?.questionId), UserError);
  });

  it("uses up an answer of the platform's user that came too late, and says so", async () => {
    await asked(which, command);
    world.platform.onCall = (call) => {
      if (call.operation === "patch" && status() === "awaiting_input") {
        world.platform.onCall = () => undefined;
        world.platform.set("s1", { pendingResumeInput: { inputId: "late", text: "right" } });
      }
      return undefined;
    };
    choose("left");
    await world.clock.until("the next is asked", () => open()[0]?.about === "command", 5000);
    await world.clock.until("the platform knows", () => status() === "awaiting_input", 20_000);
    await world.clock.advance(60_000);
    assert.equal(world.phase("s1"), "awaitingInput", "it answered nothing else");
    assert.deepEqual(given, [{ kind: "texts", texts: ["left"] }]);
    assert.match(told("policy").join(), /came after the one in the editor, so it was not used/);
    assert.equal(world.platform.of("s1").session.pendingResumeInput, undefined);
    // The first way out was refused, since somebody had answered: that is how it was found out.
    assert.equal(world.platform.of("s1").remarks.splice(0).length, 1);
    decide("deny");
    await world.untilPhase("s1", "complete", 10_000);
  });

  it("never takes a text of the platform for an approval: it denies, and guides the model", async () => {
    await asked(command);
    world.platform.set("s1", { pendingResumeInput: { inputId: "i1", text: "yes, approve it" } });
    await world.untilPhase("s1", "complete", 60_000);
    assert.deepEqual(given, [{ kind: "decision", decision: "deny", guidance: "yes, approve it" }]);
    assert.deepEqual(told("policy"), ["Denied on One Horizon: to run `rm -rf ../other`"]);
  });

  it("refuses what is no answer, and waits on", async () => {
    await asked({ ...command, forSession: false }, which);
    assert.throws(() => choose("yes"), UserError);
    assert.throws(() => decide("approveForSession"), UserError);
    assert.throws(() => choose("yes", "another"), UserError);
    decide("approve");
    await world.clock.until("the next", () => open()[0]?.about === "question", 5000);
    assert.throws(() => decide("approve"), UserError);
    choose("left");
    await world.untilPhase("s1", "complete", 20_000);
  });

  it("asks the same again with the same words, and the platform hears of both", async () => {
    await asked(command, command);
    decide("approve");
    await world.clock.until("the second is asked", () => given.length === 1 && open().length === 1, 5000);
    await world.clock.advance(10_000);
    decide("approve");
    await world.untilPhase("s1", "complete", 20_000);
    const requests = world.platform.of("s1").patches.flatMap((one) => one.metadata.inputRequest ?? []);
    assert.equal(requests.length, 2);
  });

  it("shows all that it asks at once in the editor, and one after another on the platform", async () => {
    world.runtime.script = async ({ request, emit, signal }) => {
      emit({ kind: "processStarted", processId: 1 });
      given.push(...(await Promise.all([request.ask(which, signal), request.ask(command, signal)])));
      return completed;
    };
    await world.start();
    await world.clock.until("both", () => open().length === 2, 5000);
    const [, second] = open();
    world.worker?.answer("s1", second?.questionId, {
      kind: "decision",
      decision: "deny",
      guidance: undefined,
    });
    await world.clock.advance(5000);
    assert.equal(world.phase("s1"), "awaitingInput");
    assert.equal(status(), "awaiting_input");
    choose("right");
    await world.untilPhase("s1", "complete", 20_000);
    assert.deepEqual(
      given.map((one) => one.kind),
      ["texts", "decision"],
    );
  });

  for (const way of ["release", "fail", "cancelled on the platform"] as const) {
    it(`ends at once: ${way}`, async () => {
      await asked(command);
      if (way === "release") {
        void world.worker?.end("s1", { kind: "released", byPerson: true, message: "Released." });
      } else if (way === "fail") void world.worker?.end("s1", { kind: "failed", message: "No." });
      else world.platform.cancel("s1");
      const phase = {
        release: "released",
        fail: "failed",
        "cancelled on the platform": "cancelled",
      } as const;
      await world.untilPhase("s1", phase[way], 12_000);
      assert.deepEqual(open(), []);
      assert.equal(world.runtime.live.size, 0);
      assert.deepEqual(given, [{ kind: "decision", decision: "cancel", guidance: undefined }]);
    });
  }

  for (const end of ["ends in good order", "is killed"] as const) {
    it(`asks its question once more when the process ${end}, and goes on in its thread with the answer`, async () => {
      await asked(which);
      const before = open();
      await (end === "is killed" ? world.kill() : world.endProcess());
      world.runtime.script = gated;
      await world.clock.advance(1_000);
      await world.start();
      await world.clock.until("it is asked again", () => open().length === 1, 60_000);
      assert.deepEqual(open(), before, "also when it was asked first, so that nobody is told of it twice");
      assert.equal(world.runtime.runs.length, 1, "nobody works before there is an answer");
      await world.clock.advance(1_800_000);
      assert.equal(status(), "awaiting_input");
      assert.deepEqual(world.slots.held, []);
      choose("right");
      await world.untilPhase("s1", "running", 5000);
      assert.equal(world.runtime.runs[1]?.resumeThreadId, "thread-s1");
      assert.equal(world.answers.at(-1), "Question: Which one?\nAnswer: right");
      assert.equal(world.platform.count("claim"), 1);
      world.runtime.open("s1");
      await world.untilPhase("s1", "complete", 10_000);
    });
  }

  it("does not show as running while the answer of an earlier process's question waits for a slot", async () => {
    await asked(which);
    await world.kill();
    world.runtime.script = gated;
    await world.start();
    await world.clock.until("it is asked again", () => open().length === 1, 60_000);
    world.slots.elsewhere = 3;
    choose("right");
    await world.clock.advance(20_000);
    assert.equal(world.phase("s1"), "preparing");
    assert.equal(world.runtime.live.size, 0);
    world.slots.elsewhere = 0;
    await world.untilPhase("s1", "running", 5000);
  });

  it("asks nobody again what the tool itself waits for no longer", async () => {
    world.runtime.script = async ({ request, emit, signal, gate }) => {
      emit({ kind: "threadStarted", threadId: "thread-s1", model: undefined, modelProvider: undefined });
      const waiting = new LinkedAbort(signal);
      const answers = [which, second].map((question) => request.ask(question, waiting.signal));
      await world.clock.sleep(1000, signal);
      waiting.abort(new Error("the tool waits no longer"));
      given.push(...(await Promise.all(answers)));
      waiting.dispose();
      await gate();
      return completed;
    };
    await world.start();
    await world.clock.until("it is withdrawn", () => given.length === 2, 60_000);
    await world.kill();
    world.runtime.script = gated;
    await world.start();
    await world.untilPhase("s1", "running", 60_000);
    assert.deepEqual(open(), []);
    assert.equal(world.runtime.runs[1]?.resumeThreadId, "thread-s1");
  });

  it("asks again what is open when another question was answered, and the process is killed", async () => {
    world.runtime.script = async ({ request, emit, signal }) => {
      emit({ kind: "threadStarted", threadId: "thread-s1", model: undefined, modelProvider: undefined });
      await Promise.all([which, second].map((question) => request.ask(question, signal)));
      return completed;
    };
    await world.start();
    await world.clock.until("both are asked", () => open().length === 2, 60_000);
    choose("right", open().find(({ what }) => what === second.what)?.questionId);
    await world.clock.until("one is answered", () => open().length === 1, 60_000);
    await world.clock.advance(1000);
    await world.kill();
    world.runtime.script = gated;
    await world.start();
    await world.clock.until("the other is asked again", () => open()[0]?.what === which.what, 60_000);
  });

  it("takes the platform's answer that came while the process was dead", async () => {
    await asked(which);
    await world.kill();
    world.platform.set("s1", { pendingResumeInput: { inputId: "i1", text: "the left one" } });
    world.runtime.script = gated;
    await world.start();
    await world.untilPhase("s1", "running", 60_000);
    assert.equal(world.answers.at(-1), "the left one");
    assert.equal(world.runtime.runs[1]?.resumeThreadId, "thread-s1");
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete", 10_000);
  });

  it("lets the tool ask for its approval again after the death of the process", async () => {
    await asked(command);
    await world.kill();
    await world.start();
    await world.untilPhase("s1", "awaitingInput", 60_000);
    assert.equal(world.runtime.runs[1]?.resumeThreadId, "thread-s1");
    decide("approve");
    await world.untilPhase("s1", "complete", 20_000);
    assert.equal(told("policy").length, 1);
  });

  it("is given back when the worker stops, since nobody may ever answer", async () => {
    await asked(command);
    world.worker?.drain({ kind: "stopped", bySignal: false });
    assert.deepEqual(await world.untilExit(10_000), { kind: "stopped", bySignal: false });
    assert.equal(world.phase("s1"), "released");
    assert.equal(status(), "queued");
  });

  it("is given back too when it asks while the worker stops", async () => {
    let go: () => void = () => undefined;
    const may = new Promise<void>((resolve) => (go = resolve));
    world.runtime.script = async (stage) => {
      await may;
      return await asking(command)(stage);
    };
    await world.start();
    await settle();
    world.worker?.drain({ kind: "stopped", bySignal: false });
    await world.clock.advance(5000);
    assert.equal(world.exit, undefined, "the running turn is finished first");
    go();
    await world.untilExit(10_000);
    assert.equal(world.phase("s1"), "released");
  });

  it("goes on after a restart of the worker, on the claim that it has", async () => {
    await asked(which);
    world.worker?.drain({ kind: "restart", signalId: undefined });
    await world.untilExit(10_000);
    world.runtime.script = gated;
    await world.start();
    await world.clock.until("it is asked again", () => open().length === 1, 60_000);
    assert.equal(world.platform.count("claim"), 1);
    choose("left");
    await world.untilPhase("s1", "running", 5000);
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete", 10_000);
  });

  it("lets another session have its slot, and waits for one when it is answered", async () => {
    world.config = aConfig({ maxActiveExecutions: 1 });
    world.platform.add(aSession({ sessionId: "s2" }));
    const asks = asking(command);
    world.runtime.script = (stage) => (stage.request.sessionId === "s1" ? asks(stage) : gated(stage));
    await world.start();
    await world.untilPhase("s2", "running", 60_000);
    assert.equal(world.phase("s1"), "awaitingInput");
    decide("approve");
    await world.clock.advance(30_000);
    assert.deepEqual(given, [], "it does not work beside the other one");
    world.runtime.open("s2");
    await world.untilPhase("s1", "complete", 10_000);
    assert.equal(given.length, 1);
  });

  it("tells no secret answer", async () => {
    const secret = { ...which, parts: [{ text: "Password?", options: [], secret: true }] };
    await asked(secret);
    choose("hunter2");
    await world.untilPhase("s1", "complete", 20_000);
    const { activities, patches } = world.platform.of("s1");
    assert.ok(!JSON.stringify([activities, patches]).includes("hunter2"));
  });
});
