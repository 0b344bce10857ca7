import { lstat } from "node:fs/promises";
import { basename } from "node:path";
import { asWritten } from "../base/words";
import type { NotedWorktree, Verified } from "../core/ports/worktrees";
import { isSessionWorktree, trustCheckout } from "./checkoutTrust";
import type { GitClient } from "./gitClient";
import { commitOf, openRepository, readHead, type Repository } from "./repository";
import { readerKey, runKey, sessionKey } from "./sessionKey";
import { isMissing } from "./worktreeFolder";

/** Is the checkout still the one that an earlier process noted: the place, the branch, and its commits? Changes nothing. */
export async function verifyNoted(
  git: GitClient,
  noted: NotedWorktree,
  signal: AbortSignal,
): Promise<Verified> {
  const repository = await openRepository(git, noted.folder, signal);
  const own = isSessionWorktree(noted.path);
  const reads = basename(noted.path) === readerKey(noted.sessionId);
  // There is nothing in it that could be lost, so it is made anew, wherever its commit is by now.
  if (reads && (await isGone(noted.path))) return { kind: "gone" };
  const known = await commitOf(git, noted.headCommit, atOf(repository), signal);
  if (known === undefined) {
    return differs(
      asWritten("The commit {0} is not in the repository of {1} any more.", short(noted), noted.folder),
      noted,
    );
  }
  if (own && (await isGone(noted.path))) return await verifyBranch(git, repository, noted, signal);
  const checkout = await trustCheckout(git, noted.path, signal);
  const keys = [sessionKey(noted.sessionId), runKey(noted.branch), readerKey(noted.sessionId)];
  const rightPlace = own ? keys.includes(basename(noted.path)) : true;
  if (checkout.commonDir !== repository.commonDir || !rightPlace) {
    return differs(asWritten("{0} is not this session's worktree of {1}.", noted.path, noted.folder), noted);
  }
  const head = await readHead(git, { cwd: repository.topLevel, gitDir: checkout.gitDir }, signal);
  const wanted = reads ? undefined : noted.branch;
  if (head.branch !== wanted) {
    const [is, instead] = [head.branch, wanted].map((one) => one ?? asWritten("a detached head"));
    return differs(asWritten("{0} is on {1} instead of {2}.", noted.path, is ?? "", instead ?? ""), noted);
  }
  if (head.commit !== undefined && (await holds(git, repository, noted, head.commit, signal))) {
    return { kind: "asNoted" };
  }
  const what = reads ? noted.path : asWritten("The branch {0}", noted.branch);
  return differs(asWritten("{0} does not hold the commit {1} any more.", what, short(noted)), noted);
}

async function verifyBranch(
  git: GitClient,
  repository: Repository,
  noted: NotedWorktree,
  signal: AbortSignal,
): Promise<Verified> {
  const tip = await commitOf(git, `refs/heads/${noted.branch}`, atOf(repository), signal);
  if (tip !== undefined && (await holds(git, repository, noted, tip, signal))) return { kind: "gone" };
  const what =
    tip === undefined
      ? asWritten("is gone")
      : asWritten("does not hold the commit {0} any more", short(noted));
  return differs(
    asWritten("The worktree {0} is gone, and its branch {1} {2}.", noted.path, noted.branch, what),
    noted,
  );
}

async function holds(
  git: GitClient,
  repository: Repository,
  noted: NotedWorktree,
  tip: string,
  signal: AbortSignal,
): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", noted.headCommit, tip];
  return (await git.tryRun(args, { ...atOf(repository), signal })) !== undefined;
}

function differs(what: string, noted: NotedWorktree): Verified {
  return {
    kind: "differs",
    message: asWritten(
      "The work was interrupted, and meanwhile its checkout was changed: {0} Nothing was executed or committed there, and what is there was kept. Look at {1}, then put the session back into the queue.",
      what,
      noted.branch,
    ),
  };
}

async function isGone(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    if (isMissing(error)) return true;
    throw error;
  }
}

function short(noted: NotedWorktree): string {
  return noted.headCommit.slice(0, 10);
}

function atOf(repository: Repository): { cwd: string; gitDir: string } {
  return { cwd: repository.topLevel, gitDir: repository.gitDir };
}
