import { isDeepStrictEqual } from "node:util";
import type { Answer, Question } from "../../src/core/ports/person";
import type { SessionView } from "../../src/core/state";
import type { AskWatch, Heard } from "./asking";
import type { Life } from "./life";
import { platformsAnswer } from "./simPlatform";
import type { ToolProcess } from "./tool";

/** How long a session that asks may keep its slot, milliseconds of awake time: the note of it goes to the disk first. */
const freedMs = 2000;

interface Asked {
  readonly process: ToolProcess;
  readonly question: Question;
  /** Awake time. */
  readonly at: number;
  /** What a person answered to it in the editor. */
  given: Answer | undefined;
  how: Heard | undefined;
  /** Awake time. */
  heardAt: number;
}

export interface QuestionsDeps {
  readonly awake: () => number;
  readonly holdsSlot: (life: Life, sessionId: string) => boolean;
  readonly notesLost: () => boolean;
}

/** What the tools asked, and what became of it: each is answered or withdrawn once, and by nobody but a person. */
export class Questions implements AskWatch {
  readonly #deps: QuestionsDeps;
  readonly #fail: (message: string) => void;
  readonly #asked = new Map<string, Asked>();

  constructor(deps: QuestionsDeps, fail: (message: string) => void) {
    this.#deps = deps;
    this.#fail = fail;
  }

  asked(process: ToolProcess, question: Question): void {
    const at = this.#deps.awake();
    this.#asked.set(question.what, {
      process,
      question,
      at,
      given: undefined,
      how: undefined,
      heardAt: -Infinity,
    });
  }

  /** The editor took a person's answer. */
  given(what: string, answer: Answer): void {
    const asked = this.#asked.get(what);
    if (asked === undefined) this.#fail(`a person answered ${what}, which no tool asked`);
    // An earlier process asked it: its tool does not hear of it any more, and the next turn begins with the answer.
    else if (asked.process.life.over || this.#isForgotten(asked)) asked.given ??= answer;
    else if (asked.given !== undefined) this.#fail(`${what} takes two answers`);
    else asked.given = answer;
  }

  /** The disk took no note of the answer, so the question is asked again once its tool is gone. */
  #isForgotten({ process, given }: Asked): boolean {
    return given !== undefined && !process.alive && this.#deps.notesLost();
  }

  heard(process: ToolProcess, question: Question, answer: Answer, how: Heard): void {
    const { what, about } = question;
    const asked = this.#asked.get(what);
    if (asked === undefined) return;
    if (asked.how !== undefined) this.#fail(`${what} is answered twice`);
    asked.how = how;
    asked.heardAt = this.#deps.awake();
    const { given } = asked;
    const isNo = answer.kind === "decision" && answer.decision === "cancel";
    if (isDeepStrictEqual(given, answer)) return;
    if (how !== "answered" && isNo) return;
    if (given !== undefined) {
      this.#fail(`tool ${process.number} hears another answer to ${what} than was given`);
    } else if (!isDeepStrictEqual(answer, platformsAnswer(about))) {
      this.#fail(`tool ${process.number} hears an answer to ${what} that nobody gave`);
    }
  }

  ended(process: ToolProcess): void {
    for (const [what, asked] of this.#asked) {
      if (asked.process !== process) continue;
      if (asked.how === undefined) {
        this.#fail(`tool ${process.number} ended, and ${what} is neither answered nor withdrawn`);
      }
    }
  }

  /** What a window shows of a session has to be asked still. */
  look(life: Life, { sessionId, questions }: SessionView): void {
    for (const { what } of questions) {
      const how = this.#asked.get(what)?.how;
      // What the tool's end cut off is asked again by the next process.
      if (how === undefined || how === "ended" || this.#deps.notesLost()) continue;
      this.#fail(`${sessionId} asks ${what} in ${life.name}, which was ${how}`);
    }
  }

  /** Held at every step. */
  lookAtAll(): void {
    const byProcess = new Map<ToolProcess, Asked[]>();
    for (const asked of this.#asked.values()) {
      const { process } = asked;
      if (!process.alive || process.life.over || process.orphaned) continue;
      byProcess.set(process, [...(byProcess.get(process) ?? []), asked]);
    }
    for (const [process, all] of byProcess) {
      if (!this.#onlyWaits(all) || !this.#deps.holdsSlot(process.life, process.sessionId)) continue;
      this.#fail(`tool ${process.number} waits for a person and keeps the slot of ${process.sessionId}`);
    }
  }

  /** For a while already, and nobody has answered it. */
  #onlyWaits(all: readonly Asked[]): boolean {
    const open = all.filter((one) => one.how === undefined);
    const first = Math.min(...open.map((one) => one.at));
    const last = Math.max(...open.map((one) => one.at));
    // With one of several answers the tool works on.
    const works = all.some((one) => one.how === "answered" && one.heardAt >= first);
    const answered = open.some((one) => one.given !== undefined);
    return open.length > 0 && !works && !answered && this.#deps.awake() - last >= freedMs;
  }
}
