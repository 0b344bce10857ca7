import { lstat, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { GitClient } from "./gitClient";
import { openRepository } from "./repository";
import { isFolderOf, looksLikeSessionFolder } from "./sessionKey";
import { isMissing } from "./worktreeFolder";

/** A checkout whose git directory is proven, so that git need not look at what a tool may have planted. */
export interface TrustedCheckout {
  readonly path: string;
  /** Absolute path of this checkout's own git directory. */
  readonly gitDir: string;
  /** Real path of the directory all worktrees of the repository share. */
  readonly commonDir: string;
}

/** Is this path one of the worktrees that this room makes? */
export function isSessionWorktree(path: string): boolean {
  return looksLikeSessionFolder(basename(dirname(path)), basename(path));
}

/**
 * Proves where a checkout's git directory is. For a session's worktree: its `.git` file leads to
 * `<common>/worktrees/<id>`, the hash of `<common>` is in the name of the folder above, and the way back is this path. A
 * `.git` that a tool has replaced cannot have all three. Throws WorktreeError `hostileTree`.
 */
export async function trustCheckout(
  git: GitClient,
  path: string,
  signal: AbortSignal,
): Promise<TrustedCheckout> {
  if (!isSessionWorktree(path)) {
    const repository = await openRepository(git, path, signal);
    return { path: repository.topLevel, gitDir: repository.gitDir, commonDir: repository.commonDir };
  }
  await requireThere(path);
  const gitDir = await linkTarget(join(path, ".git"));
  const proven = gitDir === undefined ? undefined : await proveWorktree(path, gitDir);
  if (proven !== undefined) return proven;
  if (gitDir !== undefined) await requireRepository(path, gitDir);
  throw new WorktreeError(
    "hostileTree",
    asWritten(
      'The .git file of the worktree {0} is missing or was changed, so git is not run there. The files are kept. Look at them, then run "git worktree repair {0}" in your repository.',
      path,
    ),
  );
}

/** Throws WorktreeError where a session's worktree is gone, or something else has taken its place. */
export async function requireThere(path: string): Promise<void> {
  if (!(await exists(path))) {
    throw new WorktreeError(
      "failed",
      asWritten(
        "The worktree {0} is gone. Its branch is kept in your repository; \"git branch --list 'one-horizon/*'\" shows it.",
        path,
      ),
    );
  }
  // It was made under the real path of its root.
  if ((await realpath(path)) !== resolve(path)) {
    throw new WorktreeError(
      "unsafePath",
      asWritten(
        "The worktree {0} is reached through a symbolic link now, so it may be another folder, and git is not run there. Nothing was changed. Put the folder itself back in its place.",
        path,
      ),
    );
  }
}

/** Throws where the link is as we made it, but what it leads to is gone: nothing of that is the tool's doing. */
async function requireRepository(path: string, linked: string): Promise<void> {
  const commonDir = dirname(dirname(linked));
  const asMade = basename(dirname(linked)) === "worktrees" && isFolderOf(basename(dirname(path)), commonDir);
  if (!asMade || (await exists(linked))) return;
  if (await exists(commonDir)) {
    throw new WorktreeError(
      "failed",
      asWritten(
        'Git has no entry of the worktree {0} any more; "git worktree prune" drops the entry of a folder that is away. The files are kept, and so is the branch. Move the folder away, and claim the session again.',
        path,
      ),
    );
  }
  throw new WorktreeError(
    "noRepository",
    asWritten(
      "The repository {0} is gone or was moved, so nothing can be done in the worktree {1}. Its files are kept. Bring the repository back to where it was, then claim the session again.",
      commonDir,
      path,
    ),
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function proveWorktree(path: string, linked: string): Promise<TrustedCheckout | undefined> {
  try {
    const gitDir = await realpath(linked);
    const worktrees = dirname(gitDir);
    const commonDir = dirname(worktrees);
    if (basename(worktrees) !== "worktrees" || !isFolderOf(basename(dirname(path)), commonDir)) {
      return undefined;
    }
    const back = (await readFile(join(gitDir, "gitdir"), "utf8")).trim();
    const real = await realpath(path);
    if ((await realpath(dirname(resolve(gitDir, back)))) !== real) return undefined;
    return { path: real, gitDir, commonDir };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Where a `.git` file leads, or undefined when it is anything but a small regular file of that form. */
export async function linkTarget(path: string): Promise<string | undefined> {
  try {
    const found = await lstat(path);
    if (!found.isFile() || found.size > 8_192) return undefined;
    const content = await readFile(path, "utf8");
    const target = /^gitdir: (.+?)\r?\n?$/s.exec(content)?.[1];
    return target === undefined || target.includes("\0") ? undefined : resolve(dirname(path), target);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
