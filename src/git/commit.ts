import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import { WorktreeError, type CommitResult, type Worktree } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import { refuseCopied, stagedPathspecs } from "./copiedGuard";
import { readCopied, type CopiedNote } from "./copiedNote";
import { commitStat, safeDiff, treeCall } from "./diffStat";
import type { GitCall, GitClient } from "./gitClient";
import { leftConflicts } from "./leftConflicts";
import { retryLocked } from "./lockRetry";
import { conflictError, unmergedPaths } from "./mergeTree";
import { requireBranch } from "./requireBranch";
import { readRunNote } from "./runNote";
import { unfinishedWork } from "./snapshotState";
import { ownLocks } from "./staleLock";
import { refuseTreeFilters } from "./treeFilters";
import { writeCommit, type CommitJob } from "./writeCommit";

export interface CommitOptions {
  readonly sessionId: string;
  readonly message: string;
  readonly gitHooks: boolean;
  /** In a shared checkout: the commit that HEAD must still be at. */
  readonly expectedHead?: string;
}

/**
 * Stages and commits everything that is not ignored; of a begun merge a merge commit. The tree must have passed the
 * guard: from here on git reads its files and attributes. Throws WorktreeError `conflict` where a merge is not resolved.
 */
export async function commitTree(
  git: GitClient,
  clock: Clock,
  checkout: TrustedCheckout,
  worktree: Pick<Worktree, "branch" | "baseCommit">,
  options: CommitOptions,
  signal: AbortSignal,
): Promise<CommitResult> {
  const before = await requireBranch(git, checkout, worktree.branch, signal);
  if (options.expectedHead !== undefined && options.expectedHead !== before) throw othersWork(checkout.path);
  const job = { git, clock, checkout, branch: worktree.branch, gitHooks: options.gitHooks, signal };
  const own = ownLocks({ ...checkout, branch: worktree.branch });
  const merging = (await unfinishedWork(checkout.gitDir)) === "merge";
  if (merging) await refuseConflicts(job);
  const config = options.gitHooks ? [] : await refuseTreeFilters(git, checkout, signal);
  const call = { ...treeCall(checkout, signal), config };
  const copied = await readCopied(checkout.gitDir);
  await retryLocked(clock, signal, () => stage(git, copied, call), own);
  if (copied !== undefined) await refuseCopied(git, copied, worktree.baseCommit, call);
  const staged = await git.run(["diff", "--cached", "--name-only", "-z", ...safeDiff, "HEAD", "--"], call);
  const notes: string[] = [];
  // Submodules are left out of that look, so a moved one is asked for by its own. A merge is one without changes, too.
  if (merging || staged !== "" || (await hasStagedSubmodules(git, call))) {
    notes.push(...(await writeCommit(job, options)));
  }
  const after = await requireBranch(git, checkout, worktree.branch, signal);
  return {
    commit: after === before ? undefined : after,
    headCommit: after,
    stat: await commitStat(git, checkout, worktree.baseCommit, after, signal),
    notes,
  };
}

/** The tool cannot stage: git's own list of conflicts is as the merge left it, and only the files tell what was resolved. */
async function refuseConflicts(job: CommitJob): Promise<void> {
  const noted = (await readRunNote(job.checkout.gitDir))?.conflicts ?? [];
  const left = await leftConflicts(job.checkout, await unmergedPaths(job), noted);
  if (left.length === 0) return;
  throw conflictError(
    asWritten("The merge into {0} is not resolved in", job.branch),
    left,
    asWritten(
      "Nothing was committed, and the files are kept in {0}. Resolve them there and commit, or start the session again.",
      job.checkout.path,
    ),
  );
}

/** What `worktree.copy` brought along stays out, whatever the tree's .gitignore says. */
async function stage(git: GitClient, copied: CopiedNote | undefined, call: GitCall): Promise<void> {
  const limitMs = git.limits.treeMs;
  const input = copied === undefined ? "" : await stagedPathspecs(git, copied, call);
  if (input === "") await git.run(["add", "--all"], { ...call, limitMs });
  else {
    const environment = { GIT_LITERAL_PATHSPECS: "0" };
    await git.run(["add", "--all", "--pathspec-from-file=-"], { ...call, limitMs, input, environment });
  }
}

async function hasStagedSubmodules(git: GitClient, call: GitCall): Promise<boolean> {
  return (await git.run(["diff-index", "--cached", "--raw", "-z", "HEAD", "--"], call)) !== "";
}

function othersWork(path: string): WorktreeError {
  return new WorktreeError(
    "failed",
    asWritten(
      "{0} has commits by someone else since the session began, so its changes may not be the session's alone and were not committed. They are kept. Look at them and commit by hand.",
      path,
    ),
  );
}
