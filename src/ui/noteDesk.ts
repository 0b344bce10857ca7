import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import type { Disposable } from "../base/disposable";
import type { Note, NoteKind } from "./note";

/** What comes this close together is told together, milliseconds. */
const gatherMs = 250;
/** Until the next note of a kind, at first; each one that follows at once doubles it. */
const firstGapMs = 2_000;
const longestGapMs = 30_000;
/** A question does not wait as long as an ending may. */
const longestQuestionGapMs = 4_000;

interface Lane {
  waiting: Note[];
  gapMs: number;
  /** Monotonic instant of the last telling. */
  toldAt: number;
  isTimed: boolean;
}

/**
 * Holds notes back for a moment, so that many of one kind become one: a burst of fifty endings is a handful of
 * notifications, whether it takes a second or a minute.
 */
export class NoteDesk implements Disposable {
  readonly #abort = new LinkedAbort();
  readonly #lanes = new Map<NoteKind, Lane>();
  readonly #clock: Clock;
  readonly #tell: (notes: readonly Note[]) => void;

  /** @param tell gets all that waited of one kind; what is not true any more is left out there. */
  constructor(clock: Clock, tell: (notes: readonly Note[]) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** What is about the worker itself is told at once. */
  add(notes: readonly Note[]): void {
    for (const note of notes) {
      if (note.about === undefined) this.#tell([note]);
      else this.#wait(note.about.kind, note);
    }
  }

  dispose(): void {
    this.#abort.abort(new Error("the notifications end"));
  }

  #wait(kind: NoteKind, note: Note): void {
    const lane = this.#laneOf(kind);
    lane.waiting.push(note);
    if (lane.isTimed || this.#abort.signal.aborted) return;
    lane.isTimed = true;
    const dueAt = Math.max(lane.toldAt + lane.gapMs, this.#clock.monotonic() + gatherMs);
    this.#clock.sleep(dueAt - this.#clock.monotonic(), this.#abort.signal).then(
      () => this.#flush(kind, lane),
      () => undefined, // Only disposal ends the sleep early.
    );
  }

  #flush(kind: NoteKind, lane: Lane): void {
    const notes = lane.waiting;
    lane.waiting = [];
    lane.isTimed = false;
    lane.toldAt = this.#clock.monotonic();
    const longest = kind === "needsYou" ? longestQuestionGapMs : longestGapMs;
    lane.gapMs = lane.gapMs === 0 ? firstGapMs : Math.min(lane.gapMs * 2, longest);
    this.#tell(notes);
  }

  /** After a time of quiet a lane is as new. */
  #laneOf(kind: NoteKind): Lane {
    const known = this.#lanes.get(kind);
    const isNew =
      known === undefined ||
      (!known.isTimed && this.#clock.monotonic() - known.toldAt > known.gapMs + longestGapMs);
    if (!isNew) return known;
    const lane: Lane = { waiting: [], gapMs: 0, toldAt: -Infinity, isTimed: false };
    this.#lanes.set(kind, lane);
    return lane;
  }
}
