import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import { WorktreeError, type Published, type Worktree } from "../core/ports/worktrees";
import type { BaseFetches } from "./baseFetches";
import type { TrustedCheckout } from "./checkoutTrust";
import { refuseDefault, requireBranchName } from "./defaultBranches";
import type { GitClient } from "./gitClient";
import { pushLfs } from "./lfs";
import { conflictError, isAncestor, mergeInto } from "./mergeTree";
import { isCommitted } from "./pristine";
import { pushRef } from "./publish";
import { fetchBranch, lookAtRemote, remotePlace, requireRemote, type RemoteLook } from "./remoteBranch";
import { remoteError, remoteMoved } from "./remoteTrouble";
import { commitOf } from "./repository";
import { requireBranch } from "./requireBranch";
import { requirePublicModules } from "./publicModules";

/** How often others may be quicker before the worker gives up. */
const mostRounds = 5;

export interface PublishJob {
  readonly git: GitClient;
  readonly clock: Clock;
  readonly fetches: BaseFetches;
  readonly checkout: TrustedCheckout;
  readonly worktree: Pick<Worktree, "branch" | "baseBranch">;
  readonly sessionId: string;
  readonly gitHooks: boolean;
  /** Runs what changes the worktree, alone in the repository and after a look for what must not meet git. */
  readonly inTree: (work: () => Promise<void>) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Pushes the branch and reads it back. Where the remote has moved, what it has is merged first. Throws WorktreeError; all
 * commits are kept then.
 */
export async function publishRunBranch(job: PublishJob): Promise<Published> {
  const { git, checkout, worktree, signal } = job;
  const { branch } = worktree;
  requireBranchName(branch);
  const remote = await requireRemote(git, checkout.commonDir, branch, signal);
  const notes: string[] = [];
  for (let round = 1; round <= mostRounds; round++) {
    const look = await lookAt(job, remote);
    refuseDefault(branch, [worktree.baseBranch, look.head]);
    if (look.tip !== undefined) await takeIn(job, remote, look.tip, notes);
    const tip = await requireTip(job);
    if (await isShown(job, remote, look, tip)) return { remote, commit: tip, notes };
    await requirePublicModules(job, remote, tip);
    notes.push(...(await pushLfs(job, remote, tip)));
    if (await push(job, remote, tip)) return { remote, commit: tip, notes };
  }
  throw new WorktreeError(
    "pushRefused",
    asWritten(
      "{0} could not be pushed to {1}: in {2} rounds others pushed to it first, or the remote refused it without saying why. {3} Start the session again when it is quiet there.",
      branch,
      remote,
      mostRounds,
      keptOf(branch),
    ),
  );
}

async function lookAt(job: PublishJob, remote: string): Promise<RemoteLook> {
  const { git, checkout, worktree, signal } = job;
  try {
    return await lookAtRemote(git, checkout.commonDir, remote, worktree.branch, signal);
  } catch (error) {
    throw remoteError(error, workOf(job, remote, "look at"));
  }
}

/** What the remote has becomes part of the branch. */
async function takeIn(job: PublishJob, remote: string, seen: string, notes: string[]): Promise<void> {
  const { git, clock, fetches, checkout, worktree, sessionId, gitHooks, signal } = job;
  const { branch } = worktree;
  const at = remotePlace(checkout.commonDir);
  const ours = `refs/heads/${branch}`;
  if ((await commitOf(git, seen, at, signal)) !== undefined && (await isAncestor(job, seen, ours))) return;
  let theirs: string;
  try {
    theirs = await fetchBranch([git, clock, fetches], checkout, remote, branch, signal);
  } catch (error) {
    throw remoteError(error, workOf(job, remote, "fetch"));
  }
  if (await isAncestor(job, theirs, ours)) return;
  await job.inTree(async () => {
    await requireBranch(git, checkout, branch, signal);
    if (!(await isCommitted(git, checkout, signal))) throw notCommitted(checkout.path, branch);
    const message = `Merge what ${remote} has of ${branch}`;
    const conflicts = await mergeInto({ git, clock, checkout, branch, gitHooks, signal }, theirs, {
      sessionId,
      message,
    });
    if (conflicts.length === 0) return;
    throw conflictError(
      asWritten(
        "{0} was not pushed: others pushed to it meanwhile, and their commits do not go together with this session's in",
        branch,
      ),
      conflicts,
      asWritten(
        "Nothing was changed here or there; this session's commits are kept on {0} in {1}. Merge {2}/{0} there by hand and push, or start the session again.",
        branch,
        checkout.path,
        remote,
      ),
    );
  });
  notes.push(asWritten("Others pushed to {0} meanwhile; their commits were merged.", branch));
}

async function requireTip({ git, checkout, worktree, signal }: PublishJob): Promise<string> {
  const at = remotePlace(checkout.commonDir);
  const tip = await commitOf(git, `refs/heads/${worktree.branch}`, at, signal);
  if (tip !== undefined) return tip;
  throw new WorktreeError(
    "failed",
    asWritten(
      "The branch {0} is not in the repository any more, so there is nothing to push. Nothing was changed. Start the session again.",
      worktree.branch,
    ),
  );
}

/** Does the remote show the commit, or one that holds it and is known here? */
async function isShown(job: PublishJob, remote: string, look: RemoteLook, tip: string): Promise<boolean> {
  if (look.tip === undefined || look.tip === tip) return look.tip === tip;
  const { git, clock, fetches, checkout, worktree, signal } = job;
  try {
    const seen = await fetchBranch([git, clock, fetches], checkout, remote, worktree.branch, signal);
    return await isAncestor(job, tip, seen);
  } catch (error) {
    throw remoteError(error, workOf(job, remote, "fetch"));
  }
}

/**
 * True when the remote shows the commit afterwards, whatever the push itself said: an answer may be lost on the way. False
 * when others were quicker.
 */
async function push(job: PublishJob, remote: string, tip: string): Promise<boolean> {
  const { git, checkout, worktree, gitHooks, signal } = job;
  let failure: unknown;
  try {
    await pushRef(git, checkout.commonDir, remote, [tip, worktree.branch], gitHooks, signal);
  } catch (error) {
    signal.throwIfAborted();
    failure = error;
  }
  const work = workOf(job, remote, "push");
  try {
    const look = await lookAtRemote(git, checkout.commonDir, remote, worktree.branch, signal);
    if (await isShown(job, remote, look, tip)) return true;
  } catch (error) {
    signal.throwIfAborted();
    throw remoteError(failure ?? error, work);
  }
  if (failure === undefined || remoteMoved(failure)) return false;
  throw remoteError(failure, work);
}

function keptOf(branch: string): string {
  return asWritten("The commits are kept on {0} here.", branch);
}

function workOf({ worktree: { branch } }: PublishJob, remote: string, verb: "look at" | "fetch" | "push") {
  const what =
    verb === "push"
      ? asWritten("push {0} to {1}", branch, remote)
      : verb === "fetch"
        ? asWritten("fetch {0} on {1}", branch, remote)
        : asWritten("look at {0} on {1}", branch, remote);
  return {
    what,
    remote,
    kept: keptOf(branch),
    again: asWritten("Then start the session again; it goes on from there."),
  };
}

function notCommitted(path: string, branch: string): WorktreeError {
  return new WorktreeError(
    "dirtyCheckout",
    asWritten(
      "{0} was not pushed: others pushed to it meanwhile, and {1} has changes that are not committed, so theirs could not be merged. Everything is kept. Commit them there by hand, then start the session again.",
      branch,
      path,
    ),
  );
}
