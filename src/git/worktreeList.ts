import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { GitClient } from "./gitClient";
import type { Repository } from "./repository";
import { isMissing } from "./worktreeFolder";

/** A worktree as git's own list has it. */
export interface ListedWorktree {
  readonly path: string;
  /** Undefined on a detached head. */
  readonly branch: string | undefined;
  /** The reason of a lock, "" for none given, undefined when not locked. */
  readonly locked: string | undefined;
}

/** What git writes there while it makes one, and where it was told to keep it locked until its files are written. */
const whileMade: ReadonlySet<string | undefined> = new Set(["initializing", "added with --lock"]);

/** Its files were not all written: whoever made it was cut short, so no tool has been there. */
export function isHalfMade({ locked }: Pick<ListedWorktree, "locked">): boolean {
  return whileMade.has(locked);
}

export async function listWorktrees(
  git: GitClient,
  repository: Repository,
  signal: AbortSignal,
): Promise<ListedWorktree[]> {
  const output = await git.run(["worktree", "list", "--porcelain"], {
    cwd: repository.topLevel,
    gitDir: repository.gitDir,
    signal,
  });
  return parseWorktreeList(output);
}

/** Git's entry of the worktree at a path, also where its folder is gone. */
export async function listedAt(
  git: GitClient,
  repository: Repository,
  path: string,
  signal: AbortSignal,
): Promise<ListedWorktree | undefined> {
  for (const one of await listWorktrees(git, repository, signal)) {
    if (await samePlace(one.path, path)) return one;
  }
  return undefined;
}

/** Reads `git worktree list --porcelain`; git before 2.36 has no `-z` for it. */
export function parseWorktreeList(output: string): ListedWorktree[] {
  const found: ListedWorktree[] = [];
  for (const block of output.split(/\r?\n\r?\n/)) {
    const lines = block.split(/\r?\n/);
    const value = (name: string): string | undefined => {
      const line = lines.find((one) => one === name || one.startsWith(`${name} `));
      return line?.slice(name.length + 1);
    };
    const path = value("worktree");
    if (path === undefined || path === "") continue;
    found.push({
      path: resolve(path),
      branch: value("branch")?.replace(/^refs\/heads\//, ""),
      locked: value("locked"),
    });
  }
  return found;
}

/** Do two paths name the same place, also where one of them does not exist? */
export async function samePlace(one: string, other: string): Promise<boolean> {
  return one === other || (await realOr(one)) === (await realOr(other));
}

async function realOr(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}
