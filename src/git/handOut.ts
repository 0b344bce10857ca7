import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { asWritten } from "../base/words";
import type { Worktree } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import { isFresh } from "./copiedNote";
import { copyIgnoredFiles } from "./copyIgnored";
import { callOf, type PlaceJob } from "./ensureWorktree";
import { isMissing, isWithin } from "./worktreeFolder";

/** A worktree that stands, as the session gets it: with the files that are copied into a new one, and what is to be said of it. */
export async function handOut(
  job: PlaceJob,
  { gitDir }: TrustedCheckout,
  facts: Pick<Worktree, "branch" | "baseCommit" | "baseBranch" | "headCommit" | "reused" | "notes">,
): Promise<Worktree> {
  const { git, repository, request, path, signal } = job;
  const notes = [...facts.notes];
  const fresh = await isFresh(gitDir);
  const copying = { git, repository, globs: request.copy, path, gitDir, signal };
  if (fresh) notes.push(...(await copyIgnoredFiles(copying)));
  const submodules = ["cat-file", "-e", `${facts.baseCommit}:.gitmodules`];
  if ((await git.tryRun(submodules, callOf(job))) !== undefined) {
    notes.push(asWritten("The repository has submodules; they are not checked out in the worktree."));
  }
  const workingDirectory = await folderInside(path, repository.prefix);
  if (workingDirectory === undefined) {
    notes.push(
      asWritten(
        "The folder {0} is not on {1}; the session works at the top of the repository.",
        repository.prefix,
        facts.baseBranch,
      ),
    );
  }
  return { ...facts, mode: "task", path, workingDirectory: workingDirectory ?? path, fresh, notes };
}

async function folderInside(path: string, prefix: string): Promise<string | undefined> {
  const folder = join(path, prefix);
  try {
    // An earlier attempt's tool may have put a link there that leads out of the worktree.
    const stays = isWithin(await realpath(path), await realpath(folder));
    return stays && (await stat(folder)).isDirectory() ? folder : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
