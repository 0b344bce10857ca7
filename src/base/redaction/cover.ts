import type { Mark } from "./mark";

/** Holds a text until it is known what of it is hidden, and puts the replacements in. */
export class Cover {
  #text = "";
  /** Where the held text begins in the whole one. */
  #from = 0;
  #hiddenTo = 0;
  #marks: Mark[] = [];

  get held(): number {
    return this.#text.length;
  }

  add(mark: Mark): void {
    this.#marks.push(mark);
  }

  /**
   * Adds to the text and returns what is settled.
   * @param settled no mark that is not known yet begins before this position.
   */
  take(text: string, settled: number): string {
    this.#text += text;
    const marks = this.#marks.sort((a, b) => a.start - b.start || a.rank - b.rank);
    const parts: string[] = [];
    let from = this.#from;
    for (const mark of marks) {
      if (mark.start >= settled) break;
      if (!mark.told && mark.start >= this.#hiddenTo) {
        parts.push(this.#slice(Math.max(from, this.#hiddenTo), mark.start), replacement(mark.label));
        from = mark.start;
      }
      mark.told = true;
      this.#hiddenTo = Math.max(this.#hiddenTo, mark.end);
    }
    parts.push(this.#slice(Math.max(from, this.#hiddenTo), settled));
    this.#text = this.#text.slice(settled - this.#from);
    this.#from = settled;
    // A key that goes on grows its mark at the end of what is settled.
    if (marks.length > 0) this.#marks = marks.filter((mark) => !mark.told || mark.end >= settled);
    return parts.join("");
  }

  reset(): void {
    this.#text = "";
    this.#from = 0;
    this.#hiddenTo = 0;
    this.#marks = [];
  }

  #slice(from: number, to: number): string {
    return from < to ? this.#text.slice(from - this.#from, to - this.#from) : "";
  }
}

function replacement(label: string): string {
  return `[hidden: ${label}]`;
}
