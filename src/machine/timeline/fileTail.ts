import type { TimelineNews } from "../../core/ports/timeline";
import { TimelineEntries } from "../../core/timelineEntries";
import type { FileMark, TimelineDisk } from "./disk";
import { LineDecoder } from "./lines";

/** A timeline's file as one reader sees it grow. */
export class FileTail {
  readonly #disk: TimelineDisk;
  readonly #name: string;
  #mark: FileMark | undefined;
  #decoder = new LineDecoder();
  #entries = new TimelineEntries();
  #good = 0;
  #bad = 0;
  #begun = false;

  constructor(disk: TimelineDisk, name: string) {
    this.#disk = disk;
    this.#name = name;
  }

  get entries(): TimelineEntries {
    return this.#entries;
  }

  /** Bytes read so far. */
  get size(): number {
    return this.#mark?.size ?? 0;
  }

  /** There are lines, and not one of them is of a timeline. */
  get isForeign(): boolean {
    return this.#bad > 0 && this.#good === 0;
  }

  /** What is new since the last look; the first one tells everything. Rejects when the file cannot be read. */
  async look(): Promise<TimelineNews | undefined> {
    const piece = await this.#disk.readSince(this.#name, this.#mark);
    const whole = !this.#begun || (piece === undefined ? this.#mark !== undefined : piece.whole);
    this.#begun = true;
    if (whole) this.#reset();
    this.#mark = piece?.mark;
    const { entries, missed, bad } = this.#decoder.push(piece?.bytes ?? new Uint8Array());
    this.#good += entries.length + missed - bad;
    this.#bad += bad;
    const kept = entries.map((one) => this.#entries.put(one));
    this.#entries.miss(missed);
    if (whole) {
      return { kind: "timeline", entries: this.#entries.list(), dropped: this.#entries.dropped };
    }
    return kept.length === 0 ? undefined : { kind: "entries", entries: kept };
  }

  #reset(): void {
    this.#decoder = new LineDecoder();
    this.#entries = new TimelineEntries();
    this.#good = 0;
    this.#bad = 0;
  }
}
