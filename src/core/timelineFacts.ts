import type { SessionChange } from "./events";
import type { RuntimeEvent } from "./ports/runtime";
import { isLive, type RecentActivity, type SessionPhase, type SessionView } from "./state";
import type { TimelineEntry, TimelineFact, WorkerStep } from "./timeline";
import * as words from "./timelineWords";
import { EntryIds, ToolFacts } from "./toolFacts";

type Question = TimelineEntry & Extract<TimelineFact, { kind: "question" }>;

const silent: ReadonlySet<SessionChange["kind"]> = new Set([
  "leaseRenewed",
  "worktreeGone",
  "run",
  "stat",
  "page",
  "artifacts",
  "archived",
]);

/** Can anything that a timeline holds follow from changes of this kind? */
export function isOfTimeline({ kind }: SessionChange): boolean {
  return !silent.has(kind);
}

/** Told by an entry of its own, or beside the timeline. */
const toldElsewhere: ReadonlySet<RecentActivity["type"]> = new Set([
  "plan",
  "failure",
  "release",
  "cancellation",
]);

/** What follows in one session's timeline from what happens to it. Deterministic; the texts still hold what is secret. */
export class TimelineFacts {
  readonly #ids: EntryIds;
  readonly #tool: ToolFacts;
  readonly #questions = new Map<string, Question>();
  #attempts = 0;
  #step: WorkerStep | undefined;
  #lastWords = "";
  /** Where the session stood before it was claimed. */
  #before: SessionPhase = "listed";
  /** What an earlier process left open. */
  #left: TimelineEntry[] = [];

  /**
   * @param history the session's timeline so far.
   * @param prefix of the ids, as good as random.
   */
  constructor(history: readonly TimelineEntry[], prefix: string) {
    const taken = history.some((one) => one.id.startsWith(`${prefix}-`));
    // An id that stands there already would take that entry's place.
    this.#ids = new EntryIds(taken ? `${prefix}${history.length}` : prefix);
    this.#tool = new ToolFacts(this.#ids);
    let lastAt = 0;
    for (const entry of history) {
      lastAt = Math.max(lastAt, entry.at);
      if (entry.kind === "worker") this.#note(entry);
      if (entry.kind === "command" && entry.status === "running") {
        this.#left.push({ ...entry, status: "ended" });
      }
      if (entry.kind === "question" && entry.status === "open") {
        this.#left.push({ ...entry, status: "withdrawn" });
      }
    }
    const cut = this.#step === "preparing" || this.#step === "working" || this.#step === "finishing";
    if (cut) this.#left.push(this.#entry(lastAt, words.cutShort()));
  }

  /** The entries that follow from a change. @param view of the session before it. @param now wall clock. */
  take(change: SessionChange, view: SessionView, now: number): readonly TimelineEntry[] {
    const left = this.#left;
    this.#left = [];
    return [...left, ...this.#follow(change, view, now)];
  }

  #follow(change: SessionChange, view: SessionView, now: number): readonly TimelineEntry[] {
    const live = isLive(view.phase);
    switch (change.kind) {
      case "claiming":
        this.#before = view.phase;
        return [];
      case "claimed":
        return live ? [this.#entry(now, this.#claimed())] : [];
      case "preparing":
        return live ? this.#prepared(change.detail, now) : [];
      case "worktreeReady":
        return [this.#entry(now, words.workerFact(words.worktreeText(change)))];
      case "runtime":
        return live ? [...this.#works(change.event, now), ...this.#tool.hear(change.event, now)] : [];
      case "asked":
        return live ? [this.#asked(change, now)] : [];
      case "answered":
        return this.#answered(change, now);
      case "activity":
        return this.#told(change.activity);
      case "finishing":
        return live ? this.#finishing(change.detail, now) : [];
      case "ended":
        return this.#ended(change, view);
      case "leaseRenewed":
      case "progress":
      case "worktreeGone":
      case "run":
      case "stat":
      case "page":
      case "artifacts":
      case "archived":
        return [];
    }
  }

  #claimed(): words.WorkerFact {
    const goesOn = this.#before === "interrupted" && this.#attempts > 0;
    return goesOn ? words.goesOn() : words.claimedFact(this.#attempts + 1);
  }

  /** Only what follows the tool's work is a step of its own, such as the wait for its next try. */
  #prepared(detail: string, now: number): readonly TimelineEntry[] {
    if (this.#step === "preparing") return [];
    return [this.#entry(now, words.workerFact(words.sentence(detail), "info", "preparing"))];
  }

  #works(event: RuntimeEvent, now: number): readonly TimelineEntry[] {
    if (event.kind !== "threadStarted" && event.kind !== "turnStarted") return [];
    if (this.#step === "working" || this.#step === "finishing") return [];
    const model = event.kind === "threadStarted" ? event.model : undefined;
    return [this.#entry(now, words.worksFact(model))];
  }

  #finishing(detail: string, now: number): readonly TimelineEntry[] {
    if (this.#step === "finishing") return [];
    return [...this.#closeAll(now), this.#entry(now, words.finishingFact(this.#step, detail))];
  }

  #ended(change: Extract<SessionChange, { kind: "ended" }>, view: SessionView): readonly TimelineEntry[] {
    const closed = this.#closeAll(change.at);
    const fact = words.endFact(change);
    // A claim that was not to be had says nothing of a session that nobody here has worked on, and nothing twice.
    const notHad = view.phase === "claiming" && change.phase === "listed";
    const again = fact.text === this.#lastWords && fact.step === this.#step;
    if (this.#attempts === 0 || again || notHad) return closed;
    return [...closed, this.#entry(change.at, fact)];
  }

  /** What the tool had begun, and what was asked, waits for nothing any more. */
  #closeAll(now: number): readonly TimelineEntry[] {
    const questions = [...this.#questions.values()].map((one) => withdrawn(one, now));
    this.#questions.clear();
    return [...questions, ...this.#tool.end(now)];
  }

  #asked({ question }: Extract<SessionChange, { kind: "asked" }>, now: number): TimelineEntry {
    const { questionId, askedAt } = question;
    const entry: Question = {
      // The same when a later process asks it again.
      id: `question-${questionId}`,
      at: Math.min(askedAt, now),
      kind: "question",
      text: words.questionText(question),
      status: "open",
      answer: undefined,
    };
    this.#questions.set(questionId, entry);
    return entry;
  }

  #answered(
    { questionId, answer }: Extract<SessionChange, { kind: "answered" }>,
    now: number,
  ): readonly TimelineEntry[] {
    const open = this.#questions.get(questionId);
    this.#questions.delete(questionId);
    this.#tool.narrated(answer?.report);
    if (open === undefined) return [];
    const closed = withdrawn(open, now);
    return [answer === undefined ? closed : { ...closed, status: "answered", answer: answer.answer }];
  }

  /** What was told to the platform, without what stands here already in other words. */
  #told({ type, message, at }: RecentActivity): readonly TimelineEntry[] {
    const text = toldElsewhere.has(type) ? "" : this.#tool.newsOf(message);
    return text === "" ? [] : [this.#entry(at, { kind: "activity", text })];
  }

  #entry(at: number, fact: TimelineFact): TimelineEntry {
    if (fact.kind === "worker") this.#note(fact);
    return { id: this.#ids.next(), at, ...fact };
  }

  #note({ step, attempt, text }: words.WorkerFact): void {
    if (step === undefined) return;
    this.#step = step;
    this.#lastWords = text;
    this.#attempts = Math.max(this.#attempts, attempt ?? 0);
  }
}

function withdrawn(open: Question, now: number): Question {
  return { ...open, status: "withdrawn", waitedMs: Math.max(0, now - open.at) };
}
