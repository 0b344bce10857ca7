import { lstat, rm } from "node:fs/promises";
import { neverAborted } from "../base/abort";
import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import type { CheckOutLook, CheckOutRequest } from "../core/ports/review";
import { WorktreeError } from "../core/ports/worktrees";
import { placeOf } from "./fileNow";
import type { GitCall, GitClient } from "./gitClient";
import { GitFailure } from "./gitFailure";
import { retryLocked } from "./lockRetry";
import { linesOf, quoted, shownPath, unquoted } from "./rawPath";
import { commitOf, readHead, type Head, type Repository } from "./repository";
import { unfinishedWork } from "./snapshotState";
import { isWithin } from "./worktreeFolder";
import { listWorktrees } from "./worktreeList";

export interface CheckOutJob {
  readonly git: GitClient;
  readonly clock: Clock;
  readonly repository: Repository;
  readonly signal: AbortSignal;
}

interface Looked extends CheckOutLook {
  readonly head: Head;
  readonly tip: string;
}

/**
 * What git would do with the person's own checkout. It has to have no uncommitted change to a tracked file, be in the middle
 * of nothing, and not stand on commits that only its detached head leads to: then nothing of theirs can be lost or carried
 * over. Untracked files stay where they are. Submodules are left alone and do not count.
 * Throws WorktreeError `badBranch`, `dirtyCheckout` or `detachedHead`.
 */
export async function lookAtCheckOut(job: CheckOutJob, branch: string): Promise<Looked> {
  const { git, repository, signal } = job;
  const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
  const tip = await commitOf(git, `refs/heads/${branch}`, at, signal);
  if (tip === undefined) {
    throw new WorktreeError(
      "badBranch",
      asWritten(
        'There is no branch {0} in {1} any more, so it was not checked out. Nothing was changed. "git branch --list" shows what is there.',
        branch,
        repository.topLevel,
      ),
    );
  }
  const head = await readHead(git, at, signal);
  await requireAtRest(job);
  await requireReachable(job, head);
  const listed = await listWorktrees(git, repository, signal);
  const users = listed.filter((one) => one.branch === branch);
  return {
    ...{ head, tip, isHere: head.branch === branch },
    usedBy: users.find((one) => !isWithin(one.path, repository.topLevel))?.path,
  };
}

async function requireAtRest({ git, repository, signal }: CheckOutJob): Promise<void> {
  const { topLevel, gitDir } = repository;
  const call = { cwd: topLevel, gitDir, workTree: topLevel, signal, limitMs: git.limits.treeMs };
  const halfDone = await unfinishedWork(gitDir);
  const args = ["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"];
  const changed = linesOf(await git.run(args, call)).length;
  if (halfDone === undefined && changed === 0) return;
  const [what, advice] =
    halfDone === undefined
      ? [
          changed === 1
            ? asWritten("has 1 changed file that is not committed")
            : asWritten("has {0} changed files that are not committed", changed),
          asWritten("Commit or stash that first"),
        ]
      : [asWritten("is in the middle of a {0}", halfDone), asWritten("Finish or abort that first")];
  throw new WorktreeError(
    "dirtyCheckout",
    asWritten(
      "The branch was not checked out: {0} {1}. Nothing was changed. {2}, or open the session's worktree in a window of its own.",
      topLevel,
      what,
      advice,
    ),
  );
}

/** Commits that only the detached head leads to would be found in git's reflog alone. */
async function requireReachable({ git, repository, signal }: CheckOutJob, head: Head): Promise<void> {
  if (head.branch !== undefined || head.commit === undefined) return;
  const kept = ["--branches", "--tags", "--remotes", "--glob=refs/one-horizon/*"];
  const call = { cwd: repository.topLevel, gitDir: repository.gitDir, signal };
  const lone = await git.run(["rev-list", "--max-count=1", head.commit, "--not", ...kept, "--"], call);
  if (lone.trim() === "") return;
  throw new WorktreeError(
    "detachedHead",
    asWritten(
      'The branch was not checked out: {0} is on no branch, and no branch holds its commit {1}. Nothing was changed. Keep it with "git branch <name>" first.',
      repository.topLevel,
      head.commit.slice(0, 9),
    ),
  );
}

/** A path that the two commits do not have alike. */
interface Difference {
  readonly rawPath: string;
  readonly isNew: boolean;
}

/**
 * Checks the branch out, or its tip on no branch. Untracked and ignored files in its way are named, never overwritten. After a
 * cancellation in the middle the files that git has written are brought back to what they were. Throws WorktreeError.
 */
export async function checkOutBranch(job: CheckOutJob, request: CheckOutRequest): Promise<void> {
  const { git, clock, repository, signal } = job;
  const { branch, detached, gitHooks, onProgress } = request;
  const { head, tip, isHere, usedBy } = await lookAtCheckOut(job, branch);
  if (isHere && !detached) return;
  if (usedBy !== undefined && !detached) throw inUse(branch, usedBy);
  const differences = await differencesOf(job, head, tip);
  await requireFree(job, branch, differences);
  const args = ["checkout", "--progress", "--no-overwrite-ignore", "--no-recurse-submodules"];
  const target = detached ? ["--detach", tip] : [branch];
  const call: GitCall = {
    ...treeCallOf(repository, signal),
    ...{ hooks: gitHooks, limitMs: git.limits.treeMs },
    onProgress: ({ step, percent }) => {
      if (step === "Updating files") onProgress?.({ work: "checkingOut", percent });
    },
  };
  try {
    await retryLocked(clock, signal, () => git.run([...args, ...target, "--"], call));
  } catch (error) {
    if (!signal.aborted) throw refusedBy(error, branch);
    if (await hasMoved(job, head)) return;
    await bringBack(job, head, differences);
    throw error;
  }
}

async function differencesOf({ git, repository, signal }: CheckOutJob, head: Head, tip: string) {
  if (head.commit === undefined) return [];
  const args = ["diff-tree", "-r", "--raw", "--no-abbrev", "--no-renames", head.commit, tip, "--"];
  const call = { cwd: repository.commonDir, gitDir: repository.commonDir, signal };
  const lines = linesOf(await git.run(args, { ...call, config: ["core.quotePath=true"] }));
  return lines.flatMap((line): Difference[] => {
    const [, before, after, letter, shown] = /^:(\d+) (\d+) \S+ \S+ ([A-Z])\t(.*)$/s.exec(line) ?? [];
    if (shown === undefined || before === "160000" || after === "160000") return [];
    return [{ rawPath: unquoted(shown), isNew: letter === "A" }];
  });
}

/** Then a new file that is there after a cancellation is git's own. */
async function requireFree(
  { repository }: CheckOutJob,
  branch: string,
  differences: readonly Difference[],
): Promise<void> {
  const there: string[] = [];
  for (const { rawPath, isNew } of differences) {
    if (isNew && (await isThere(placeOf({ path: repository.topLevel }, rawPath)))) there.push(rawPath);
  }
  if (there.length > 0) throw inTheWay(branch, there.map(shownPath));
}

async function bringBack(
  { git, clock, repository }: CheckOutJob,
  head: Head,
  differences: readonly Difference[],
): Promise<void> {
  for (const { rawPath, isNew } of differences) {
    if (isNew) await rm(placeOf({ path: repository.topLevel }, rawPath), { force: true });
  }
  const paths = differences.filter((one) => !one.isNew).map(({ rawPath }) => quoted(rawPath));
  if (paths.length === 0 || head.commit === undefined) return;
  const args = ["restore", `--source=${head.commit}`, "--worktree", "--quiet", "--pathspec-from-file=-"];
  const call = { ...treeCallOf(repository, neverAborted), limitMs: git.limits.treeMs };
  await retryLocked(clock, neverAborted, () => git.run(args, { ...call, input: `${paths.join("\n")}\n` }));
}

/** The cancellation came when git was done. */
async function hasMoved({ git, repository }: CheckOutJob, before: Head): Promise<boolean> {
  const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
  const now = await readHead(git, at, neverAborted);
  return now.branch !== before.branch || now.commit !== before.commit;
}

function treeCallOf({ topLevel, gitDir }: Repository, signal: AbortSignal): GitCall {
  return { cwd: topLevel, gitDir, workTree: topLevel, signal };
}

async function isThere(place: Buffer | string): Promise<boolean> {
  return await lstat(place).then(
    () => true,
    () => false,
  );
}

function inUse(branch: string, path: string): WorktreeError {
  return new WorktreeError(
    "branchInUse",
    asWritten(
      "The branch {0} was not checked out: it is checked out in {1}, and git checks no branch out twice. Nothing was changed. Look at its commits here without the branch, or remove that worktree.",
      branch,
      path,
    ),
  );
}

function inTheWay(branch: string, paths: readonly string[]): WorktreeError {
  const shown = paths.slice(0, 5).join(", ");
  const more = paths.length > 5 ? asWritten(" and {0} more", paths.length - 5) : "";
  return new WorktreeError(
    "dirtyCheckout",
    asWritten(
      "The branch {0} was not checked out: it has files that are here already and belong to no commit ({1}{2}). Nothing was changed. Move them away, then try again.",
      branch,
      shown,
      more,
    ),
  );
}

/** Git's own refusals, where the look before could not see them. */
function refusedBy(error: unknown, branch: string): unknown {
  if (!(error instanceof GitFailure) || !error.output.includes("would be overwritten by checkout")) {
    return error;
  }
  const paths = linesOf(error.output).flatMap((line) => /^\t(.+)$/.exec(line)?.[1] ?? []);
  return inTheWay(branch, paths);
}
