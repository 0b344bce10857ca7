import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Answer } from "../../src/core/ports/person";
import type { RunPolicy } from "../../src/core/policy";

/** Where recorded conversations with the real codex lie, each with what is expected of it beside. */
export const transcriptsFolder = join(import.meta.dirname, "..", "fixtures", "transcripts");

const answer: z.ZodMiniType<Answer> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("decision"),
    decision: z.enum(["approve", "approveForSession", "deny", "cancel"]),
    // JSON knows no undefined.
    guidance: z.pipe(
      z.optional(z.string()),
      z.transform((said) => said),
    ),
  }),
  z.strictObject({ kind: z.literal("texts"), texts: z.array(z.string()) }),
]);
const headSchema = z.strictObject({
  codex: z.string(),
  policy: z.strictObject({
    sandbox: z.enum(["read-only", "workspace-write", "danger-full-access"]),
    approvals: z.enum(["never", "on-request", "untrusted"]),
    network: z.boolean(),
  }),
  workKey: z.string(),
  answers: z.array(answer),
});
const messageSchema = z.looseObject({
  id: z.optional(z.union([z.number(), z.string()])),
  method: z.optional(z.string()),
  params: z.optional(z.unknown()),
  result: z.optional(z.unknown()),
  error: z.optional(z.unknown()),
});
const lineSchema = z.strictObject({ from: z.enum(["worker", "codex"]), message: messageSchema });

/** Under what the conversation was held. */
interface TranscriptHead {
  /** The version that was recorded. */
  readonly codex: string;
  readonly policy: RunPolicy;
  readonly workKey: string;
  /** What a person answered to each question, in order. */
  readonly answers: readonly Answer[];
}
export type TranscriptLine = z.infer<typeof lineSchema>;

export interface Transcript {
  readonly name: string;
  readonly head: TranscriptHead;
  readonly lines: readonly TranscriptLine[];
}

export function transcriptNames(): readonly string[] {
  return readdirSync(transcriptsFolder)
    .filter((one) => one.endsWith(".jsonl"))
    .map((one) => one.slice(0, -".jsonl".length))
    .sort();
}

/** Throws on a file in another form. */
export function readTranscript(name: string): Transcript {
  const [head = "", ...lines] = readFileSync(join(transcriptsFolder, `${name}.jsonl`), "utf8")
    .trimEnd()
    .split("\n");
  return { name, head: headSchema.parse(JSON.parse(head)), lines: parseLines(lines) };
}

export function parseLines(lines: readonly string[]): readonly TranscriptLine[] {
  return lines.map((line) => lineSchema.parse(JSON.parse(line)));
}
