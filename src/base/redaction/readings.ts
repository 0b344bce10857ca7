/** Takes a symbol that stands at `start` to `end` of the whole text. */
export type Take = (code: number, start: number, end: number) => void;

/** One way to read a text: passes on what it decodes. */
interface Reading {
  readonly feed: Take;
  /** Where the escape begins that is not whole yet; undefined when none is under way. */
  readonly pendingFrom: number | undefined;
  /** The text is over: what began as an escape was none. */
  end(): void;
}

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

const plainEscapes: ReadonlyMap<number, number> = new Map(
  Object.entries({ b: 8, t: 9, n: 10, f: 12, r: 13, '"': 34, "/": 47, "\\": 92 }).map(([letter, code]) => [
    letter.charCodeAt(0),
    code,
  ]),
);

const backslash = 92;
const percent = 37;
const letterU = 117;

/** What both kinds of escape share: a sign, then characters until it is whole or turns out to be none. */
abstract class EscapeReading implements Reading {
  readonly #sign: number;
  protected readonly pass: Take;
  protected readonly codes: number[] = [];
  #from = 0;
  #starts: number[] = [];

  constructor(sign: number, pass: Take) {
    this.#sign = sign;
    this.pass = pass;
  }

  /** The code that the escape so far stands for; undefined while it goes on, -1 when it is none. */
  protected abstract decode(): number | undefined;

  get pendingFrom(): number | undefined {
    return this.codes.length === 0 ? undefined : this.#from;
  }

  feed = (code: number, start: number, end: number): void => {
    if (this.codes.length === 0 && code !== this.#sign) {
      this.pass(code, start, end);
      return;
    }
    if (this.codes.length === 0) this.#from = start;
    this.codes.push(code);
    this.#starts.push(start);
    const decoded = this.codes.length === 1 ? undefined : this.decode();
    if (decoded === undefined) return;
    if (decoded >= 0) {
      const from = this.#from;
      this.#clear();
      this.pass(decoded, from, end);
    } else {
      this.#giveUp(code, start, end);
    }
  };

  end(): void {
    this.#passAll(this.codes.length, (this.#starts.at(-1) ?? 0) + 1);
  }

  /** The last character may begin an escape itself. */
  #giveUp(code: number, start: number, end: number): void {
    this.#passAll(this.codes.length - 1, start);
    this.feed(code, start, end);
  }

  #passAll(count: number, end: number): void {
    const codes = this.codes.slice(0, count);
    const starts = this.#starts.slice(0, count);
    this.#clear();
    codes.forEach((code, at) => this.pass(code, starts[at] ?? end, starts[at + 1] ?? end));
  }

  #clear(): void {
    this.codes.length = 0;
    this.#starts.length = 0;
  }
}

/** `%41` as one byte. */
export class PercentReading extends EscapeReading {
  constructor(pass: Take) {
    super(percent, pass);
  }

  protected override decode(): number | undefined {
    const [, high = 0, low] = this.codes.map(hexValue);
    if (high < 0 || (low !== undefined && low < 0)) return -1;
    return low === undefined ? undefined : high * 16 + low;
  }
}

/** `\n`, `\/`, a `\u` with four digits and the others as one code unit, as inside a JSON string. */
export class JsonReading extends EscapeReading {
  constructor(pass: Take) {
    super(backslash, pass);
  }

  protected override decode(): number | undefined {
    const [, kind = 0, ...digits] = this.codes;
    if (kind !== letterU) return plainEscapes.get(kind) ?? -1;
    const values = digits.map(hexValue);
    if (values.some((value) => value < 0)) return -1;
    return values.length < 4 ? undefined : values.reduce((sum, value) => sum * 16 + value, 0);
  }
}
