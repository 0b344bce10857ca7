/**
 * Cuts a byte stream into lines. Works on bytes, so that a character split over two chunks stays whole.
 * A line longer than the bound is dropped up to its end and told once; memory never grows past the bound.
 */
export class LineReader {
  readonly #maxBytes: number;
  readonly #onLine: (line: string) => void;
  readonly #onOverlong: () => void;
  #parts: Uint8Array[] = [];
  #size = 0;
  #dropping = false;

  constructor(options: {
    /** Longest line kept, bytes without the line end. */
    readonly maxBytes: number;
    readonly onLine: (line: string) => void;
    readonly onOverlong: () => void;
  }) {
    this.#maxBytes = options.maxBytes;
    this.#onLine = options.onLine;
    this.#onOverlong = options.onOverlong;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#finishLine();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** The stream ended; what stands after the last line end is a line too. */
  end(): void {
    if (this.#size > 0 || this.#dropping) this.#finishLine();
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#dropping) return;
    if (this.#size + bytes.length > this.#maxBytes) {
      this.#dropping = true;
      this.#parts = [];
      this.#size = 0;
      this.#onOverlong();
      return;
    }
    this.#parts.push(Uint8Array.from(bytes));
    this.#size += bytes.length;
  }

  #finishLine(): void {
    const dropped = this.#dropping;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#dropping = false;
    if (dropped) return;
    const line = bytes.toString("utf8");
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text.length > 0) this.#onLine(text);
  }
}
