import type { Take } from "./readings";

/** One of the four ways to cut a run of base64 into groups of four. */
export interface Base64Lane {
  readonly feed: Take;
  readonly reset: () => void;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const sextets = new Int8Array(128).fill(-1);
for (let at = 0; at < alphabet.length; at += 1) sextets[alphabet.charCodeAt(at)] = at;
sextets["-".charCodeAt(0)] = 62;
sextets["_".charCodeAt(0)] = 63;

/** Eight bytes take that many characters; shorter runs are words, and hold nothing that is hidden. */
const shortestRun = 11;

const [tab, newline, carriageReturn, space] = [9, 10, 13, 32];
/** What may stand between two lines of a run: a line's end and an indent. */
const longestGap = 18;

/**
 * Reads every run of base64 or base64url characters in all four alignments at once, so that what a secret was encoded
 * together with does not matter. Lines may be wrapped and indented.
 */
export class Base64Reading {
  readonly #lanes: readonly Base64Lane[];
  /** The first characters of the run, kept until it is long enough. */
  readonly #sextets = new Uint8Array(shortestRun);
  readonly #starts = new Float64Array(shortestRun);
  #length = 0;
  #bits = 0;
  #before = 0;
  /** How many characters of a line's end and the next one's indent stand after the last one; 0 inside a line. */
  #gap = 0;

  /** @param lanes four. */
  constructor(lanes: readonly Base64Lane[]) {
    this.#lanes = lanes;
  }

  /** Where a run begins that is not long enough yet, else its last character, in which another byte begins. */
  get pendingFrom(): number | undefined {
    if (this.#length === 0) return undefined;
    return this.#length < shortestRun ? this.#starts[0] : this.#before;
  }

  feed = (code: number, start: number, end: number): void => {
    const sextet = code < 128 ? (sextets[code] ?? -1) : -1;
    if (sextet < 0) {
      if (this.#length > 0) this.#other(code);
      return;
    }
    this.#gap = 0;
    if (this.#length >= shortestRun) {
      this.#decode(sextet, start, end);
      return;
    }
    this.#sextets[this.#length] = sextet;
    this.#starts[this.#length] = start;
    this.#length += 1;
    if (this.#length === shortestRun) this.#begin(end);
  };

  #begin(end: number): void {
    this.#length = 0;
    for (let at = 0; at < shortestRun; at += 1) {
      const start = this.#starts[at] ?? 0;
      this.#decode(this.#sextets[at] ?? 0, start, this.#starts[at + 1] ?? end);
    }
  }

  /** In three of the alignments a byte ends with this character; it begins with the one before. */
  #decode(sextet: number, start: number, end: number): void {
    const bits = ((this.#bits << 6) | sextet) & 0xffff;
    for (let lane = 0; lane < 4 && this.#length > 0; lane += 1) {
      const place = (this.#length - lane) & 3;
      if (place !== 0) this.#lanes[lane]?.feed((bits >> (6 - 2 * place)) & 0xff, this.#before, end);
    }
    this.#bits = bits;
    this.#before = start;
    this.#length += 1;
  }

  #other(code: number): void {
    const isLineEnd = code === carriageReturn || code === newline;
    const isIndent = this.#gap > 0 && (code === space || code === tab);
    if ((isLineEnd || isIndent) && this.#gap < longestGap) this.#gap += 1;
    else this.reset();
  }

  /** The run is over. */
  reset(): void {
    if (this.#length >= shortestRun) for (const lane of this.#lanes) lane.reset();
    this.#length = 0;
    this.#gap = 0;
  }
}
