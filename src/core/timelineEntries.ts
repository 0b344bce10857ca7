import { timelineLimit, type TimelineEntry } from "./timeline";

/** Steps are kept longest: without them nobody knows where the time went. */
const mostSteps = 1000;

/** The entries of one timeline, each id once, in the order in which they came first. */
export class TimelineEntries {
  /** A map keeps the place of what is replaced. */
  readonly #entries = new Map<string, TimelineEntry>();
  #dropped = 0;

  /** How many are not kept any more. */
  get dropped(): number {
    return this.#dropped;
  }

  get size(): number {
    return this.#entries.size;
  }

  list(): readonly TimelineEntry[] {
    return [...this.#entries.values()];
  }

  /** The entry as it is kept: one that takes the place of another has the other's instant. */
  put(entry: TimelineEntry): TimelineEntry {
    const first = this.#entries.get(entry.id);
    const kept = first === undefined ? entry : { ...entry, at: first.at };
    this.#entries.set(entry.id, kept);
    // A tenth at once: a step at a time would look at all of them for each new entry.
    if (this.#entries.size > timelineLimit) this.drop(timelineLimit / 10);
    return kept;
  }

  /** Older ones that others did not keep, or could not read. */
  miss(count: number): void {
    this.#dropped += count;
  }

  /** Drops the oldest `count`: first what only the chart shows, every other one, then what is no step of the worker. */
  drop(count: number): void {
    let left = count;
    const take = (which: (entry: TimelineEntry) => boolean): void => {
      for (const [id, entry] of this.#entries) {
        if (left <= 0) return;
        if (!which(entry)) continue;
        this.#entries.delete(id);
        this.#dropped += 1;
        left -= 1;
      }
    };
    let samples = 0;
    const all = this.list();
    if (all.filter((one) => one.kind === "usage").length > this.#entries.size / 4) {
      take((entry) => entry.kind === "usage" && (samples += 1) % 2 === 0);
    }
    const steps = all.filter(isStep).length;
    take((entry) => steps > mostSteps || !isStep(entry));
    take(() => true);
  }
}

function isStep(entry: TimelineEntry): boolean {
  return entry.kind === "worker" && entry.step !== undefined;
}
