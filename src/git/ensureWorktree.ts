import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import { WorktreeError, type PrepareRequest } from "../core/ports/worktrees";
import { isSessionWorktree, trustCheckout } from "./checkoutTrust";
import type { GitCall, GitClient } from "./gitClient";
import type { OnGitProgress } from "./gitProgress";
import { retryLocked } from "./lockRetry";
import { commitOf, type Repository } from "./repository";
import { ownLocks } from "./staleLock";
import { whatIsAt } from "./worktreeFolder";
import { takeBack } from "./takeBack";
import { isHalfMade, listWorktrees, samePlace, type ListedWorktree } from "./worktreeList";

/** What the making of worktrees works with. */
export interface PlaceTools {
  readonly git: GitClient;
  readonly clock: Clock;
  /** Drops git's entry of a worktree whose folder is gone, see `forgetGoneWorktree`. */
  readonly forgetGone: (listed: ListedWorktree) => Promise<void>;
  /**
   * Removes a worktree with a snapshot of what its branch does not hold. Returns sentences for the user; none where
   * there was nothing to keep.
   */
  readonly setAside: (path: string) => Promise<readonly string[]>;
}

/** One worktree that is to be there. */
export interface PlaceJob extends PlaceTools {
  readonly repository: Repository;
  readonly request: PrepareRequest;
  /** Absolute path of its folder, see `worktreeFolder`. */
  readonly path: string;
  /** Undefined: none is checked out. */
  readonly branch: string | undefined;
  /** The commit it begins at, unless its branch is there. */
  readonly start: string;
  readonly signal: AbortSignal;
}

/** True when an earlier attempt's branch or worktree is used again. */
export async function ensureWorktree(job: PlaceJob, notes: string[]): Promise<boolean> {
  const { git, repository, path, branch, signal } = job;
  const listed = await listWorktrees(git, repository, signal);
  const here = await findAsync(listed, (one) => samePlace(one.path, path));
  const there = await whatIsAt(path);
  const elsewhere =
    branch === undefined ? undefined : listed.find((one) => one.branch === branch && one !== here);
  if (branch !== undefined && elsewhere !== undefined) throw branchInUse(branch, elsewhere.path);
  if (here !== undefined && there === "something") {
    if (isHalfMade(here)) await finishCheckout(job);
    await verifyReuse(job, here);
    return true;
  }
  if (there === "something") throw pathInUse(path);
  if (here !== undefined) {
    await forget(job, here);
    if (branch !== undefined) {
      notes.push(
        asWritten(
          "The worktree of an earlier attempt had been deleted; it was made again from the session's branch.",
        ),
      );
    }
  }
  const existing = branch === undefined ? undefined : await branchTip(job, branch);
  await addWorktree(job, existing);
  await trustCheckout(git, path, signal);
  return existing !== undefined;
}

export async function branchTip(job: PlaceJob, branch: string): Promise<string | undefined> {
  return await commitOf(job.git, `refs/heads/${branch}`, atOf(job), job.signal);
}

/** Whoever cancels it finds nothing of it afterwards. */
async function addWorktree(job: PlaceJob, existing: string | undefined): Promise<void> {
  try {
    await makeWorktree(job, existing);
  } catch (error) {
    if (job.signal.aborted) await takeBack(job, existing === undefined);
    throw error;
  }
}

/**
 * In two steps, so that the git that writes the files is one process, which can be ended and tells how far it is. In between
 * git's lock marks the worktree as half made. The user's hooks, where they run, get the one step that git itself makes.
 */
async function makeWorktree(job: PlaceJob, existing: string | undefined): Promise<void> {
  const { git, clock, request, signal, path, branch, start } = job;
  const { gitHooks } = request;
  const onProgress = progressOf(request);
  // Without --no-track parallel calls fail on config.lock, and the branch would push to the base by default.
  const target =
    branch === undefined
      ? ["--detach", path, start]
      : existing === undefined
        ? ["--no-track", "-b", branch, path, start]
        : [path, branch];
  const flags = gitHooks ? quietOr(onProgress) : ["--quiet", "--no-checkout", "--lock"];
  const call: GitCall = { ...callOf(job), hooks: gitHooks, limitMs: git.limits.treeMs, onProgress };
  const work = (): Promise<string> => git.run(["worktree", "add", ...flags, ...target], call);
  await retryLocked(clock, signal, work, locksOf(job));
  if (!gitHooks) await finishCheckout(job);
}

function progressOf({ onProgress }: PrepareRequest): OnGitProgress | undefined {
  if (onProgress === undefined) return undefined;
  return ({ step, percent }) => {
    if (step === "Updating files") onProgress({ work: "checkingOut", percent });
  };
}

/** Git tells its progress where it is not to be quiet. */
function quietOr(onProgress: unknown): readonly string[] {
  return onProgress === undefined ? ["--quiet"] : [];
}

async function verifyReuse(job: PlaceJob, here: ListedWorktree): Promise<void> {
  const { path, branch } = job;
  if (!isSessionWorktree(path) || here.branch !== branch) {
    const [is, wanted] = [here.branch, branch].map((one) => one ?? asWritten("a detached head"));
    const advice =
      branch === undefined
        ? asWritten("Remove the worktree.")
        : asWritten("Check out {0} there, or remove the worktree.", branch);
    throw new WorktreeError(
      "pathInUse",
      asWritten(
        "The session's worktree {0} is on {1} instead of {2}. It was left as it is. {3}",
        path,
        is ?? "",
        wanted ?? "",
        advice,
      ),
    );
  }
  const trusted = await trustCheckout(job.git, path, job.signal);
  if (trusted.commonDir !== job.repository.commonDir) throw pathInUse(path);
}

/**
 * A worktree is marked as half made until its files are written; one still marked was cut short before any tool could work in
 * it, so its files are simply written again.
 */
async function finishCheckout(job: PlaceJob): Promise<void> {
  const { git, clock, path, signal } = job;
  const trusted = await trustCheckout(git, path, signal);
  const onProgress = progressOf(job.request);
  const call: GitCall = {
    ...{ cwd: path, gitDir: trusted.gitDir, workTree: path, signal },
    ...{ limitMs: git.limits.treeMs, onProgress },
  };
  const own = [...locksOf(job), trusted.gitDir];
  await retryLocked(clock, signal, () => git.run(["reset", ...quietOr(onProgress), "--hard"], call), own);
  await git.run(["worktree", "unlock", path], callOf(job));
}

/** Drops git's entry of a worktree whose folder is gone; what its git directory alone has is saved first. */
async function forget(job: PlaceJob, here: ListedWorktree): Promise<void> {
  if (isHalfMade(here)) await job.git.run(["worktree", "unlock", here.path], callOf(job));
  else if (here.locked !== undefined) {
    throw new WorktreeError(
      "locked",
      asWritten(
        'The worktree {0} is gone, but git has it locked ({1}). {2}. Bring the folder back, or run "git worktree unlock {0}" and try again.',
        here.path,
        here.locked || asWritten("no reason is given"),
        job.branch === undefined
          ? asWritten("What it held is kept")
          : asWritten("Its branch {0} is kept", job.branch),
      ),
    );
  }
  await job.forgetGone(here);
}

async function findAsync<T>(
  items: readonly T[],
  matches: (item: T) => Promise<boolean>,
): Promise<T | undefined> {
  for (const item of items) if (await matches(item)) return item;
  return undefined;
}

export function locksOf({ path, repository, branch }: PlaceJob): readonly string[] {
  return ownLocks({ path, commonDir: repository.commonDir, branch });
}

export function atOf(job: PlaceJob): { cwd: string; gitDir: string } {
  return { cwd: job.repository.topLevel, gitDir: job.repository.gitDir };
}

export function callOf(job: PlaceJob): GitCall {
  return { ...atOf(job), signal: job.signal };
}

function branchInUse(branch: string, path: string): WorktreeError {
  return new WorktreeError(
    "branchInUse",
    asWritten(
      "The branch {0}, on which the session has to work, is checked out in {1}. Nothing was changed. Switch that checkout to another branch and try again.",
      branch,
      path,
    ),
  );
}

function pathInUse(path: string): WorktreeError {
  return new WorktreeError(
    "pathInUse",
    asWritten(
      "{0} exists but is not this session's worktree. It was left as it is. Move it away and try again.",
      path,
    ),
  );
}
