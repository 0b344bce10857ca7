/** Keeps the last characters of a growing text, for diagnostics. */
export class TextTail {
  readonly #maxChars: number;
  #text = "";

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  push(text: string): void {
    this.#text = (this.#text + text).slice(-this.#maxChars);
  }

  get text(): string {
    return this.#text;
  }
}

/** The first `maxChars` characters, with a mark where something was cut. Never splits a surrogate pair. */
export function headOf(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** The last `maxChars` characters, with a mark where something was cut. Never splits a surrogate pair. */
export function tailOf(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `…${text.slice(1 - maxChars).replace(/^[\uDC00-\uDFFF]/, "")}`;
}
