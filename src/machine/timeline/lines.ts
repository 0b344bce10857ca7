import * as z from "zod/mini";
import type { TimelineEntry, TimelineFact, WorkerStep } from "../../core/timeline";
import { usageSchema } from "../journal/outboxSchema";

/** A longer line is not one of ours. */
const mostLineBytes = 1_000_000;

/** Every member of a union, so that the compiler asks for a new one here. */
type All<T extends string> = { readonly [K in T]: K };
type Fact<K extends TimelineFact["kind"]> = Extract<TimelineFact, { kind: K }>;

const text = z.string();
const number = z.optional(z.number());
const named = { id: text.check(z.minLength(1)), at: z.number() };

const lineSchema = z.discriminatedUnion("kind", [
  /** Stands before what a compaction kept. */
  z.object({ kind: z.literal("head"), dropped: z.int().check(z.minimum(0)) }),
  z.object({
    ...named,
    kind: z.literal("command"),
    command: text,
    status: z.enum({
      running: "running",
      succeeded: "succeeded",
      failed: "failed",
      ended: "ended",
    } satisfies All<Fact<"command">["status"]>),
    exitCode: number,
    durationMs: number,
    outputTail: text,
  }),
  z.object({ ...named, kind: z.literal("message"), text, final: z.boolean() }),
  z.object({ ...named, kind: z.literal("reasoning"), text }),
  z.object({
    ...named,
    kind: z.literal("files"),
    files: z.array(
      z.object({
        path: text,
        change: z.enum({ add: "add", update: "update", delete: "delete" } satisfies All<
          Fact<"files">["files"][number]["change"]
        >),
      }),
    ),
  }),
  z.object({ ...named, kind: z.literal("activity"), text }),
  z.object({
    ...named,
    kind: z.literal("question"),
    text,
    status: z.enum({
      open: "open",
      answered: "answered",
      withdrawn: "withdrawn",
    } satisfies All<Fact<"question">["status"]>),
    answer: z.optional(text),
    waitedMs: number,
  }),
  z.object({
    ...named,
    kind: z.literal("worker"),
    text,
    level: z.enum({ info: "info", warning: "warning", error: "error" } satisfies All<
      Fact<"worker">["level"]
    >),
    step: z.optional(
      z.enum({
        preparing: "preparing",
        working: "working",
        finishing: "finishing",
        interrupted: "interrupted",
        lost: "lost",
        ended: "ended",
      } satisfies All<WorkerStep>),
    ),
    attempt: number,
  }),
  z.object({ ...named, kind: z.literal("usage"), usage: usageSchema, contextTokens: number }),
]);

type Line = z.infer<typeof lineSchema>;

/** What pieces of a file say. */
export interface Decoded {
  readonly entries: readonly TimelineEntry[];
  /** Entries that a compaction left out, and lines that say nothing we know. */
  readonly missed: number;
  /** How many of them are such lines. */
  readonly bad: number;
}

export function encodeEntry(entry: TimelineEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

export function encodeHead(dropped: number): string {
  return `${JSON.stringify({ kind: "head", dropped } satisfies Line)}\n`;
}

/** Reads a file piece by piece. A last line that has no end yet waits for it. */
export class LineDecoder {
  #rest: Uint8Array = new Uint8Array();

  push(bytes: Uint8Array): Decoded {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(0x0a) + 1;
    this.#rest = all.slice(end);
    const entries: TimelineEntry[] = [];
    let missed = 0;
    let bad = 0;
    if (this.#rest.length > mostLineBytes) {
      this.#rest = new Uint8Array();
      bad += 1;
    }
    for (const json of Buffer.from(all.subarray(0, end)).toString("utf8").split("\n")) {
      if (json === "") continue;
      const line = parseLine(json);
      if (line === undefined) bad += 1;
      else if (line.kind === "head") missed += line.dropped;
      else entries.push(entryOf(line));
    }
    return { entries, missed: missed + bad, bad };
  }
}

function parseLine(json: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return lineSchema.safeParse(value).data;
  } catch {
    return undefined;
  }
}

/** What is undefined is left out on the disk. */
function entryOf(line: Exclude<Line, { kind: "head" }>): TimelineEntry {
  switch (line.kind) {
    case "command":
      return { ...line, exitCode: line.exitCode, durationMs: line.durationMs };
    case "question":
      return { ...line, answer: line.answer };
    case "message":
    case "reasoning":
    case "files":
    case "activity":
    case "worker":
    case "usage":
      return line;
  }
}
