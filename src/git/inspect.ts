import { access } from "node:fs/promises";
import { join } from "node:path";
import type { GitClient } from "./gitClient";
import { openRepository, readHead } from "./repository";
import { listWorktrees } from "./worktreeList";

/** What stands in a repository now. */
export interface RepositoryFacts {
  /** Undefined on a detached head. */
  readonly branch: string | undefined;
  /** Undefined before the first commit. */
  readonly commit: string | undefined;
  /** What somebody began here and has not ended, in git's words. */
  readonly unfinished: "merge" | "rebase" | "cherry-pick" | "revert" | "bisect" | undefined;
  /** A file of git's says that a git works in this checkout, or died there. */
  readonly indexLocked: boolean;
}

const unfinishedBy = [
  ["MERGE_HEAD", "merge"],
  ["rebase-merge", "rebase"],
  ["rebase-apply", "rebase"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["BISECT_LOG", "bisect"],
] as const;

/** Looks at the repository of a folder and changes nothing. Throws as `openRepository` does. */
export async function inspectRepository(
  git: GitClient,
  folder: string,
  signal: AbortSignal,
): Promise<RepositoryFacts> {
  const { topLevel, gitDir } = await openRepository(git, folder, signal);
  const head = await readHead(git, { cwd: topLevel, gitDir }, signal);
  const there = await Promise.all(unfinishedBy.map(([name]) => isThere(join(gitDir, name))));
  const unfinished = unfinishedBy.find((_one, at) => there[at] === true)?.[1];
  return { ...head, unfinished, indexLocked: await isThere(join(gitDir, "index.lock")) };
}

/** How many worktrees the folder's repository has, its main checkout included. Throws as `openRepository` does. */
export async function countWorktrees(git: GitClient, folder: string, signal: AbortSignal): Promise<number> {
  return (await listWorktrees(git, await openRepository(git, folder, signal), signal)).length;
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
