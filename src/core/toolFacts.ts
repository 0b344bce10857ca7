import { narrate } from "./narrate";
import type { RuntimeEvent } from "./ports/runtime";
import { timelineLimit, type TimelineEntry, type TimelineFact } from "./timeline";
import { workerFact } from "./timelineWords";

/** Between two samples of the usage at least, milliseconds. */
const usageGapMs = 2000;
/** How many texts are remembered that the platform will be told in other words. */
const mostNarrated = 300;

type Usage = Extract<TimelineFact, { kind: "usage" }>;
type Command = TimelineEntry & Extract<TimelineFact, { kind: "command" }>;
type Named = Pick<TimelineEntry, "id" | "at">;

/** Gives each entry an id that no other process uses for this session. */
export class EntryIds {
  readonly #prefix: string;
  #count = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  next(): string {
    this.#count += 1;
    return `${this.#prefix}-${this.#count}`;
  }
}

/** What follows in one session's timeline from what its coding tool tells. */
export class ToolFacts {
  readonly #ids: EntryIds;
  readonly #commands = new Map<string, Command>();
  /** What the coding tool named, until it starts anew. */
  readonly #items = new Map<string, Named>();
  /** What the platform is told of what stands in the timeline already. */
  #narrated: string[] = [];
  #usage: { readonly at: number; readonly text: string } | undefined;
  #waiting: Usage | undefined;

  constructor(ids: EntryIds) {
    this.#ids = ids;
  }

  hear(event: RuntimeEvent, now: number): readonly TimelineEntry[] {
    if (event.kind !== "policyDecision") this.narrated(narrate(event)?.text);
    switch (event.kind) {
      case "processStarted":
        this.#items.clear();
        return [];
      case "commandStarted":
        return [this.#commandStarted(event, now)];
      case "commandCompleted":
        return [this.#commandCompleted(event, now)];
      case "filesChanged": {
        const { kind, itemId, files } = event;
        return files.length === 0 ? [] : [this.#item(itemId, now, { kind: "files", files }, kind)];
      }
      case "message": {
        const { itemId, text, final } = event;
        if (final) this.narrated(text);
        return text.trim() === "" ? [] : [this.#item(itemId, now, { kind: "message", text, final })];
      }
      case "reasoning": {
        const { itemId, summary: text } = event;
        return text.trim() === "" ? [] : [this.#item(itemId, now, { kind: "reasoning", text })];
      }
      case "usage":
        return this.#used({ kind: "usage", usage: event.usage, contextTokens: event.contextTokens }, now);
      case "warning":
      case "retrying":
        return [{ id: this.#ids.next(), at: now, ...workerFact(event.text, "warning") }];
      case "threadStarted":
      case "turnStarted":
      case "plan":
      case "policyDecision":
        return [];
    }
  }

  /** The tool is gone: nothing of it runs any more. */
  end(now: number): readonly TimelineEntry[] {
    const ended = [...this.#commands.values()].map((one): TimelineEntry => ({
      ...one,
      status: "ended",
      durationMs: Math.max(0, now - one.at),
    }));
    this.#commands.clear();
    return [...ended, ...this.#lastUsage(now)];
  }

  /** The platform is told this of what stands in the timeline already. */
  narrated(text: string | undefined): void {
    const known = text?.trim() ?? "";
    if (known !== "") this.#narrated = [...this.#narrated, known].slice(-mostNarrated);
  }

  /** What is new of a text that the platform was told; empty where nothing is. */
  newsOf(told: string): string {
    let text = told;
    this.#narrated = this.#narrated.filter((known) => {
      const place = text.indexOf(known);
      if (place === -1) return true;
      text = `${text.slice(0, place).trimEnd()}\n\n${text.slice(place + known.length).trimStart()}`;
      return false;
    });
    return text.trim();
  }

  #commandStarted(
    { itemId, command }: Extract<RuntimeEvent, { kind: "commandStarted" }>,
    now: number,
  ): TimelineEntry {
    const entry: Command = {
      ...this.#named("command", itemId, now),
      kind: "command",
      command,
      status: "running",
      exitCode: undefined,
      durationMs: undefined,
      outputTail: "",
    };
    this.#commands.set(itemId, entry);
    return entry;
  }

  #commandCompleted(event: Extract<RuntimeEvent, { kind: "commandCompleted" }>, now: number): TimelineEntry {
    const { itemId, command, exitCode, outputTail } = event;
    const open = this.#commands.get(itemId);
    this.#commands.delete(itemId);
    const durationMs = event.durationMs ?? (open && Math.max(0, now - open.at));
    const status = exitCode === undefined ? "ended" : exitCode === 0 ? "succeeded" : "failed";
    const { id, at } = open ?? this.#named("command", itemId, now - (durationMs ?? 0));
    return { id, at, kind: "command", command, status, exitCode, durationMs, outputTail };
  }

  #used(usage: Usage, now: number): readonly TimelineEntry[] {
    this.#waiting = usage;
    const due = this.#usage === undefined || Math.abs(now - this.#usage.at) >= usageGapMs;
    return due ? this.#lastUsage(now) : [];
  }

  /** The newest usage, where it is news. */
  #lastUsage(now: number): readonly TimelineEntry[] {
    const usage = this.#waiting;
    this.#waiting = undefined;
    const text = JSON.stringify(usage);
    if (usage === undefined || text === this.#usage?.text) return [];
    this.#usage = { at: now, text };
    return [{ id: this.#ids.next(), at: now, ...usage }];
  }

  #item(itemId: string, now: number, fact: TimelineFact, kind: string = fact.kind): TimelineEntry {
    return { ...this.#named(kind, itemId, now), ...fact };
  }

  /** What the tool tells again under one name takes the place of what it told before. */
  #named(kind: string, itemId: string, now: number): Named {
    const name = `${kind} ${itemId}`;
    const known = this.#items.get(name);
    if (known !== undefined) return known;
    if (this.#items.size >= timelineLimit) this.#items.clear();
    const made = { id: this.#ids.next(), at: now };
    this.#items.set(name, made);
    return made;
  }
}
