import { randomUUID } from "node:crypto";
import { access, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { isMissing } from "./worktreeFolder";

const noteSchema = z.object({
  /** Every file is there; before, the copying was cut short. */
  complete: z.boolean(),
  /** Absolute path of the checkout that they were copied from. */
  from: z.string(),
  /** By raw path from the top, with the id that git gives their bytes. */
  files: z.array(z.object({ path: z.string(), id: z.string() })),
});

/** What `worktree.copy` brought into a worktree. */
export type CopiedNote = z.infer<typeof noteSchema>;

/** Both lie in git's own directory of the worktree: a tool in the sandbox cannot write there, and they go with it. */
const noteName = "one-horizon-copied.json";
const readyName = "one-horizon-ready";

/** Undefined when nothing was copied. Throws WorktreeError when it cannot be known. */
export async function readCopied(gitDir: string): Promise<CopiedNote | undefined> {
  const path = join(gitDir, noteName);
  try {
    return noteSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new WorktreeError(
      "damaged",
      asWritten(
        "It is not known which files were copied into the worktree, since {0} cannot be read. Nothing was committed or removed, the files are kept. Take the copied files out of the worktree, then delete that file.",
        path,
      ),
      error,
    );
  }
}

export async function writeCopied(gitDir: string, note: CopiedNote): Promise<void> {
  const path = join(gitDir, noteName);
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, JSON.stringify(note), { mode: 0o600, flush: true });
  await rename(fresh, path);
}

/** True until the worktree's set-up is noted as complete. */
export async function isFresh(gitDir: string): Promise<boolean> {
  try {
    await access(join(gitDir, readyName));
    return false;
  } catch (error) {
    if (isMissing(error)) return true;
    throw error;
  }
}

export async function noteSetUp(gitDir: string): Promise<void> {
  await writeFile(join(gitDir, readyName), "", { mode: 0o600, flush: true });
}
