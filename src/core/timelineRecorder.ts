import type { Clock } from "../base/clock";
import type { Disposable } from "../base/disposable";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import type { TextRedactor } from "../base/redaction/redactor";
import type { SessionChange } from "./events";
import type { TimelineBook, TimelinePen } from "./ports/timeline";
import { isLive, type SessionView } from "./state";
import type { Dispatched, Store } from "./store";
import { isOfTimeline, TimelineFacts } from "./timelineFacts";
import { safeEntry } from "./timelineText";

export interface RecorderDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly redactor: TextRedactor;
  readonly store: Store;
  readonly book: TimelineBook;
}

interface Heard {
  readonly change: SessionChange;
  readonly view: SessionView;
  readonly at: number;
}

/** How many changes wait for a disk that does not answer. */
const mostWaiting = 5000;

/**
 * Writes down what happens to the sessions that this window runs. What it only shows of another window's worker is
 * written down there. Nothing waits for it, and none of its troubles reaches the worker.
 */
export class TimelineRecorder implements Disposable {
  readonly #deps: RecorderDeps;
  readonly #sessions = new Map<string, Recording>();
  readonly #opening = new Set<Promise<void>>();
  readonly #hearing: Disposable;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#hearing = deps.store.onDidDispatch((dispatched) => this.#hear(dispatched));
  }

  /** Resolves when all that was heard is with the book. */
  async settled(): Promise<void> {
    await Promise.all(this.#opening);
  }

  dispose(): void {
    this.#hearing.dispose();
  }

  #hear({ event, before }: Dispatched): void {
    if (event.kind !== "session" || before.phase.kind === "otherWindow") return;
    const { sessionId, change } = event;
    const view = before.sessions.get(sessionId);
    if (view === undefined || !isOfTimeline(change)) return;
    // What comes late has nothing to add to a session that has ended.
    const begins = isLive(view.phase) || change.kind === "claiming" || change.kind === "ended";
    const recording = this.#sessions.get(sessionId) ?? (begins ? this.#begin(sessionId) : undefined);
    if (recording === undefined) return;
    recording.take({ change, view, at: this.#deps.clock.now() });
    // Another window may write the next part.
    if (change.kind !== "ended") return;
    this.#sessions.delete(sessionId);
    recording.end();
  }

  #begin(sessionId: string): Recording {
    const recording = new Recording(this.#deps, sessionId);
    this.#sessions.set(sessionId, recording);
    const { opened } = recording;
    this.#opening.add(opened);
    void opened.finally(() => this.#opening.delete(opened));
    return recording;
  }
}

/** One session, as long as an attempt of it runs here. */
class Recording {
  readonly opened: Promise<void>;
  readonly #deps: RecorderDeps;
  #waiting: Heard[] = [];
  #open: { readonly pen: TimelinePen; readonly facts: TimelineFacts } | undefined;
  #over = false;

  constructor(deps: RecorderDeps, sessionId: string) {
    this.#deps = deps;
    this.opened = this.#begin(sessionId).catch((error: unknown) => {
      deps.log.error("a timeline cannot be recorded", { sessionId, message: messageOf(error) });
    });
  }

  take(heard: Heard): void {
    if (this.#open !== undefined) this.#write(heard);
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(heard);
  }

  end(): void {
    this.#over = true;
    this.#open?.pen.release();
  }

  async #begin(sessionId: string): Promise<void> {
    const pen = await this.#deps.book.open(sessionId);
    const facts = new TimelineFacts(pen.entries, this.#deps.random.uuid().slice(0, 8));
    this.#open = { pen, facts };
    for (const heard of this.#waiting.splice(0)) this.#write(heard);
    if (this.#over) pen.release();
  }

  #write({ change, view, at }: Heard): void {
    if (this.#open === undefined) return;
    const { redactor } = this.#deps;
    const { pen, facts } = this.#open;
    const entries = facts.take(change, view, at);
    if (entries.length > 0) pen.append(entries.map((one) => safeEntry(one, (text) => redactor.redact(text))));
  }
}
