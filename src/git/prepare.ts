import type { PrepareRequest, Worktree } from "../core/ports/worktrees";
import type { Base } from "./baseBranch";
import { trustCheckout } from "./checkoutTrust";
import {
  atOf,
  branchTip,
  callOf,
  ensureWorktree,
  locksOf,
  type PlaceJob,
  type PlaceTools,
} from "./ensureWorktree";
import { handOut } from "./handOut";
import { retryLocked } from "./lockRetry";
import { commitOf, type Repository } from "./repository";
import { sessionBranch, sessionKey } from "./sessionKey";
import { worktreeFolder } from "./worktreeFolder";

/**
 * Makes the session's worktree, or finds the one of an earlier attempt. Whatever else stands at its path stays, and
 * the checkout that the user works in is not touched. Runs alone in its repository.
 */
export async function prepareTaskWorktree(
  tools: PlaceTools,
  repository: Repository,
  request: PrepareRequest,
  base: Base,
  signal: AbortSignal,
): Promise<Worktree> {
  const key = sessionKey(request.sessionId);
  const path = await worktreeFolder(request.root, repository, key);
  const branch = sessionBranch(request.sessionId);
  const job = { ...tools, repository, request, path, branch, start: base.commit, signal };
  const notes = [...base.notes];
  const reused = await ensureWorktree(job, notes);
  const checkout = await trustCheckout(tools.git, path, signal);
  const baseCommit = await rememberBase(job, key, reused);
  const headCommit = (await branchTip(job, branch)) ?? baseCommit;
  return await handOut(job, checkout, {
    ...{ branch, baseCommit, headCommit, reused, notes },
    baseBranch: base.branch,
  });
}

/** The commit that the session started from, kept in a ref of ours so that a later attempt counts from the same one. */
async function rememberBase(job: PlaceJob, key: string, reused: boolean): Promise<string> {
  const { git, start, signal } = job;
  if (reused) {
    const known = await commitOf(git, baseRef(key), atOf(job), signal);
    if (known !== undefined) return known;
  }
  const found = reused
    ? await git.tryRun(["merge-base", start, `refs/heads/${job.branch ?? ""}`], callOf(job))
    : undefined;
  const commit = found?.trim() ?? start;
  await writeBase(job, key, commit);
  return commit;
}

export async function writeBase(job: PlaceJob, key: string, commit: string): Promise<void> {
  const { git, clock, signal } = job;
  const args = ["update-ref", baseRef(key), commit];
  await retryLocked(clock, signal, () => git.run(args, callOf(job)), locksOf(job));
}

export function baseRef(key: string): string {
  return `refs/one-horizon/base/${key}`;
}
