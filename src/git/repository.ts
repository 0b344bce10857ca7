import { realpath, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { GitClient } from "./gitClient";
import { GitFailure } from "./gitFailure";

/** The user's repository as seen from the opened folder. */
export interface Repository {
  /** Real path of the checkout that holds the opened folder. */
  readonly topLevel: string;
  /** Real path of the directory all worktrees of the repository share. */
  readonly commonDir: string;
  /** Absolute path of this checkout's own git directory. */
  readonly gitDir: string;
  /** The opened folder relative to `topLevel`, with forward slashes and no slash at its end; "" for the top. */
  readonly prefix: string;
}

/** Where HEAD stands. */
export interface Head {
  /** Undefined on a detached head. */
  readonly branch: string | undefined;
  /** Undefined before the first commit. */
  readonly commit: string | undefined;
}

/** One line of git's output without its line end; a path may well end in a blank. */
export function oneLine(output: string): string {
  return output.replace(/\r?\n$/, "");
}

/** Finds the repository of a folder. Throws WorktreeError `noGit`, `noRepository` or `bareRepository`. */
export async function openRepository(
  git: GitClient,
  folder: string,
  signal: AbortSignal,
): Promise<Repository> {
  if (!(await isFolder(folder))) {
    throw new WorktreeError(
      "noRepository",
      asWritten("The folder {0} does not exist. Open a folder of a git repository.", folder),
    );
  }
  const ask = async (...args: string[]): Promise<string> =>
    oneLine(await git.run(["rev-parse", ...args], { cwd: folder, signal }));
  const [bare, inside] = (await kindOf(ask, folder)).split(/\r?\n/);
  if (bare === "true") {
    throw new WorktreeError(
      "bareRepository",
      asWritten(
        "{0} is a bare repository: it has no files to work on. Open a clone or a worktree of it instead.",
        folder,
      ),
    );
  }
  if (inside !== "true") {
    throw new WorktreeError(
      "noRepository",
      asWritten("{0} is inside a .git directory. Open the checkout itself.", folder),
    );
  }
  const [topLevel, common, gitDir, prefix] = await Promise.all([
    ask("--show-toplevel"),
    ask("--git-common-dir"),
    ask("--absolute-git-dir"),
    ask("--show-prefix"),
  ]);
  return {
    topLevel: await realpath(topLevel),
    commonDir: await realpath(resolve(folder, common)),
    gitDir,
    prefix: prefix.replace(/\/+$/, ""),
  };
}

async function kindOf(ask: (...args: string[]) => Promise<string>, folder: string): Promise<string> {
  try {
    return await ask("--is-bare-repository", "--is-inside-work-tree");
  } catch (error) {
    if (error instanceof GitFailure && error.output.includes("not a git repository")) {
      throw new WorktreeError(
        "noRepository",
        asWritten(
          '{0} is not in a git repository, so there is nothing to make a worktree of. Open one, or run "git init" and make a first commit.',
          folder,
        ),
        error,
      );
    }
    throw error;
  }
}

/** The branch and commit that this checkout is on. */
export async function readHead(
  git: GitClient,
  at: { readonly cwd: string; readonly gitDir: string },
  signal: AbortSignal,
): Promise<Head> {
  const branch = await git.tryRun(["symbolic-ref", "--quiet", "HEAD"], { ...at, signal });
  return {
    branch: branch === undefined ? undefined : oneLine(branch).replace(/^refs\/heads\//, ""),
    commit: await commitOf(git, "HEAD", at, signal),
  };
}

/** The full id of the commit that `revision` names, if there is one. */
export async function commitOf(
  git: GitClient,
  revision: string,
  at: { readonly cwd: string; readonly gitDir: string; readonly workTree?: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const found = await git.tryRun(
    ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`],
    {
      ...at,
      signal,
    },
  );
  return found === undefined || found.trim() === "" ? undefined : found.trim();
}

/** Throws WorktreeError `noCommit` when the repository has no commit at all. */
export async function requireCommit(
  git: GitClient,
  repository: Repository,
  signal: AbortSignal,
): Promise<void> {
  const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
  if ((await commitOf(git, "HEAD", at, signal)) !== undefined) return;
  const any = await git.run(["for-each-ref", "--count=1", "refs/heads", "refs/remotes"], { ...at, signal });
  if (any.trim() !== "") return;
  throw new WorktreeError(
    "noCommit",
    asWritten(
      "The repository {0} has no commit yet, so there is nothing to start from. Make a first commit, then claim the session again.",
      repository.topLevel,
    ),
  );
}

/** The folder of the main checkout, or of the git directory itself where there is none beside it. */
export function mainFolder(commonDir: string): string {
  return basename(commonDir) === ".git" ? dirname(commonDir) : commonDir;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
