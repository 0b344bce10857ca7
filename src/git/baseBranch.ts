import { asWritten } from "../base/words";
import { WorktreeError, type OnProgress } from "../core/ports/worktrees";
import type { BaseFetches } from "./baseFetches";
import type { GitClient } from "./gitClient";
import { GitFailure, shorten } from "./gitFailure";
import { defaultRemote } from "./remotes";
import { commitOf, oneLine, requireCommit, type Repository } from "./repository";

/** Where a session's branch starts. */
export interface Base {
  readonly branch: string;
  readonly commit: string;
  readonly notes: readonly string[];
  /** Why it is not what the remote has now, where that is so. */
  readonly failure?: unknown;
}

/**
 * Finds the base branch: the workflow's, else the remote's HEAD, else main, else master. It is fetched first; where
 * that fails the last state known here is used and a note says so.
 * Throws WorktreeError `noBaseBranch` or `noCommit`.
 */
export async function resolveBase(
  git: GitClient,
  fetches: BaseFetches,
  repository: Repository,
  requested: string | undefined,
  signal: AbortSignal,
  onProgress?: OnProgress,
): Promise<Base> {
  const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
  const remote = await defaultRemote(git, at, signal);
  const branch =
    requested === undefined
      ? await findDefault(git, repository, remote, signal)
      : withoutRemote(await checkedName(git, repository, requested, signal), remote);
  if (remote === undefined) return await localBase(git, repository, branch, [], signal);
  try {
    await fetches.fetch(repository, remote, branch, signal, ({ step, percent }) => {
      if (step === "Receiving objects") onProgress?.({ work: "fetching", percent });
    });
  } catch (error) {
    if (signal.aborted || WorktreeError.is(error, "noGit")) throw error;
    const known = await lastKnownBase(git, repository, remote, branch, reasonOf(error), signal);
    return { ...known, failure: error };
  }
  const commit = await commitOf(git, `refs/remotes/${remote}/${branch}`, at, signal);
  if (commit !== undefined) return { branch, commit, notes: [] };
  return await localBase(git, repository, branch, [], signal);
}

function reasonOf(error: unknown): string {
  if (WorktreeError.is(error, "timeout")) return asWritten("it did not answer in time");
  return error instanceof GitFailure
    ? shorten(error.output).slice(0, 200)
    : asWritten("it could not be reached");
}

async function lastKnownBase(
  git: GitClient,
  repository: Repository,
  remote: string,
  branch: string,
  reason: string,
  signal: AbortSignal,
): Promise<Base> {
  const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
  const known = await commitOf(git, `refs/remotes/${remote}/${branch}`, at, signal);
  const why = asWritten("{0} could not be fetched from {1} ({2})", branch, remote, reason.replace(/\.$/, ""));
  if (known === undefined) {
    return await localBase(
      git,
      repository,
      branch,
      [asWritten("{0}; the local branch {1} was used.", why, branch)],
      signal,
    );
  }
  return {
    branch,
    commit: known,
    notes: [asWritten("{0}; its last fetched state {1} was used.", why, known.slice(0, 9))],
  };
}

async function localBase(
  git: GitClient,
  repository: Repository,
  branch: string,
  notes: readonly string[],
  signal: AbortSignal,
): Promise<Base> {
  const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
  const commit = await commitOf(git, `refs/heads/${branch}`, at, signal);
  if (commit !== undefined) return { branch, commit, notes };
  await requireCommit(git, repository, signal);
  throw new WorktreeError(
    "noBaseBranch",
    asWritten(
      "The base branch {0} exists neither here nor on a remote. No worktree was made. Correct worktree.base_branch in WORKFLOW.md, or create the branch.",
      branch,
    ),
  );
}

async function findDefault(
  git: GitClient,
  repository: Repository,
  remote: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
  if (remote !== undefined) {
    const head = await git.tryRun(["symbolic-ref", "--quiet", `refs/remotes/${remote}/HEAD`], {
      ...at,
      signal,
    });
    const prefix = `refs/remotes/${remote}/`;
    if (head?.startsWith(prefix) === true) return oneLine(head).slice(prefix.length);
  }
  for (const branch of ["main", "master"]) {
    const places = [
      `refs/heads/${branch}`,
      ...(remote === undefined ? [] : [`refs/remotes/${remote}/${branch}`]),
    ];
    for (const place of places) {
      if ((await commitOf(git, place, at, signal)) !== undefined) return branch;
    }
  }
  await requireCommit(git, repository, signal);
  throw new WorktreeError(
    "noBaseBranch",
    asWritten(
      "No base branch was found: the remote names no HEAD, and there is neither main nor master. No worktree was made. Set worktree.base_branch in WORKFLOW.md.",
    ),
  );
}

/** A name that git could read as an option or an expression never reaches a command line. */
async function checkedName(
  git: GitClient,
  repository: Repository,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const plain = name.length <= 200 && !name.startsWith("-") && !name.startsWith("refs/");
  const call = { cwd: repository.topLevel, gitDir: repository.gitDir, signal };
  if (plain && (await git.tryRun(["check-ref-format", `refs/heads/${name}`], call)) !== undefined) {
    return name;
  }
  throw new WorktreeError(
    "noBaseBranch",
    asWritten(
      "{0} is not a branch name. No worktree was made. Correct worktree.base_branch in WORKFLOW.md.",
      JSON.stringify(name.slice(0, 200)),
    ),
  );
}

/** `origin/main` in a workflow means the branch main of origin. */
function withoutRemote(name: string, remote: string | undefined): string {
  return remote !== undefined && name.startsWith(`${remote}/`) ? name.slice(remote.length + 1) : name;
}
