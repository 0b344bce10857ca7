import { has } from "./charSet";
import type { Format, Step } from "./format";
import type { Mark } from "./mark";

const formatRank = 1;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** One place in the text at which a key may have begun, followed character by character. */
export class FormatRun {
  readonly format: Format;
  /** Set as soon as it is a key. */
  mark: Mark | undefined;
  readonly #onMark: (mark: Mark) => void;
  #steps: readonly Step[];
  #at = 0;
  #count = 0;
  #hasDigit = false;
  #hiddenFrom: number | undefined;
  #hiddenTo = 0;

  /** @param start where the literal begins in the whole text. */
  constructor(format: Format, start: number, onMark: (mark: Mark) => void) {
    this.format = format;
    this.#steps = format.steps;
    this.#hiddenFrom = format.startHidden ? start : undefined;
    this.#onMark = onMark;
  }

  /** The first position that may still be hidden through this run; undefined when it is none so far. */
  get pendingFrom(): number | undefined {
    return this.mark === undefined ? this.#hiddenFrom : this.mark.end;
  }

  /** The same place, to be followed in another reading of what comes. */
  copy(): FormatRun {
    const copy = new FormatRun(this.format, 0, this.#onMark);
    copy.mark = this.mark;
    copy.#steps = this.#steps;
    copy.#at = this.#at;
    copy.#count = this.#count;
    copy.#hasDigit = this.#hasDigit;
    copy.#hiddenFrom = this.#hiddenFrom;
    copy.#hiddenTo = this.#hiddenTo;
    return copy;
  }

  /** Takes the next character; false when the run is over. */
  feed(code: number, start: number, end: number): boolean {
    for (;;) {
      const step = this.#steps[this.#at];
      if (step === undefined) {
        if (this.format.again.length === 0) return false;
        this.#steps = this.format.again;
        this.#at = 0;
        continue;
      }
      if (this.#count < step.max && has(step.chars, code)) {
        this.#take(step, code, start, end);
        return true;
      }
      const isLast = this.#at === this.#steps.length - 1;
      if (this.#count < step.min || (isLast && this.mark === undefined)) return false;
      this.#at += 1;
      this.#count = 0;
    }
  }

  #take(step: Step, code: number, start: number, end: number): void {
    this.#count += 1;
    if (step.hidden) {
      this.#hiddenFrom ??= start;
      this.#hiddenTo = end;
      this.#hasDigit ||= isDigit(code);
    }
    if (this.#at !== this.#steps.length - 1 || this.#count < step.min) return;
    if (this.format.digit && !this.#hasDigit) return;
    if (this.mark !== undefined) {
      this.mark.end = Math.max(this.mark.end, this.#hiddenTo);
      return;
    }
    const { label } = this.format;
    this.mark = { start: this.#hiddenFrom ?? end, end: this.#hiddenTo, label, rank: formatRank, told: false };
    this.#onMark(this.mark);
  }
}
