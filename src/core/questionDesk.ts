import { untilAborted } from "../base/background";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import { say } from "../base/words";
import { UserError } from "./actions";
import type { SessionChange } from "./events";
import type { HeldSlot } from "./heldSlot";
import { cancelled, type Answer, type OpenQuestion, type PersonAnswer, type Question } from "./ports/person";
import { answerOf, inputRequestOf, wordsOf, type AnsweredBy } from "./questionWords";
import type { AttemptRecord } from "./ports/journal";
import type { Reporter } from "./reporter";
import type { Session } from "./session";

export interface DeskDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sessionId: string;
  readonly reporter: Pick<Reporter, "tell" | "note" | "flush">;
  readonly slot: Pick<HeldSlot, "free" | "take">;
  readonly read: (signal: AbortSignal) => Promise<Session>;
  readonly change: (change: SessionChange) => void;
  /** Somebody asked for the attempt's end. */
  readonly isEnding: () => boolean;
  /** Notes facts down; never rejects. */
  readonly record: (facts: Partial<AttemptRecord>) => Promise<void>;
}

interface Open {
  readonly question: OpenQuestion;
  readonly closed: Promise<void>;
  readonly close: (answer: Answer, by: AnsweredBy | undefined) => void;
  /** Monotonic instant from which on the platform's answer is one to this question. */
  toldAt: number | undefined;
  /** The platform's input that answered it. */
  inputId: string | undefined;
  isClosed: boolean;
}

export function notAsked(): UserError {
  return new UserError(say("This was answered already, or it is not asked any more. Nothing was changed."));
}

/** How often in a row the platform's user may be too late with an answer. */
const lateLimit = 5;

/**
 * Where one attempt's questions wait for a person: in the editor all of them, on the platform one after another, as the
 * session can await only one input. The first answer counts.
 */
export class QuestionDesk {
  readonly #deps: DeskDeps;
  /** Ends what is told of questions, because the claim or this process ends. */
  readonly #signal: AbortSignal;
  readonly #open = new Map<string, Open>();
  /** Questions whose answer the tool has not heard yet, oldest first. */
  readonly #unsettled = new Map<string, OpenQuestion>();
  readonly #usedInputs = new Set<string>();
  #telling: Open | undefined;
  #told: Promise<void> = Promise.resolve();
  #isAwaiting = false;

  constructor(deps: DeskDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  /** Never rejects; `cancel` when the signal aborts. @param earlier what an earlier process asked, to ask the same again. */
  async ask(
    question: Question,
    signal: AbortSignal,
    earlier?: Pick<OpenQuestion, "questionId" | "askedAt">,
  ): Promise<Answer> {
    if (signal.aborted) return cancelled;
    const { clock, random, change, slot } = this.#deps;
    const { questionId, askedAt } = earlier ?? { questionId: random.uuid(), askedAt: clock.now() };
    const asked = { ...question, questionId, askedAt };
    const given = this.#opened(asked, signal);
    change({ kind: "asked", question: asked });
    // An approval is asked for again by the tool itself, a question would be lost with its turn.
    if (asked.about === "question") await this.#noteOpen(() => this.#unsettled.set(asked.questionId, asked));
    slot.free();
    const { answer, by } = await given;
    const words = by === undefined ? undefined : wordsOf(question, answer, by);
    change({ kind: "answered", questionId, toolRuns: earlier === undefined, answer: words });
    if (words === undefined) {
      // What ends with the attempt is asked again; what the tool itself wants to know no longer is not.
      if (!this.#signal.aborted && !this.#deps.isEnding()) await this.#settle(asked);
      return cancelled;
    }
    this.#deps.reporter.tell(question.about === "question" ? "progress" : "policy", words.report);
    try {
      await slot.take(signal);
    } catch {
      return cancelled;
    }
    await this.#settle(asked);
    return answer;
  }

  /** A person answers in the editor. Rejects what is not asked any more, and what is no answer to it. */
  answer(questionId: string | undefined, answer: PersonAnswer): void {
    const open = questionId === undefined ? [...this.#open.values()][0] : this.#open.get(questionId);
    if (open === undefined || open.isClosed) {
      throw notAsked();
    }
    const { question } = open;
    const given = answer.kind === "input" ? answerOf(question, answer.text) : answer;
    const decides = given.kind === "decision";
    const isNo = decides && (given.decision === "deny" || given.decision === "cancel");
    if (question.about === "question" ? decides && !isNo : !decides) {
      throw new UserError(say("This is no answer to what was asked. It still waits for one."));
    }
    if (decides && given.decision === "approveForSession" && !question.forSession) {
      throw new UserError(say("The coding tool cannot keep this approval. Approve it once instead."));
    }
    open.close(given, "editor");
  }

  /**
   * The platform's word on the session: it may hold its user's answer.
   * @param requestedAt monotonic instant at which it was asked for.
   */
  see({ pendingResumeInput: input }: Session, requestedAt: number): void {
    const open = this.#telling;
    if (input === undefined || this.#usedInputs.has(input.inputId)) return;
    if (open?.toldAt === undefined || open.isClosed || requestedAt < open.toldAt) return;
    this.#usedInputs.add(input.inputId);
    open.inputId = input.inputId;
    open.close(answerOf(open.question, input.text), "platform");
  }

  /** It waits for a person now. */
  get waits(): boolean {
    return this.#open.size > 0;
  }

  /** The work is over: no finish may come while the session awaits input. */
  end(): void {
    if (this.#isAwaiting) this.#note("active", {});
  }

  async #settle({ about, questionId }: OpenQuestion): Promise<void> {
    if (about === "question") await this.#noteOpen(() => this.#unsettled.delete(questionId));
  }

  /** A later process asks the oldest question again. */
  async #noteOpen(change: () => void): Promise<void> {
    change();
    const [asked] = this.#unsettled.values();
    await this.#deps.record({ asked });
  }

  #opened(
    question: OpenQuestion,
    signal: AbortSignal,
  ): Promise<{ readonly answer: Answer; readonly by: AnsweredBy | undefined }> {
    return new Promise((resolve) => {
      let tellClosed: () => void = () => undefined;
      const closed = new Promise<void>((done) => (tellClosed = done));
      const onAbort = (): void => open.close(cancelled, undefined);
      const open: Open = {
        question,
        closed,
        toldAt: undefined,
        inputId: undefined,
        isClosed: false,
        close: (answer, by) => {
          if (open.isClosed) return;
          open.isClosed = true;
          signal.removeEventListener("abort", onAbort);
          this.#open.delete(question.questionId);
          tellClosed();
          resolve({ answer, by });
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#open.set(question.questionId, open);
      this.#told = this.#told.then(() => this.#tell(open)).catch((error: unknown) => this.#notTold(error));
    });
  }

  #notTold(error: unknown): void {
    if (this.#signal.aborted) return;
    const { log, sessionId } = this.#deps;
    log.warn("a question could not be told to the platform", { sessionId, message: messageOf(error) });
  }

  /** One question's life on the platform. */
  async #tell(open: Open): Promise<void> {
    if (open.isClosed) return;
    this.#telling = open;
    try {
      await this.#send("awaiting_input", { inputRequest: inputRequestOf(open.question) });
      open.toldAt = this.#deps.clock.monotonic();
      await untilAborted(open.closed, this.#signal);
      await this.#leave(open.inputId);
    } finally {
      this.#telling = undefined;
    }
  }

  /** Back to active. An answer of the platform's user that came too late is used up, and they are told. */
  async #leave(inputId: string | undefined): Promise<void> {
    let consumed = inputId ?? (await this.#lateInput());
    for (let late = 0; late < lateLimit; late += 1) {
      await this.#send("active", consumed === undefined ? {} : { consumedResumeInputId: consumed });
      consumed = await this.#lateInput();
      if (consumed === undefined) return;
    }
  }

  /** An input that answered nothing any more. */
  async #lateInput(): Promise<string | undefined> {
    const { read, reporter } = this.#deps;
    try {
      const { pendingResumeInput: input } = await read(this.#signal);
      if (input === undefined || this.#usedInputs.has(input.inputId)) return undefined;
      this.#usedInputs.add(input.inputId);
      reporter.tell(
        "policy",
        "The answer on One Horizon came after the one in the editor, so it was not used.",
      );
      return input.inputId;
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#notTold(error);
      return undefined;
    }
  }

  async #send(
    status: "active" | "awaiting_input",
    more: { readonly inputRequest?: string; readonly consumedResumeInputId?: string },
  ): Promise<void> {
    this.#signal.throwIfAborted();
    this.#note(status, more);
    await untilAborted(this.#deps.reporter.flush(), this.#signal);
  }

  #note(
    status: "active" | "awaiting_input",
    more: { readonly inputRequest?: string; readonly consumedResumeInputId?: string },
  ): void {
    this.#isAwaiting = status === "awaiting_input";
    this.#deps.reporter.note({ status, ...more });
  }
}
