import assert from "node:assert/strict";
import type { SessionPhase, SessionView, WorkerState } from "../../../src/core/state";
import { awayText, withNews } from "../../../src/ui/awayNews";
import { joinedNotes } from "../../../src/ui/joinedNote";
import type { Note } from "../../../src/ui/note";
import { NoteDesk } from "../../../src/ui/noteDesk";
import { isStillTrue, mark } from "../../../src/ui/noteMark";
import { notesFor, remember } from "../../../src/ui/notificationModel";
import { seededRandom } from "../../fakes/seededRandom";
import { aSession, allPhases, aState, english, noon, StillClock } from "./kit";

/** A window's notifications without its editor. */
class Window {
  readonly clock = new StillClock();
  readonly shown: Note[] = [];
  readonly told: Note[] = [];
  state: WorkerState;
  #memory;
  readonly #desk = new NoteDesk(this.clock, (notes) => {
    const now = notes.filter((note) => isStillTrue(note, this.state));
    this.told.push(...now);
    this.shown.push(...joinedNotes(now, english));
  });

  constructor(state: WorkerState = aState()) {
    this.state = state;
    this.#memory = remember(state);
  }

  become(...sessions: readonly SessionView[]): void {
    this.state = aState({}, ...sessions);
    this.#desk.add(notesFor(this.#memory, this.state, "all", noon, english));
    this.#memory = remember(this.state, this.#memory);
  }

  dispose(): void {
    this.#desk.dispose();
  }
}

const session = (index: number, over: Partial<SessionView> = {}): SessionView =>
  aSession({ sessionId: `s${index}`, title: `Task ${index}`, createdAt: noon, startedAt: noon, ...over });
const many = (count: number, over: Partial<SessionView> = {}): readonly SessionView[] =>
  Array.from({ length: count }, (_, index) => session(index, over));

describe("notifications that come together", () => {
  let window: Window;
  beforeEach(() => {
    window = new Window();
  });
  afterEach(() => window.dispose());

  it("are one for each kind where there are many: a burst of fifty endings", async () => {
    window.become(...many(50));
    window.become(...many(50, { phase: "failed", endedAt: noon }));
    assert.equal(window.shown.length, 0);
    await window.clock.advance(250);
    assert.deepEqual(
      window.shown.map(
        (note) => `${note.severity}: ${note.message} ${note.actions.map((one) => one.label).join()}`,
      ),
      [
        "error: 50 sessions failed. Their worktrees are kept. “Task 0”, “Task 1”, “Task 2” and 47 more Show Sessions",
      ],
    );
  });

  it("stay a handful where fifty end within a minute", async () => {
    window.become(...many(50));
    for (let ended = 1; ended <= 50; ended += 1) {
      const state = many(50).map((one, index) =>
        index < ended ? { ...one, phase: "complete" as const } : one,
      );
      window.become(...state);
      await window.clock.advance(1_000);
    }
    await window.clock.advance(60_000);
    assert.equal(new Set(window.told.map((note) => note.about?.sessionId)).size, 50);
    assert.ok(window.shown.length <= 8, String(window.shown.length));
  });

  it("are told one by one where there are two, within a moment", async () => {
    window.become(...many(2));
    window.become(...many(2, { phase: "complete", endedAt: noon }));
    await window.clock.advance(250);
    assert.deepEqual(
      window.shown.map((note) => note.message),
      ["“Task 0” is complete.", "“Task 1” is complete."],
    );
  });

  it("leave out what is not true any more when they are told", async () => {
    const asked = {
      askedAt: noon,
      what: "Which?",
      where: undefined,
      why: undefined,
      forSession: false,
      parts: [],
    };
    const question = { ...asked, questionId: "q", about: "question" } as const;
    window.become(session(1), session(2), session(3));
    window.become(
      session(1, { phase: "awaitingInput", questions: [question] }),
      session(2, { phase: "failed" }),
      session(3, { phase: "failed" }),
    );
    window.become(
      session(1),
      session(2, { phase: "claiming", startedAt: noon + 1 }),
      session(3, { archived: true }),
    );
    await window.clock.advance(250);
    assert.deepEqual(window.shown, []);
  });

  it("keep a question waiting for seconds only", async () => {
    const waits = (from: number, to: number): readonly SessionView[] =>
      many(6).map((one, index) =>
        index >= from && index < to ? { ...one, phase: "awaitingInput" as const } : one,
      );
    window.become(...many(6));
    for (let asking = 1; asking <= 6; asking += 1) {
      window.become(...waits(0, asking));
      await window.clock.advance(4_000);
      assert.equal(window.told.length, asking);
    }
  });

  it("tell of the worker at once, and nothing after the end", async () => {
    const desk = new NoteDesk(window.clock, (notes) => window.shown.push(...notes));
    const about: Note = { severity: "error", message: "Refused.", actions: [], about: undefined };
    desk.add([about]);
    assert.deepEqual(window.shown, [about]);
    window.become(...many(1));
    window.become(...many(1, { phase: "failed" }));
    window.dispose();
    desk.dispose();
    await window.clock.advance(60_000);
    assert.deepEqual(window.shown, [about]);
  });
});

/** What is told of at all, at the level that tells most. */
const worthTelling = new Set<SessionPhase>(["awaitingInput", "failed", "claimLost", "complete"]);
const keyOf = (one: SessionView): string => `${one.sessionId} ${mark(one)}`;

describe("notifications over any course of events", () => {
  it("tell of each state once for each time it came about, and of nothing that stood before", async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = seededRandom(seed);
      const anyPhase = (): SessionPhase =>
        allPhases[Math.floor(random.next() * allPhases.length)] ?? "running";
      const old = { startedAt: noon - 1, endedAt: noon - 1 };
      let sessions: readonly SessionView[] = many(5).map((one) => ({ ...one, ...old, phase: anyPhase() }));
      const window = new Window();
      const cameAbout = new Map<string, number>();
      window.become(...sessions);
      await window.clock.advance(250);
      assert.deepEqual(window.shown, [], `seed ${seed}: at the start`);
      for (let step = 0; step < 60; step += 1) {
        const before = new Set(sessions.map(keyOf));
        sessions = sessions.map((one) =>
          random.next() < 0.3 ? { ...one, phase: anyPhase(), endedAt: noon + step } : one,
        );
        for (const key of sessions.map(keyOf)) {
          if (!before.has(key)) cameAbout.set(key, (cameAbout.get(key) ?? 0) + 1);
        }
        // While the worker starts anew its sessions are away for a moment.
        if (random.next() < 0.1) window.become();
        window.become(...sessions);
        if (random.next() < 0.5) await window.clock.advance(Math.floor(random.next() * 5_000));
      }
      await window.clock.advance(60_000);
      const told = window.told.map(({ about }) => `${about?.sessionId ?? ""} ${about?.mark ?? ""}`);
      for (const key of told) {
        assert.ok(
          told.filter((one) => one === key).length <= (cameAbout.get(key) ?? 0),
          `seed ${seed}: ${key}`,
        );
      }
      for (const one of sessions) {
        if (!worthTelling.has(one.phase) || !cameAbout.has(keyOf(one))) continue;
        assert.ok(told.includes(keyOf(one)), `seed ${seed}: ${keyOf(one)} was never told`);
      }
      window.dispose();
    }
  });

  it("say nothing again while a state only stays, whatever else changes", async () => {
    const window = new Window();
    window.become(...many(3));
    const ended = many(3, { phase: "failed", endedAt: noon, detail: "Broken." });
    for (let time = 0; time < 20; time += 1) {
      window.become(...ended.map((one) => ({ ...one, title: `Renamed ${time}`, detail: `Broken ${time}.` })));
      window.become();
      await window.clock.advance(10_000);
    }
    assert.equal(window.told.length, 3);
    window.dispose();
  });
});

describe("what happened while nobody looked", () => {
  it("is counted by its latest state, what matters most first", () => {
    const note = (sessionId: string, kind: "failed" | "complete" | "needsYou"): Note => ({
      severity: "info",
      message: "",
      actions: [],
      about: { kind, sessionId, title: "", mark: "", questionId: undefined },
    });
    const first = withNews(new Map(), [note("a", "needsYou"), note("b", "complete"), note("c", "complete")]);
    assert.equal(awayText(first, english), "1 asked you, 2 complete");
    const then = withNews(first, [note("a", "failed"), { ...note("a", "failed"), about: undefined }]);
    assert.equal(awayText(then, english), "1 failed, 2 complete");
    assert.equal(awayText(new Map(), english), "");
  });
});
