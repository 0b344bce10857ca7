/** Keeps the last bytes of a growing output, cut between characters. */
export class ByteTail {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #truncated = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get truncated(): boolean {
    return this.#truncated || this.#size > this.#maxBytes;
  }

  /** As UTF-8. */
  get text(): string {
    const bytes = this.#joined();
    let from = 0;
    // The rest of a character whose start is gone.
    while (this.truncated && from < 4 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
    return bytes.subarray(from).toString("utf8");
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(Uint8Array.from(chunk));
    this.#size += chunk.length;
    // Joined only once in a while: each join copies all of it.
    if (this.#size <= 2 * this.#maxBytes + 65_536) return;
    this.#truncated = true;
    this.#chunks = [Uint8Array.from(this.#joined())];
    this.#size = this.#chunks[0]?.length ?? 0;
  }

  #joined(): Buffer {
    const all = Buffer.concat(this.#chunks);
    return this.#maxBytes === 0 ? Buffer.alloc(0) : all.subarray(-this.#maxBytes);
  }
}
