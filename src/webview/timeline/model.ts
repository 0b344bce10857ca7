import type { TimelineEntry } from "../../core/timeline";

/** A line of the timeline: what happened, or what helps to read it. */
export type TimelineRow =
  | { readonly kind: "dropped"; readonly key: string; readonly count: number }
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | {
      readonly kind: "entry";
      readonly key: string;
      readonly entry: ShownEntry;
      /** Is its minute another one than that of the entry above? */
      readonly newMinute: boolean;
    };

export type ShownEntry = Exclude<TimelineEntry, { kind: "usage" }>;
export type UsageEntry = Extract<TimelineEntry, { kind: "usage" }>;

const minute = 60_000;

/** What the timeline holds: in the order of arrival, a replacement in the place of the first. */
export class TimelineModel {
  #entries = new Map<string, TimelineEntry>();
  #dropped = 0;
  readonly #limit: number;

  /** @param limit how many entries are kept, the newest. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Everything anew. */
  replaceAll(entries: readonly TimelineEntry[], dropped: number): void {
    this.#entries = new Map();
    this.#dropped = dropped;
    this.add(entries);
  }

  /** @returns how many of them are new lines at the end. */
  add(entries: readonly TimelineEntry[]): number {
    let added = 0;
    for (const entry of entries) {
      const before = this.#entries.get(entry.id);
      if (before === undefined && entry.kind !== "usage") added += 1;
      this.#entries.set(entry.id, before === undefined ? entry : { ...entry, at: before.at });
    }
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) break;
      this.#entries.delete(id);
      this.#dropped += 1;
    }
    return added;
  }

  usage(): readonly UsageEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.kind === "usage");
  }

  /** @param dayOf the same for all moments of one day, as the person sees days. */
  rows(dayOf: (at: number) => string): readonly TimelineRow[] {
    const rows: TimelineRow[] = [];
    if (this.#dropped > 0) rows.push({ kind: "dropped", key: "dropped", count: this.#dropped });
    let last: number | undefined;
    let day: string | undefined;
    for (const entry of this.#entries.values()) {
      if (entry.kind === "usage") continue;
      const sameMinute = last !== undefined && Math.floor(last / minute) === Math.floor(entry.at / minute);
      const today = sameMinute ? day : dayOf(entry.at);
      if (day !== undefined && today !== day) {
        rows.push({ kind: "day", key: `day ${entry.id}`, at: entry.at });
      }
      rows.push({ kind: "entry", key: `entry ${entry.id}`, entry, newMinute: !sameMinute });
      last = entry.at;
      day = today;
    }
    return rows;
  }
}
