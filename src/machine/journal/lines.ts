import * as z from "zod/mini";
import type { OutboxEntry, OutboxState } from "../../core/outbox";
import type { AttemptRecord } from "../../core/ports/journal";
import { recordSchema } from "./recordSchema";
import { entrySchema, outboxSchema } from "./outboxSchema";

/** What one line of a segment says. A segment starts with a head and a snapshot, each opening starts a new one. */
export type JournalLine =
  /** `lines` is how many follow as the snapshot; `seenAt`: instants of the days on which earlier segments were begun. */
  | {
      readonly kind: "head";
      readonly format: 1;
      readonly at: number;
      readonly seenAt: readonly number[];
      readonly lines: number;
    }
  | { readonly kind: "record"; readonly record: AttemptRecord }
  | {
      readonly kind: "outbox";
      readonly sessionId: string;
      readonly claimId: string;
      readonly state: OutboxState;
    }
  | {
      readonly kind: "entry";
      readonly sessionId: string;
      readonly claimId: string;
      readonly entry: OutboxEntry;
    };

const id = z.string().check(z.minLength(1));
const count = z.int().check(z.minimum(0));
const lineSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("head"),
    format: z.literal(1),
    at: z.number(),
    seenAt: z._default(z.array(z.number()), []),
    lines: count,
  }),
  z.object({ kind: z.literal("record"), record: recordSchema }),
  z.object({ kind: z.literal("outbox"), sessionId: id, claimId: z.string(), state: outboxSchema }),
  z.object({ kind: z.literal("entry"), sessionId: id, claimId: z.string(), entry: entrySchema }),
]);

/** Undefined for what this version does not know, such as a line of a newer one. */
export function parseLine(json: string): JournalLine | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return lineSchema.safeParse(value).data;
  } catch {
    return undefined;
  }
}

/** The line as a later process will read it. Throws when it would not be able to. */
export function checkedLine(line: JournalLine): { readonly json: string; readonly line: JournalLine } {
  const json = JSON.stringify(line);
  const value: unknown = JSON.parse(json);
  return { json, line: lineSchema.parse(value) };
}
