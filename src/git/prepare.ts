import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock";
import { WorktreeError, type PrepareRequest, type Worktree } from "../core/ports/worktrees";
import type { Base } from "./baseBranch";
import { isSessionWorktree, trustCheckout } from "./checkoutTrust";
import { isFresh } from "./copiedNote";
import { copyIgnoredFiles } from "./copyIgnored";
import type { GitCall, GitClient } from "./gitClient";
import { retryLocked } from "./lockRetry";
import { commitOf, type Repository } from "./repository";
import { ownLocks } from "./staleLock";
import { sessionBranch, sessionKey } from "./sessionKey";
import { isMissing, isWithin, whatIsAt, worktreeFolder } from "./worktreeFolder";
import { listWorktrees, samePlace, type ListedWorktree } from "./worktreeList";

interface Job {
  readonly git: GitClient;
  readonly clock: Clock;
  readonly repository: Repository;
  readonly request: PrepareRequest;
  readonly base: Base;
  readonly path: string;
  readonly branch: string;
  readonly signal: AbortSignal;
  readonly forgetGone: ForgetGone;
}

/** Drops git's entry of a worktree whose folder is gone, see `forgetGoneWorktree`. */
type ForgetGone = (listed: ListedWorktree) => Promise<void>;

/**
 * Makes the session's worktree, or finds the one of an earlier attempt. Whatever else stands at its path stays, and
 * the checkout that the user works in is not touched. Runs alone in its repository.
 */
export async function prepareTaskWorktree(
  [git, clock, forgetGone]: readonly [GitClient, Clock, ForgetGone],
  repository: Repository,
  request: PrepareRequest,
  base: Base,
  signal: AbortSignal,
): Promise<Worktree> {
  const path = await worktreeFolder(request.root, repository, request.sessionId);
  const job = {
    git,
    clock,
    repository,
    request,
    base,
    path,
    branch: sessionBranch(request.sessionId),
    signal,
    forgetGone,
  };
  const notes = [...base.notes];
  const reused = await ensureWorktree(job, notes);
  const { gitDir } = await trustCheckout(git, path, signal);
  const fresh = await isFresh(gitDir);
  const copying = { git, repository, globs: request.copy, path, gitDir, signal };
  if (fresh) notes.push(...(await copyIgnoredFiles(copying)));
  const baseCommit = await rememberBase(job, reused);
  const call = callOf(job);
  if ((await git.tryRun(["cat-file", "-e", `${baseCommit}:.gitmodules`], call)) !== undefined) {
    notes.push("The repository has submodules; they are not checked out in the worktree.");
  }
  const workingDirectory = await folderInside(path, repository.prefix);
  if (workingDirectory === undefined) {
    notes.push(
      `The folder ${repository.prefix} is not on ${base.branch}; the session works at the top of the repository.`,
    );
  }
  return {
    mode: "task",
    path,
    workingDirectory: workingDirectory ?? path,
    branch: job.branch,
    baseCommit,
    baseBranch: base.branch,
    headCommit: (await commitOf(git, `refs/heads/${job.branch}`, atOf(job), signal)) ?? baseCommit,
    reused,
    fresh,
    notes,
  };
}

/** True when an earlier attempt's branch or worktree is used again. */
async function ensureWorktree(job: Job, notes: string[]): Promise<boolean> {
  const { git, repository, path, branch, signal } = job;
  const listed = await listWorktrees(git, repository, signal);
  const here = await findAsync(listed, (one) => samePlace(one.path, path));
  const there = await whatIsAt(path);
  const elsewhere = listed.find((one) => one.branch === branch && one !== here);
  if (elsewhere !== undefined) throw branchInUse(branch, elsewhere.path);
  if (here !== undefined && there === "something") {
    if (here.locked === "initializing") await finishCheckout(job);
    await verifyReuse(job, here);
    return true;
  }
  if (there === "something") throw pathInUse(path);
  if (here !== undefined) {
    await forget(job, here);
    notes.push(
      "The worktree of an earlier attempt had been deleted; it was made again from the session's branch.",
    );
  }
  const existing = await commitOf(git, `refs/heads/${branch}`, atOf(job), signal);
  await addWorktree(job, existing === undefined ? ["-b", branch, path, job.base.commit] : [path, branch]);
  await trustCheckout(git, path, signal);
  return existing !== undefined;
}

async function addWorktree(job: Job, target: readonly string[]): Promise<void> {
  const { git, clock, request, signal } = job;
  // Without --no-track parallel calls fail on config.lock, and the branch would push to the base by default.
  const track = target[0] === "-b" ? ["--no-track"] : [];
  await retryLocked(
    clock,
    signal,
    () =>
      git.run(["worktree", "add", "--quiet", ...track, ...target], {
        ...callOf(job),
        hooks: request.gitHooks,
        limitMs: git.limits.treeMs,
      }),
    locksOf(job),
  );
}

async function verifyReuse(job: Job, here: ListedWorktree): Promise<void> {
  if (!isSessionWorktree(job.path) || here.branch !== job.branch) {
    throw new WorktreeError(
      "pathInUse",
      `The session's worktree ${job.path} is on ${here.branch ?? "a detached head"} instead of ${job.branch}. It was left as it is. Check out ${job.branch} there, or remove the worktree.`,
    );
  }
  const trusted = await trustCheckout(job.git, job.path, job.signal);
  if (trusted.commonDir !== job.repository.commonDir) throw pathInUse(job.path);
}

/**
 * Git marks a worktree as initializing until its files are written; one still marked was cut short before any tool
 * could work in it, so its files are simply written again.
 */
async function finishCheckout(job: Job): Promise<void> {
  const { git, clock, path, signal } = job;
  const trusted = await trustCheckout(git, path, signal);
  const call = { cwd: path, gitDir: trusted.gitDir, workTree: path, signal, limitMs: git.limits.treeMs };
  const own = [...locksOf(job), trusted.gitDir];
  await retryLocked(clock, signal, () => git.run(["reset", "--quiet", "--hard"], call), own);
  await git.run(["worktree", "unlock", path], callOf(job));
}

/** Drops git's entry of a worktree whose folder is gone; what its git directory alone has is saved first. */
async function forget(job: Job, here: ListedWorktree): Promise<void> {
  if (here.locked === "initializing") await job.git.run(["worktree", "unlock", here.path], callOf(job));
  else if (here.locked !== undefined) {
    throw new WorktreeError(
      "locked",
      `The worktree ${here.path} is gone, but git has it locked (${here.locked || "no reason given"}). Its branch ${job.branch} is kept. Bring the folder back, or run "git worktree unlock ${here.path}" and try again.`,
    );
  }
  await job.forgetGone(here);
}

/** The commit that the session started from, kept in a ref of ours so that a later attempt counts from the same one. */
async function rememberBase(job: Job, reused: boolean): Promise<string> {
  const { git, clock, request, base, signal } = job;
  const ref = `refs/one-horizon/base/${sessionKey(request.sessionId)}`;
  if (reused) {
    const known = await commitOf(git, ref, atOf(job), signal);
    if (known !== undefined) return known;
  }
  const start = reused
    ? await git.tryRun(["merge-base", base.commit, `refs/heads/${job.branch}`], callOf(job))
    : undefined;
  const commit = start?.trim() ?? base.commit;
  await retryLocked(clock, signal, () => git.run(["update-ref", ref, commit], callOf(job)), locksOf(job));
  return commit;
}

async function folderInside(path: string, prefix: string): Promise<string | undefined> {
  const folder = join(path, prefix);
  try {
    // An earlier attempt's tool may have put a link there that leads out of the worktree.
    const stays = isWithin(await realpath(path), await realpath(folder));
    return stays && (await stat(folder)).isDirectory() ? folder : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function findAsync<T>(
  items: readonly T[],
  matches: (item: T) => Promise<boolean>,
): Promise<T | undefined> {
  for (const item of items) if (await matches(item)) return item;
  return undefined;
}

function locksOf({ path, repository }: Job): readonly string[] {
  return ownLocks({ path, commonDir: repository.commonDir });
}

function atOf(job: Job): { cwd: string; gitDir: string } {
  return { cwd: job.repository.topLevel, gitDir: job.repository.gitDir };
}

function callOf(job: Job): GitCall {
  return { ...atOf(job), signal: job.signal };
}

function branchInUse(branch: string, path: string): WorktreeError {
  return new WorktreeError(
    "branchInUse",
    `The session's branch ${branch} is checked out in ${path}. Nothing was changed. Switch that checkout to another branch and try again.`,
  );
}

function pathInUse(path: string): WorktreeError {
  return new WorktreeError(
    "pathInUse",
    `${path} exists but is not this session's worktree. It was left as it is. Move it away and try again.`,
  );
}
