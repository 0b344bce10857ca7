/** What happened in a schedule: always as a hash, as text only when somebody wants to read it. */
export class Trace {
  readonly lines: string[] | undefined;
  #hash = 0x811c9dc5;
  #events = 0;

  constructor(keep: boolean) {
    this.lines = keep ? [] : undefined;
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  get events(): number {
    return this.#events;
  }

  /** @param atMs true time since the schedule began. */
  add(atMs: number, what: string): void {
    this.#events += 1;
    let hash = this.#hash ^ Math.round(atMs);
    for (let index = 0; index < what.length; index += 1) {
      hash = Math.imul(hash ^ what.charCodeAt(index), 0x01000193);
    }
    this.#hash = hash;
    this.#keep(atMs, what);
  }

  /** For the reader alone: made only when there is one. */
  remark(atMs: number, what: () => string): void {
    if (this.lines !== undefined) this.#keep(atMs, what());
  }

  #keep(atMs: number, what: string): void {
    this.lines?.push(`${(atMs / 1000).toFixed(3).padStart(9)} ${what}`);
  }
}
