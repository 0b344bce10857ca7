import assert from "node:assert/strict";
import { onDispose, type Disposable } from "../../../src/base/disposable";
import { silentLog } from "../../../src/base/log";
import { Redactor } from "../../../src/base/redaction/redactor";
import type { TimelineBook } from "../../../src/core/ports/timeline";
import type { Question } from "../../../src/core/ports/person";
import type { TimelineEntry } from "../../../src/core/timeline";
import { TimelineEntries } from "../../../src/core/timelineEntries";
import { TimelineRecorder } from "../../../src/core/timelineRecorder";
import { safeEntry } from "../../../src/core/timelineText";
import { timeSpent } from "../../../src/core/timeSpent";
import { aSession } from "../../fakes/builders";
import { completed, type Script } from "../../fakes/fakeRuntime";
import { settle } from "../../fakes/manualClock";
import { seededRandom } from "../../fakes/seededRandom";
import { World } from "../../fakes/world";

/** A book in memory; it opens when it is let. */
class FakeBook implements TimelineBook {
  readonly kept = new Map<string, TimelineEntries>();
  released = 0;
  gate: Promise<unknown> = Promise.resolve();

  async open(sessionId: string): ReturnType<TimelineBook["open"]> {
    await this.gate;
    const entries = this.kept.get(sessionId) ?? new TimelineEntries();
    this.kept.set(sessionId, entries);
    return {
      get entries() {
        return entries.list();
      },
      append: (all) => all.forEach((one) => entries.put(one)),
      release: () => (this.released += 1),
    };
  }

  follow(): Disposable {
    return onDispose(() => undefined);
  }

  of(sessionId: string): readonly TimelineEntry[] {
    return this.kept.get(sessionId)?.list() ?? [];
  }

  texts(sessionId: string): readonly string[] {
    return this.of(sessionId).flatMap((one) =>
      one.kind === "files" || one.kind === "usage" ? [] : [one.kind === "command" ? one.command : one.text],
    );
  }
}

const secret = "Sup3r-secret/value";

describe("recording what happens to sessions", () => {
  let world: World;
  let book: FakeBook;
  let recorder: TimelineRecorder | undefined;
  const redactor = new Redactor();
  redactor.add(secret, "secret value");

  const record = (): TimelineRecorder => {
    recorder?.dispose();
    const { clock, store } = world;
    recorder = new TimelineRecorder({
      ...{ clock, store, book, redactor, log: silentLog },
      random: seededRandom(world.platform.of("s1").activities.length + 7),
    });
    return recorder;
  };
  const start = async (): Promise<void> => {
    const starting = world.start();
    record();
    await starting;
  };

  beforeEach(() => {
    world = new World();
    book = new FakeBook();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    recorder?.dispose();
    recorder = undefined;
  });

  it("has a real attempt from its claim to its end, and lets go of it then", async () => {
    world.runtime.open("s1");
    await start();
    await world.untilPhase("s1", "complete");
    await recorder?.settled();
    const texts = book.texts("s1");
    for (const part of [
      "Claimed: attempt 1.",
      "The worktree is ready",
      "works with scripted",
      "Worked on s1",
    ]) {
      assert.ok(
        texts.some((text) => text.includes(part)),
        `${part}: ${texts.join(" | ")}`,
      );
    }
    assert.equal(texts.at(-1), "Completed.");
    assert.equal(book.released, 1);
    const [first] = book.of("s1");
    const last = book.of("s1").at(-1);
    const { waitingMs, modelMs, commandsMs, workerMs } = timeSpent(book.of("s1"), world.clock.now() + 9999);
    assert.equal(waitingMs + modelMs + commandsMs + workerMs, (last?.at ?? 0) - (first?.at ?? 0));
  });

  it("goes on over a kill in the same attempt, with ids of its own", async () => {
    await start();
    await world.untilPhase("s1", "running");
    await recorder?.settled();
    await world.kill();
    await start();
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    await recorder?.settled();
    const texts = book.texts("s1");
    assert.ok(texts.includes("Goes on where it was interrupted."), texts.join(" | "));
    assert.ok(texts.includes("Interrupted: the worker ended in the middle of it."));
    assert.equal(texts.filter((text) => text === "The coding tool works with scripted.").length, 2);
  });

  it("records in order what came before the book was open", async () => {
    let open: () => void = () => undefined;
    book.gate = new Promise<void>((resolve) => (open = resolve));
    world.runtime.open("s1");
    await start();
    await world.untilPhase("s1", "complete");
    assert.deepEqual(book.of("s1"), []);
    open();
    await recorder?.settled();
    assert.equal(book.texts("s1")[0], "Claimed: attempt 1.");
    assert.equal(book.texts("s1").at(-1), "Completed.");
    assert.equal(book.released, 1);
  });

  it("records nothing of what another window runs", async () => {
    await start();
    await world.untilPhase("s1", "running");
    const { state } = world.store;
    await recorder?.settled();
    book.kept.clear();
    world.store.dispatch({ kind: "mirrored", state });
    const change = { kind: "ended", phase: "failed", at: 1, detail: "x", byPerson: true } as const;
    world.store.dispatch({ kind: "session", sessionId: "s1", change });
    await settle();
    assert.equal(book.kept.size, 0);
  });

  it("does not keep the worker from its work when the book fails", async () => {
    book.gate = Promise.reject(new Error("no book"));
    book.gate.catch(() => undefined);
    world.runtime.open("s1");
    await start();
    await world.untilPhase("s1", "complete");
    await recorder?.settled();
  });

  it("writes no secret, whatever field it stands in", async () => {
    const say = (what: string): string => `${what} ${secret} ${encodeURIComponent(secret)}`;
    const question: Question = {
      ...{ about: "question", what: say("what"), where: say("where"), why: say("why"), forSession: false },
      parts: [{ text: say("part"), options: [say("option")], secret: false }],
    };
    const approval: Question = { ...question, about: "command", parts: [] };
    const hidden: Question = { ...question, parts: [{ text: "Pin?", options: [], secret: true }] };
    const script: Script = async ({ request, emit, signal }) => {
      emit({ kind: "processStarted", processId: 1 });
      emit({ kind: "threadStarted", threadId: "t1", model: say("model"), modelProvider: undefined });
      emit({ kind: "commandStarted", itemId: "c1", command: say("run") });
      emit({
        ...{ kind: "commandCompleted", itemId: "c1", command: say("run"), exitCode: 0 },
        ...{ durationMs: 1, outputTail: say("out") },
      });
      emit({ kind: "commandStarted", itemId: "c2", command: say("left") });
      emit({ kind: "filesChanged", itemId: "f1", files: [{ path: say("file"), change: "add" }] });
      emit({ kind: "message", itemId: "m1", text: say("message"), final: false });
      emit({ kind: "reasoning", itemId: "r1", summary: say("reason") });
      emit({ kind: "policyDecision", request: say("asks"), decision: "declined", reason: say("so") });
      emit({ kind: "warning", text: say("warning") });
      emit({ kind: "retrying", text: say("retrying") });
      emit({ kind: "plan", explanation: say("plan"), steps: [{ text: say("step"), status: "pending" }] });
      for (const one of [question, approval, hidden]) await request.ask(one, signal);
      return { ...completed, finalMessage: say("final") };
    };
    world.runtime.script = script;
    await start();
    const answer = async (text: string): Promise<void> => {
      const open = (): string | undefined => world.store.state.sessions.get("s1")?.questions[0]?.questionId;
      await world.clock.until("a question", () => open() !== undefined);
      world.worker?.answer("s1", open(), { kind: "input", text });
      await settle();
    };
    await answer(say("answer"));
    await answer(say("guidance"));
    await answer("4711-0815-pin");
    await world.untilPhase("s1", "complete");
    await recorder?.settled();
    const all = JSON.stringify(book.of("s1"));
    for (const part of ["run", "out", "file", "message", "reason", "warning", "part", "answer", "guidance"]) {
      assert.ok(all.includes(part), part);
    }
    assert.ok(!all.includes(secret) && !all.includes(encodeURIComponent(secret)), all);
    assert.ok(!all.includes("4711"), "the answer to a secret part");
    assert.ok(all.includes("The answer is not told."));
  });

  it("hides before it cuts, and bounds every text", () => {
    const hide = (text: string): string => redactor.redact(text);
    for (const [kind, limit] of [
      ["message", 20_000],
      ["reasoning", 10_000],
      ["activity", 10_000],
      ["worker", 2000],
    ] as const) {
      const text = `${"x".repeat(limit - 10)}${secret}${"y".repeat(50_000)}`;
      const fact = { id: "e1", at: 1, text, final: true, level: "info" } as const;
      const safe = safeEntry({ ...fact, kind }, hide);
      assert.ok(JSON.stringify(safe).length < limit + 200);
      assert.ok(!JSON.stringify(safe).includes(secret.slice(0, 6)), kind);
    }
    const outputTail = `${"x".repeat(9000)}${secret}${"y".repeat(3990)}`;
    const command = "c".repeat(9000);
    const ran = { id: "e1", at: 1, kind: "command", status: "ended", command, outputTail } as const;
    const safe = safeEntry({ ...ran, exitCode: 0, durationMs: 1 }, hide);
    assert.ok(safe.kind === "command" && safe.outputTail.length <= 4000 && safe.command.length <= 4000);
    assert.ok(!safe.outputTail.includes(secret.slice(-6)));
    const files = Array.from({ length: 500 }, () => ({ path: "p".repeat(900), change: "add" as const }));
    const many = safeEntry({ id: "e1", at: 1, kind: "files", files }, hide);
    assert.ok(many.kind === "files" && many.files.length === 200 && many.files[0]?.path.length === 500);
  });
});
