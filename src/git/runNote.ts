import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { isMissing } from "./worktreeFolder";

const noteSchema = z.object({
  /** Who works in the worktree, or has done so last. */
  sessionId: z.string(),
  /** The process that has it for that session; undefined once it was let go. */
  user: z.optional(z.object({ pid: z.number(), startedAt: z.string(), markedAt: z.number() })),
  /** The files are being brought to another commit; one that is read later was cut short in that. */
  moving: z.boolean(),
  /** Of the begun merge: paths in conflict, raw, with what stood there when the tool got them ("" for nothing). */
  conflicts: z.optional(z.array(z.object({ path: z.string(), mark: z.string() }))),
});

/** What is known of a run's worktree. */
export type RunNote = z.infer<typeof noteSchema>;

/** In git's own directory of the worktree, where a tool in the sandbox cannot write; it goes with the worktree. */
const noteName = "one-horizon-run.json";

/** Undefined where there is none, or none that can be read: then the worktree is nobody's. */
export async function readRunNote(gitDir: string): Promise<RunNote | undefined> {
  try {
    return noteSchema.safeParse(JSON.parse(await readFile(join(gitDir, noteName), "utf8"))).data;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeRunNote(gitDir: string, note: RunNote): Promise<void> {
  const path = join(gitDir, noteName);
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, JSON.stringify(note), { mode: 0o600, flush: true });
  await rename(fresh, path);
}
