import { lstat, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { neverAborted } from "../base/abort";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { asWritten } from "../base/words";
import type { RemovalRequest, RemovedWorktree } from "../core/ports/worktreeCleanUp";
import { WorktreeError } from "../core/ports/worktrees";
import { deleteAside, freeAside, sweepLeftovers } from "./asideFolder";
import { isSessionWorktree, trustCheckout, type TrustedCheckout } from "./checkoutTrust";
import type { GitCall } from "./gitClient";
import { retryLocked } from "./lockRetry";
import { processesIn } from "./processesIn";
import { commitOf, mainFolder, type Repository } from "./repository";
import { restoreCommand } from "./restoreCommand";
import { isFolderOf } from "./sessionKey";
import { nameSnapshot, openContents, withScratch, writeSnapshot, type SnapshotJob } from "./snapshot";
import { saveModules } from "./snapshotModules";
import { walkTree, type FoundEntry } from "./treeWalk";
import { listWorktrees, samePlace, type ListedWorktree } from "./worktreeList";
import { isMissing } from "./worktreeFolder";
import { adminFolderOf } from "./worktreeRegistry";

export interface RemovalJob extends SnapshotJob {
  readonly log: Log;
  readonly clock: Clock;
  readonly repository: Repository;
}

/** Refs that stay when a worktree goes: commits they lead to need no snapshot. */
const staying = ["--branches", "--tags", "--remotes", "--glob=refs/one-horizon/*"];

interface Saved {
  readonly snapshot: string | undefined;
  readonly moduleSnapshots: readonly string[];
  readonly head: string | undefined;
  readonly dropped: number;
}

/**
 * The only way in which a session's worktree goes. Everything that its branch does not hold is in a verified snapshot
 * first; then the folder is renamed, git's entry dropped without --force, and the files deleted. Whatever fails before
 * the renaming leaves all as it was. Throws WorktreeError.
 */
export async function removeWorktree(job: RemovalJob, request: RemovalRequest): Promise<RemovedWorktree> {
  const listed = await requireOurs(job, request.path);
  const gone = !(await isThere(listed.path));
  const checkout = gone ? await goneCheckout(job, listed) : await requireWhole(job, listed);
  const before = gone ? undefined : await marksOf(job, checkout);
  const saved = await save(job, request, checkout, !gone);
  if (before === undefined) await dropEntry(job, listed.path);
  else await takeAway(job, listed, checkout, before);
  const { snapshot, moduleSnapshots, dropped } = saved;
  const branch = listed.branch;
  return {
    ...{ path: listed.path, branch, snapshot, moduleSnapshots, dropped },
    restore: restoreCommand({
      repository: mainFolder(job.repository.commonDir),
      path: listed.path,
      start: branch ?? saved.head,
      snapshot,
    }),
  };
}

/** Drops git's entry of a worktree whose folder is gone, after saving what only its git directory has. */
export async function forgetGoneWorktree(job: RemovalJob, listed: ListedWorktree): Promise<void> {
  const request = { folder: "", path: listed.path, includeIgnored: false, session: undefined };
  await save(job, request, await goneCheckout(job, listed), false);
  await dropEntry(job, listed.path);
}

/** Git's own list has it, its folders are named as only we name them, and none of them is a link. */
async function requireOurs(job: RemovalJob, path: string): Promise<ListedWorktree> {
  const { git, repository, signal } = job;
  const list = await listWorktrees(git, repository, signal);
  let listed: ListedWorktree | undefined;
  for (const one of list) if (listed === undefined && (await samePlace(one.path, path))) listed = one;
  const parent = basename(dirname(listed?.path ?? path));
  if (listed === undefined || !isSessionWorktree(listed.path) || !isFolderOf(parent, repository.commonDir)) {
    throw refused(path, asWritten("it is no worktree of a session in this repository"));
  }
  if (listed.locked !== undefined) {
    const why = listed.locked === "" ? asWritten("no reason is given") : listed.locked;
    throw new WorktreeError(
      "locked",
      asWritten(
        'The worktree {0} was not removed: git has it locked ({1}). Everything is kept. Run "git worktree unlock {0}" if it may go.',
        listed.path,
        why,
      ),
    );
  }
  for (const folder of [dirname(listed.path), listed.path]) {
    if (await isLink(folder)) throw refused(listed.path, asWritten("{0} is a symbolic link", folder));
  }
  return listed;
}

async function requireWhole(job: RemovalJob, listed: ListedWorktree): Promise<TrustedCheckout> {
  const checkout = await trustCheckout(job.git, listed.path, job.signal);
  if (checkout.commonDir !== job.repository.commonDir) {
    throw refused(listed.path, asWritten("its .git file leads to another repository"));
  }
  const users = await processesIn(checkout.path);
  if (users.length > 0) {
    throw new WorktreeError(
      "pathInUse",
      asWritten(
        "The worktree {0} was not removed: a program still works in it (process {1}). Everything is kept. End it, or close its terminal, and try again.",
        listed.path,
        users.slice(0, 5).join(", "),
      ),
    );
  }
  return checkout;
}

async function goneCheckout(job: RemovalJob, listed: ListedWorktree): Promise<TrustedCheckout> {
  const { commonDir } = job.repository;
  const gitDir = await adminFolderOf(commonDir, listed.path);
  if (gitDir === undefined) throw refused(listed.path, asWritten("git has no entry of it any more"));
  return { path: listed.path, gitDir, commonDir };
}

/** Brings all that would be lost under refs of ours. */
async function save(
  job: RemovalJob,
  request: RemovalRequest,
  checkout: TrustedCheckout,
  hasFiles: boolean,
): Promise<Saved> {
  const { git, signal, repository } = job;
  const at = { cwd: mainFolder(repository.commonDir), gitDir: repository.commonDir };
  return await withScratch(job, async (scratch) => {
    const opened = await openContents(job, checkout, hasFiles, scratch);
    const { contents } = opened;
    const ref = await freeRef(job, basename(request.path));
    const { includeIgnored } = request;
    const message = messageFor(request);
    const { commonDir } = repository;
    const modules = await saveModules(job, checkout, contents, { commonDir, ref, includeIgnored, message });
    const more = await stashesOf(job, checkout);
    const commit = await writeSnapshot(
      job,
      { checkout, hasFiles, includeIgnored, kept: staying, more, moduleHeads: modules.heads, message },
      opened,
      scratch,
    );
    if (commit !== undefined) await nameSnapshot(git, ref, commit, { ...at, signal });
    return {
      snapshot: commit === undefined ? undefined : ref,
      moduleSnapshots: modules.refs,
      head: await commitOf(git, "HEAD", { cwd: at.cwd, gitDir: checkout.gitDir }, signal),
      dropped: includeIgnored ? 0 : contents.ignored.length,
    };
  });
}

/** Stashes stay in the repository; those made on this branch are in the snapshot as well, should somebody drop them. */
async function stashesOf(job: RemovalJob, checkout: TrustedCheckout): Promise<string[]> {
  const { git, signal, repository } = job;
  const call = { cwd: mainFolder(repository.commonDir), gitDir: repository.commonDir, signal };
  const head = await git.tryRun(["symbolic-ref", "--quiet", "--short", "HEAD"], {
    ...call,
    gitDir: checkout.gitDir,
  });
  if (head === undefined || head.trim() === "") return [];
  const listed = await git.tryRun(["log", "-g", "--format=%H %gs", "refs/stash", "--"], call);
  const mark = ` on ${head.trim()}:`.toLowerCase();
  return (listed ?? "")
    .split("\n")
    .filter((line) => line.toLowerCase().includes(mark))
    .map((line) => line.slice(0, line.indexOf(" ")));
}

async function freeRef(job: RemovalJob, key: string): Promise<string> {
  const { git, clock, signal, repository } = job;
  const at = { cwd: mainFolder(repository.commonDir), gitDir: repository.commonDir };
  const time = new Date(clock.now()).toISOString().replace(/[:.]/g, "-");
  for (let number = 1; ; number++) {
    const ref = `refs/one-horizon/snapshots/${key}/${time}${number === 1 ? "" : `-${number}`}`;
    const names = await git.run(["for-each-ref", "--format=%(refname)", ref, `${ref}.module-*`], {
      ...at,
      signal,
    });
    if (names.trim() === "") return ref;
  }
}

function messageFor({ path, session }: RemovalRequest): string {
  const title = (session?.title ?? basename(path)).replace(/\s+/g, " ").slice(0, 200);
  const id = session?.sessionId.replace(/[^\x21-\x7e]+/g, "-").slice(0, 200) ?? `unknown (${basename(path)})`;
  return `Snapshot of the worktree of: ${title}\n\nTaken from ${path} before it was removed.\n\nOne-Horizon-Session: ${id}`;
}

/** The folder is renamed first, so that it is there as a whole or not at all. */
async function takeAway(
  job: RemovalJob,
  listed: ListedWorktree,
  checkout: TrustedCheckout,
  before: Marks,
): Promise<void> {
  await requireUntouched(job, checkout, before);
  job.signal.throwIfAborted();
  const list = await listWorktrees(job.git, job.repository, job.signal);
  await sweepLeftovers(dirname(checkout.path), list, job.log);
  const aside = await freeAside(checkout.path);
  try {
    await rename(checkout.path, aside);
  } catch (error) {
    throw new WorktreeError(
      "failed",
      asWritten(
        "The worktree {0} was not removed: its folder could not be moved ({1}). Everything is kept. Close the programs that use it and try again.",
        checkout.path,
        messageOf(error),
      ),
      error,
    );
  }
  try {
    await dropEntry(job, listed.path);
  } catch (error) {
    if (sameMarks(await entryMarks(checkout, neverAborted), before.entry)) {
      await rename(aside, checkout.path);
      throw error;
    }
    // Git was cut short while it deleted its entry. All is saved, so the only way is on.
    await rm(checkout.gitDir, { recursive: true, force: true, maxRetries: 5 });
  }
  await deleteAside(aside, job.log);
}

/** What was on the disk when it was looked at, submodules and git's entry included. */
interface Marks {
  readonly files: ReadonlyMap<string, FoundEntry>;
  readonly entry: ReadonlyMap<string, FoundEntry>;
}

async function marksOf(job: RemovalJob, checkout: TrustedCheckout): Promise<Marks> {
  const files = await walkTree(checkout.path, () => Promise.resolve(false), job.signal);
  return { files, entry: await entryMarks(checkout, job.signal) };
}

/** Repositories of submodules get a ref of ours in between, and are left out. */
async function entryMarks({ gitDir }: TrustedCheckout, signal: AbortSignal): Promise<Marks["entry"]> {
  if (!(await isThere(gitDir))) return new Map();
  return await walkTree(gitDir, (folder) => Promise.resolve(folder === "modules"), signal);
}

function sameMarks(one: Marks["files"], other: Marks["files"]): boolean {
  return one.size === other.size && [...one].every(([path, entry]) => other.get(path)?.mark === entry.mark);
}

/** Throws where somebody has written since the files were read: what they wrote is in no snapshot. */
async function requireUntouched(job: RemovalJob, checkout: TrustedCheckout, before: Marks): Promise<void> {
  const now = await marksOf(job, checkout);
  if (sameMarks(now.files, before.files) && sameMarks(now.entry, before.entry)) return;
  throw new WorktreeError(
    "failed",
    asWritten(
      "The worktree {0} was not removed: files were written while it was looked at. Everything is kept. End the program that writes there and try again.",
      checkout.path,
    ),
  );
}

/** Without --force: git itself refuses where files are left or the entry is locked. */
async function dropEntry(job: RemovalJob, path: string): Promise<void> {
  const { git, clock, repository, signal } = job;
  const call: GitCall = { cwd: mainFolder(repository.commonDir), gitDir: repository.commonDir, signal };
  await retryLocked(clock, signal, () => git.run(["worktree", "remove", path], call));
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink() || (await realpath(path)) !== path;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function refused(path: string, why: string): WorktreeError {
  return new WorktreeError(
    "unsafePath",
    asWritten(
      '{0} was not removed: {1}. Everything is kept. Look at it with "git worktree list".',
      path,
      why,
    ),
  );
}
