import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { lookCall, treeCall } from "./diffStat";
import { GitFailure } from "./gitFailure";
import { retryLocked } from "./lockRetry";
import { linesOf, shownPath, unquoted } from "./rawPath";
import { ownLocks } from "./staleLock";
import { unfinishedWork } from "./snapshotState";
import { filtersOff, treeFilters } from "./treeFilters";
import { writeCommit, type CommitJob } from "./writeCommit";

/** No records of how somebody once resolved a conflict, no stash; others' signatures are the remote's affair. */
const plainly = ["--quiet", "--no-autostash", "--no-stat", "--no-rerere-autoupdate"];

/**
 * Moves the branch and its files on to hold `commit`: forward where that is enough, else by a merge commit. Returns the
 * raw paths in conflict, and then all is as it was; none after success. The tree must be pristine.
 */
export async function mergeInto(
  job: CommitJob,
  commit: string,
  message: { readonly sessionId: string; readonly message: string },
): Promise<readonly string[]> {
  if (await isAncestor(job, commit, "HEAD")) return [];
  if (await isAncestor(job, "HEAD", commit)) {
    await merge(job, ["--ff-only", commit]);
    return [];
  }
  const conflicts = await beginMerge(job, commit);
  try {
    if (conflicts.length === 0) await writeCommit(job, message);
  } catch (error) {
    await abandon(job);
    // Its own words say that the changes are staged; nothing is.
    if (!WorktreeError.is(error)) throw error;
    throw new WorktreeError(error.reason, asWritten("{0} The merge was undone.", error.message), error);
  }
  if (conflicts.length > 0) await abandon(job);
  return conflicts;
}

/**
 * Begins a merge of `commit` and leaves it to be committed: what goes together is in the files and staged, what does not
 * is in conflict. Returns those raw paths. Nothing is begun where HEAD holds the commit. The tree must be pristine.
 */
export async function beginMerge(job: CommitJob, commit: string): Promise<readonly string[]> {
  try {
    await merge(job, ["--no-ff", "--no-commit", commit]);
    return [];
  } catch (error) {
    job.signal.throwIfAborted();
    if (!(error instanceof GitFailure) || (await unfinishedWork(job.checkout.gitDir)) !== "merge") {
      throw error;
    }
    const conflicts = await unmergedPaths(job);
    if (conflicts.length === 0) throw error;
    return conflicts;
  }
}

async function merge(job: CommitJob, args: readonly string[]): Promise<void> {
  const { git, clock, signal, checkout, gitHooks, branch } = job;
  const call = {
    ...treeCall(checkout, signal),
    // A filter that lies in the tree may be the tool's own.
    config: [
      ...filtersOff(await treeFilters(git, checkout, signal)),
      "rerere.enabled=false",
      "merge.verifySignatures=false",
      "merge.conflictStyle=merge",
    ],
    hooks: gitHooks,
    limitMs: git.limits.treeMs,
  };
  const run = (): Promise<string> => git.run(["merge", ...plainly, ...args], call);
  await retryLocked(clock, signal, run, ownLocks({ ...checkout, branch }));
}

export async function isAncestor(
  job: Pick<CommitJob, "git" | "checkout" | "signal">,
  older: string,
  newer: string,
): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", older, newer];
  return (await job.git.tryRun(args, treeCall(job.checkout, job.signal))) !== undefined;
}

/** Raw paths that a merge has left in conflict, sorted. */
export async function unmergedPaths(job: Pick<CommitJob, "git" | "checkout" | "signal">): Promise<string[]> {
  const output = await job.git.run(["ls-files", "--unmerged"], treeCall(job.checkout, job.signal));
  const paths = linesOf(output).map((line) => unquoted(line.slice(line.indexOf("\t") + 1)));
  return [...new Set(paths)].sort();
}

/** The tree was pristine before, so what differs now is the merge's alone. */
async function abandon(job: CommitJob): Promise<void> {
  const { git, clock, signal, checkout, branch } = job;
  const call = { ...(await lookCall(git, checkout, signal)), limitMs: git.limits.treeMs };
  const run = (): Promise<string> => git.run(["merge", "--abort"], call);
  await retryLocked(clock, signal, run, ownLocks({ ...checkout, branch }));
}

/** Names the files in a sentence. */
export function conflictError(what: string, paths: readonly string[], after: string): WorktreeError {
  const shown = paths.slice(0, 20).map((path) => JSON.stringify(shownPath(path)));
  const more = paths.length > 20 ? asWritten(" and {0} more", paths.length - 20) : "";
  return new WorktreeError("conflict", asWritten("{0}: {1}{2}. {3}", what, shown.join(", "), more, after));
}
