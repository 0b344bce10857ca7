import type { Clock } from "../../base/clock";
import { Emitter } from "../../base/emitter";
import { messageOf, type Log } from "../../base/log";
import type { TimelineNews } from "../../core/ports/timeline";
import type { TimelineEntry } from "../../core/timeline";
import { TimelineEntries } from "../../core/timelineEntries";
import { UnreadableFileError } from "../journal/disk";
import type { TimelineDisk } from "./disk";
import { FileTail } from "./fileTail";
import { encodeEntry, encodeHead } from "./lines";

/** Between two writes at least, and after one that failed. */
const pauseMs = 250;
const troubleMs = 5000;
/** Largest file, and what is left of it when it is compacted, bytes. */
const mostBytes = 8_000_000;
const keptBytes = 4_000_000;

export interface WriterDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly disk: TimelineDisk;
  /** Told of each write that failed. */
  readonly onTrouble: (error: unknown) => void;
  /** Ends what waits for its turn. */
  readonly life: AbortSignal;
}

/** One session's timeline in the window that runs it: in memory whole, on the disk as soon as that takes it. */
export class TimelineWriter {
  readonly #deps: WriterDeps;
  readonly #name: string;
  readonly #entries: TimelineEntries;
  readonly #put = new Emitter<readonly TimelineEntry[]>();
  #lines: string[] = [];
  #size: number;
  /** The disk has not all of it: it is written whole. */
  #behind = false;
  #nextAt = -Infinity;
  #scheduled = false;
  #tail = Promise.resolve();

  private constructor(deps: WriterDeps, name: string, entries: TimelineEntries, size: number) {
    this.#deps = deps;
    this.#name = name;
    this.#entries = entries;
    this.#size = size;
  }

  /** Never rejects: what cannot be read is set aside, and the timeline begins anew. */
  static async open(deps: WriterDeps, name: string): Promise<TimelineWriter> {
    const { disk, log } = deps;
    const file = new FileTail(disk, name);
    try {
      await file.look();
      if (!file.isForeign) return new TimelineWriter(deps, name, file.entries, file.size);
      throw new UnreadableFileError(`${name} holds no timeline`);
    } catch (error) {
      const aside =
        error instanceof UnreadableFileError &&
        (await disk.setAside(name).then(
          () => true,
          () => false,
        ));
      const message = aside
        ? "A session's timeline could not be read, and is kept under a new name"
        : "A session's timeline could not be read, and begins anew";
      log.warn(message, { folder: disk.folder, reason: messageOf(error) });
      return new TimelineWriter(deps, name, new TimelineEntries(), 0);
    }
  }

  get entries(): readonly TimelineEntry[] {
    return this.#entries.list();
  }

  /** The disk does not have all of it. */
  get isBehind(): boolean {
    return this.#behind;
  }

  get whole(): TimelineNews {
    return { kind: "timeline", entries: this.entries, dropped: this.#entries.dropped };
  }

  /** Entries as they are kept from now on. */
  get onDidPut(): Emitter<readonly TimelineEntry[]>["event"] {
    return this.#put.event;
  }

  append(entries: readonly TimelineEntry[]): void {
    const kept = entries.map((one) => this.#entries.put(one));
    this.#lines.push(...kept.map(encodeEntry));
    this.#schedule();
    this.#put.fire(kept);
  }

  /** Resolves when the disk has what was appended, or has refused it. Never rejects. */
  async flush(): Promise<void> {
    this.#tail = this.#tail.then(() => this.#write());
    await this.#tail;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const { clock, life } = this.#deps;
    clock
      .sleep(Math.max(0, this.#nextAt - clock.monotonic()), life)
      .then(() => {
        this.#scheduled = false;
        return this.flush();
      })
      .catch(() => undefined); // the window closes, which flushes by itself
  }

  async #write(): Promise<void> {
    const { clock, disk, onTrouble } = this.#deps;
    if (this.#lines.length === 0 && !this.#behind) return;
    const bytes = Buffer.from(this.#lines.splice(0).join(""));
    try {
      if (this.#behind || this.#size + bytes.length > mostBytes) await this.#rewrite();
      else this.#size = await disk.append(this.#name, bytes);
      this.#nextAt = clock.monotonic() + pauseMs;
    } catch (error) {
      this.#behind = true;
      this.#nextAt = clock.monotonic() + troubleMs;
      onTrouble(error);
    }
  }

  async #rewrite(): Promise<void> {
    const lines = new Map(this.#entries.list().map((one) => [one.id, encodeEntry(one)]));
    const lengths = new Map([...lines].map(([id, line]) => [id, Buffer.byteLength(line)]));
    const bytes = (): number => this.#entries.list().reduce((sum, { id }) => sum + (lengths.get(id) ?? 0), 0);
    while (bytes() > keptBytes) this.#entries.drop(Math.ceil(this.#entries.size / 10));
    const kept = this.#entries.list().map(({ id }) => lines.get(id) ?? "");
    const whole = Buffer.from([encodeHead(this.#entries.dropped), ...kept].join(""));
    // What is appended while the disk works stands in the next write.
    await this.#deps.disk.replace(this.#name, whole);
    this.#size = whole.length;
    this.#behind = false;
  }
}
