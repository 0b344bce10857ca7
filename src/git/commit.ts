import type { Clock } from "../base/clock";
import { WorktreeError, type CommitResult, type Worktree } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import { refuseCopied, stagedPathspecs } from "./copiedGuard";
import { readCopied, type CopiedNote } from "./copiedNote";
import { commitStat, safeDiff, treeCall } from "./diffStat";
import type { GitCall, GitClient } from "./gitClient";
import { GitFailure, shorten } from "./gitFailure";
import { retryLocked } from "./lockRetry";
import { readHead } from "./repository";
import { ownLocks } from "./staleLock";

const messageLength = 10_000;
const fallbackIdentity = ["user.name=One Horizon Worker", "user.email=worker@onehorizon.invalid"];

export interface CommitOptions {
  readonly sessionId: string;
  readonly message: string;
  readonly gitHooks: boolean;
  /** In a shared checkout: the commit that HEAD must still be at. */
  readonly expectedHead?: string;
}

/**
 * Stages and commits everything that is not ignored. The tree must have passed the guard: from here on git reads its
 * files and attributes.
 */
export async function commitTree(
  git: GitClient,
  clock: Clock,
  checkout: TrustedCheckout,
  worktree: Pick<Worktree, "branch" | "baseCommit">,
  options: CommitOptions,
  signal: AbortSignal,
): Promise<CommitResult> {
  const call = treeCall(checkout, signal);
  const before = await requireBranch(git, checkout, worktree.branch, signal);
  if (options.expectedHead !== undefined && options.expectedHead !== before) throw othersWork(checkout.path);
  const own = ownLocks(checkout);
  const copied = await readCopied(checkout.gitDir);
  await retryLocked(clock, signal, () => stage(git, copied, call), own);
  if (copied !== undefined) await refuseCopied(git, copied, worktree.baseCommit, call);
  const staged = await git.run(["diff", "--cached", "--name-only", "-z", ...safeDiff, "HEAD", "--"], call);
  const notes: string[] = [];
  // Submodules are left out of that look, so a moved one is asked for by its own.
  if (staged !== "" || (await hasStagedSubmodules(git, call))) {
    await writeCommit(git, clock, call, own, options, notes);
  }
  const after = await requireBranch(git, checkout, worktree.branch, signal);
  return {
    commit: after === before ? undefined : after,
    headCommit: after,
    stat: await commitStat(git, checkout, worktree.baseCommit, after, signal),
    notes,
  };
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

/** The tip of the session's branch. Throws when the checkout has left that branch. */
async function requireBranch(
  git: GitClient,
  checkout: TrustedCheckout,
  branch: string,
  signal: AbortSignal,
): Promise<string> {
  const head = await readHead(git, { cwd: checkout.commonDir, gitDir: checkout.gitDir }, signal);
  if (head.branch === branch && head.commit !== undefined) return head.commit;
  throw new WorktreeError(
    "failed",
    `${checkout.path} is on ${head.branch ?? "a detached head"} instead of ${branch}, so nothing was committed. The files are kept. Check out ${branch} there and commit by hand.`,
  );
}

function othersWork(path: string): WorktreeError {
  return new WorktreeError(
    "failed",
    `${path} has commits by someone else since the session began, so its changes may not be the session's alone and were not committed. They are kept. Look at them and commit by hand.`,
  );
}

async function writeCommit(
  git: GitClient,
  clock: Clock,
  call: GitCall,
  own: readonly string[],
  options: CommitOptions,
  notes: string[],
): Promise<void> {
  const identity = await identityConfig(git, call);
  if (identity.length > 0) {
    notes.push("git has no user.name and user.email here, so the commit is by One Horizon Worker.");
  }
  const args = ["commit", "--quiet", "--cleanup=whitespace", "--no-status", "--file=-"];
  try {
    await retryLocked(
      clock,
      call.signal,
      () =>
        git.run(args, {
          ...call,
          config: identity,
          hooks: options.gitHooks,
          input: commitMessage(options),
          limitMs: options.gitHooks ? git.limits.treeMs : git.limits.commitMs,
        }),
      own,
    );
  } catch (error) {
    throw commitError(error);
  }
}

/** The caller's message and a trailer that names the session. */
export function commitMessage(options: Pick<CommitOptions, "sessionId" | "message">): string {
  const text = options.message.replaceAll("\0", "").slice(0, messageLength).trim();
  const id = options.sessionId.replace(/[^\x21-\x7e]+/g, "-").slice(0, 200);
  return `${text === "" ? "Work of a session" : text}\n\nOne-Horizon-Session: ${id}\n`;
}

async function identityConfig(git: GitClient, call: GitCall): Promise<readonly string[]> {
  for (const key of ["user.name", "user.email"]) {
    const value = await git.tryRun(["config", "--get", key], call);
    if (value === undefined || value.trim() === "") return fallbackIdentity;
  }
  return [];
}

function commitError(error: unknown): unknown {
  const kept = "The changes are kept in the worktree and are staged.";
  if (
    error instanceof GitFailure &&
    /failed to sign|signing failed|gpg: |error: gpg|ssh-keygen|no signing key/i.test(error.output)
  ) {
    return new WorktreeError(
      "failed",
      `The commit could not be signed: ${shorten(error.output)} ${kept} Unlock your signing key, or turn commit.gpgSign off for this repository, and claim the session again.`,
      error,
    );
  }
  if (!WorktreeError.is(error, "timeout")) return error;
  return new WorktreeError(
    "timeout",
    `The commit did not finish in time; it may wait for the passphrase of a signing key, or for a hook. ${kept} Unlock the key, then claim the session again.`,
    error,
  );
}
