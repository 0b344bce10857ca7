import type { Automaton } from "./automaton";
import type { Format } from "./format";
import { FormatRun } from "./formatRun";
import type { Mark } from "./mark";

/** What the automaton finds: a whole value to hide, or the literal with which a key may begin. */
export type Literal =
  | { readonly kind: "value"; readonly length: number; readonly label: string }
  | { readonly kind: "start"; readonly length: number; readonly format: Format };

/** How many places are followed at once per format: past that a text plays with us. */
const runsPerFormat = 4;

function isAlphanumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** Looks for secrets in one reading of the text. Time per symbol does not depend on the text. */
export class Matcher {
  readonly #automaton: Automaton<Literal>;
  readonly #onMark: (mark: Mark) => void;
  /** Of the last symbols, what they are and where they begin in the text. */
  readonly #codes: Uint16Array;
  readonly #starts: Float64Array;
  readonly #mask: number;
  #count = 0;
  #node = 0;
  #runs: FormatRun[] = [];
  #last: Mark | undefined;

  constructor(automaton: Automaton<Literal>, onMark: (mark: Mark) => void) {
    this.#automaton = automaton;
    this.#onMark = onMark;
    const size = 2 ** Math.ceil(Math.log2(automaton.longest + 2));
    this.#codes = new Uint16Array(size);
    this.#starts = new Float64Array(size);
    this.#mask = size - 1;
  }

  /** @param start where the symbol begins in the whole text; `end`: the position after it. */
  feed(code: number, start: number, end: number): void {
    const slot = this.#count & this.#mask;
    this.#codes[slot] = code;
    this.#starts[slot] = start;
    this.#count += 1;
    if (this.#runs.length > 0) this.#runs = this.#runs.filter((run) => run.feed(code, start, end));
    const node = this.#automaton.step(this.#node, code);
    this.#node = node;
    if (this.#automaton.ends(node)) this.#automaton.each(node, (found) => this.#found(found, end));
  }

  /** Goes on where another one of the same automaton is. */
  follow(other: Matcher): void {
    this.#codes.set(other.#codes);
    this.#starts.set(other.#starts);
    this.#count = other.#count;
    this.#node = other.#node;
    this.#runs = other.#runs.map((run) => run.copy());
    this.#last = other.#last;
  }

  /** What comes now does not go on with what came before. */
  reset(): void {
    this.#node = 0;
    this.#count = 0;
    if (this.#runs.length > 0) this.#runs = [];
    this.#last = undefined;
  }

  /** The first position that may still turn out to be secret; `next` when there is none before it. */
  pendingFrom(next: number): number {
    const depth = this.#automaton.depth(this.#node);
    const literal = depth === 0 ? next : this.#startOf(depth);
    return this.#runs.reduce((first, run) => Math.min(first, run.pendingFrom ?? next), literal);
  }

  /** Nothing that began at the position or before is followed any more. */
  isPast(position: number): boolean {
    const depth = this.#automaton.depth(this.#node);
    return this.#runs.length === 0 && (depth === 0 || this.#startOf(depth) > position);
  }

  #startOf(symbolsAgo: number): number {
    return this.#starts[(this.#count - symbolsAgo) & this.#mask] ?? 0;
  }

  #found(literal: Literal, end: number): void {
    const start = this.#startOf(literal.length);
    if (literal.kind === "value") this.#hide(start, end, literal.label);
    else if (this.#mayBegin(literal)) this.#runs.push(new FormatRun(literal.format, start, this.#onMark));
  }

  #mayBegin({ format, length }: Extract<Literal, { kind: "start" }>): boolean {
    if (format.alone && this.#count > length) {
      const before = this.#codes[(this.#count - length - 1) & this.#mask] ?? 0;
      if (isAlphanumeric(before)) return false;
    }
    const same = this.#runs.filter((run) => run.format === format);
    return same.length < runsPerFormat && same.every((run) => run.mark === undefined);
  }

  #hide(start: number, end: number, label: string): void {
    const last = this.#last;
    if (last?.label === label && start < last.end) {
      last.end = Math.max(last.end, end);
      return;
    }
    this.#last = { start, end, label, rank: 0, told: false };
    this.#onMark(this.#last);
  }
}
