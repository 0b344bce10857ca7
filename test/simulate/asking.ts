import { LinkedAbort } from "../../src/base/abort";
import type { Clock } from "../../src/base/clock";
import type { Answer, Question } from "../../src/core/ports/person";
import type { RunRequest } from "../../src/core/ports/runtime";
import type { Dice } from "./dice";
import type { ToolProcess } from "./tool";

/** - withdrawn: the tool waits no longer, by itself; - ended: it is told to end. */
export type Heard = "answered" | "withdrawn" | "ended";

/** Told of what the tool asks a person, and of what it hears. */
export interface AskWatch {
  asked(process: ToolProcess, question: Question): void;
  heard(process: ToolProcess, question: Question, answer: Answer, how: Heard): void;
}

/** What one tool asks of a person while it works. */
export class Asking {
  readonly #dice: Dice;
  readonly #watch: AskWatch;
  #asked = 0;

  constructor(dice: Dice, watch: AskWatch) {
    this.#dice = dice;
    this.#watch = watch;
  }

  /** Asks one thing, or two at once. True when a person wants the turn to end. */
  async ask(
    process: ToolProcess,
    clock: Clock,
    request: Pick<RunRequest, "ask">,
    signal: AbortSignal,
  ): Promise<boolean> {
    const many = this.#dice.chance(0.1) ? 2 : 1;
    const answers = await Promise.all(
      Array.from({ length: many }, () => this.#one(process, clock, request, signal)),
    );
    signal.throwIfAborted();
    return answers.includes(true);
  }

  async #one(
    process: ToolProcess,
    clock: Clock,
    { ask }: Pick<RunRequest, "ask">,
    signal: AbortSignal,
  ): Promise<boolean> {
    const question = this.#question();
    const waiting = new LinkedAbort(signal);
    // Now and then the tool knows better by itself.
    if (this.#dice.chance(0.1)) {
      const afterMs = this.#dice.pick([0, 200, 5000, 60_000]);
      clock.sleep(afterMs, waiting.signal).then(
        () => waiting.abort(new Error("the tool waits no longer")),
        () => undefined,
      );
    }
    try {
      this.#watch.asked(process, question);
      const answer = await ask(question, waiting.signal);
      const how = signal.aborted ? "ended" : waiting.signal.aborted ? "withdrawn" : "answered";
      this.#watch.heard(process, question, answer, how);
      return how === "answered" && answer.kind === "decision" && answer.decision === "cancel";
    } finally {
      waiting.abort(new Error("it was answered"));
      waiting.dispose();
    }
  }

  #question(): Question {
    this.#asked += 1;
    const what = `?${this.#asked}`;
    const about = this.#dice.pick(["question", "question", "command", "fileChange"]);
    const parts = about === "question" ? [{ text: what, options: ["left", "right"], secret: false }] : [];
    return { about, what, where: undefined, why: undefined, forSession: this.#dice.chance(0.5), parts };
  }
}
