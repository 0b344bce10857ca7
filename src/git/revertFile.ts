import { lstat, readlink, rmdir, unlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import type { ChangedFile, RevertedFile, ReviewPlace } from "../core/ports/review";
import { WorktreeError } from "../core/ports/worktrees";
import { storeBlobs } from "./blobs";
import { listChangedFiles } from "./changedFiles";
import { isSessionWorktree, type TrustedCheckout } from "./checkoutTrust";
import { treeCall } from "./diffStat";
import { isReallyInside, placeOf } from "./fileNow";
import type { GitCall } from "./gitClient";
import { retryLocked } from "./lockRetry";
import { quoted, rawOfText, shownPath } from "./rawPath";
import { commitOf } from "./repository";
import { restoreFileCommand } from "./restoreCommand";
import type { ReviewJob } from "./reviewIndex";
import { durable, identity, nameSnapshot, snapshotCommit, withScratch } from "./snapshot";
import { writeIndex } from "./snapshotTree";
import { ownLocks } from "./staleLock";
import { filtersOff, refuseFiltered, treeFilters } from "./treeFilters";
import { isMissing } from "./worktreeFolder";

export interface RevertJob extends ReviewJob {
  readonly clock: Clock;
}

/**
 * Makes a file what it is in the base commit: a changed or deleted one gets its content back, an added one goes, a renamed
 * one goes back to where it was. Only the disk is touched, neither index nor branch. What was there before is kept in a
 * commit under a ref of ours first. Throws WorktreeError; nothing was changed then, or the message says what.
 */
export async function revertFile(
  job: RevertJob,
  checkout: TrustedCheckout,
  place: ReviewPlace,
  rawPath: string,
): Promise<RevertedFile> {
  const changed = await listChangedFiles(job, checkout, place);
  const file = changed.find((one) => one.rawPath === rawPath);
  if (file === undefined) {
    throw new WorktreeError(
      "failed",
      asWritten(
        "{0} is as it was when the session began, so there is nothing to revert. Nothing was changed.",
        shownPath(rawPath),
      ),
    );
  }
  const { from } = file;
  for (const one of [rawPath, ...(from === undefined ? [] : [from.rawPath])]) {
    await requirePlain(checkout, one, file.status === "deleted" || one === from?.rawPath);
  }
  const source = from?.rawPath ?? rawPath;
  const call = file.status === "added" ? undefined : await restoreCall(job, checkout, source);
  const backup = await keepFile(job, checkout, file);
  if (call !== undefined) await restore(job, checkout, place.baseCommit, source, call);
  if (from !== undefined || file.status === "added") await takeAway(checkout, rawPath);
  if (backup === undefined) return { backup, restore: undefined };
  const command = restoreFileCommand({ checkout: checkout.path, ref: backup, path: file.path });
  return { backup, restore: command };
}

/** A folder, or a link in the place of one, holds more than this file: git would throw it away to make room. */
async function requirePlain(checkout: TrustedCheckout, rawPath: string, mayBeGone: boolean): Promise<void> {
  const there = await isReallyInside(checkout, rawPath);
  const found = there ? await entryAt(placeOf(checkout, rawPath)) : undefined;
  if (found?.isDirectory() !== true && (there || (mayBeGone && (await hasOnlyFolders(checkout, rawPath))))) {
    return;
  }
  throw new WorktreeError(
    "pathInUse",
    asWritten(
      "{0} was not reverted: where it has to be there is a folder or a link now. Nothing was changed. Move that away, and try again.",
      shownPath(rawPath),
    ),
  );
}

/** What there is of the folders above a path are folders. */
async function hasOnlyFolders(checkout: TrustedCheckout, rawPath: string): Promise<boolean> {
  const parts = rawPath.split("/").slice(0, -1);
  for (let count = 1; count <= parts.length; count += 1) {
    const found = await entryAt(placeOf(checkout, parts.slice(0, count).join("/")));
    if (found === undefined) return true;
    if (!found.isDirectory()) return false;
  }
  return true;
}

async function entryAt(place: Buffer | string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  try {
    return await lstat(place);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The ref of a commit on top of the checkout's own that has the file as it is on the disk, byte for byte. */
async function keepFile(
  job: RevertJob,
  checkout: TrustedCheckout,
  file: ChangedFile,
): Promise<string | undefined> {
  const { git, clock, signal } = job;
  const { rawPath } = file;
  const place = placeOf(checkout, rawPath);
  const found = await entryAt(place);
  if (found === undefined) return undefined;
  if (!found.isFile() && !found.isSymbolicLink()) return undefined;
  return await withScratch(job, async (scratch) => {
    const call: GitCall = {
      ...{ cwd: checkout.commonDir, gitDir: checkout.gitDir, workTree: checkout.path, signal },
      ...{ config: [...durable, ...identity], limitMs: git.limits.treeMs },
      environment: { GIT_INDEX_FILE: join(scratch, "index") },
    };
    const link = join(scratch, "link");
    if (found.isSymbolicLink()) await writeFile(link, await readlink(place, { encoding: "buffer" }));
    const source = found.isSymbolicLink() ? rawOfText(link) : `${rawOfText(checkout.path)}/${rawPath}`;
    const [id = ""] = await storeBlobs(git, [source], call);
    const head = await commitOf(git, "HEAD", { cwd: checkout.commonDir, gitDir: checkout.gitDir }, signal);
    if (head !== undefined) await git.run(["read-tree", head], call);
    const mode = found.isSymbolicLink() ? "120000" : (Number(found.mode) & 0o100) === 0 ? "100644" : "100755";
    await writeIndex(git, [`${mode} ${id}\t${quoted(rawPath)}`], call);
    const tree = (await git.run(["write-tree"], call)).trim();
    const message = `A file before it was reverted: ${file.path.replace(/\s+/g, " ").slice(0, 200)}`;
    const commit = await snapshotCommit(git, call, tree, head === undefined ? [] : [head], message);
    const key = isSessionWorktree(checkout.path) ? basename(checkout.path) : "checkout";
    const time = new Date(clock.now()).toISOString().replace(/[:.]/g, "-");
    const ref = `refs/one-horizon/backups/${key}/${time}-${id.slice(0, 12)}`;
    const at = { cwd: checkout.commonDir, gitDir: checkout.commonDir, signal };
    // The same bytes in the same moment are the same file.
    if ((await commitOf(git, ref, at, signal)) === undefined) await nameSnapshot(git, ref, commit, at);
    return ref;
  });
}

/** Throws where the file goes through a program that may be the tool's own. */
async function restoreCall(job: RevertJob, checkout: TrustedCheckout, rawPath: string): Promise<GitCall> {
  const { git, signal } = job;
  const drivers = await treeFilters(git, checkout, signal);
  const call: GitCall = { ...treeCall(checkout, signal), config: filtersOff(drivers) };
  await refuseFiltered(
    git,
    [rawPath],
    drivers,
    call,
    asWritten("it was not reverted; it is kept. Revert it by hand"),
  );
  return call;
}

async function restore(
  job: RevertJob,
  checkout: TrustedCheckout,
  commit: string,
  rawPath: string,
  call: GitCall,
): Promise<void> {
  const { git, clock, signal } = job;
  const args = ["restore", `--source=${commit}`, "--worktree", "--ignore-skip-worktree-bits", "--quiet"];
  const work = (): Promise<string> =>
    // Quoted, since a name that is no UTF-8 cannot be an argument.
    git.run([...args, "--pathspec-from-file=-"], { ...call, input: `${quoted(rawPath)}\n` });
  await retryLocked(clock, signal, work, ownLocks(checkout));
}

/** The file, and the folders that are empty then: git has none of those either. */
async function takeAway(checkout: TrustedCheckout, rawPath: string): Promise<void> {
  await unlink(placeOf(checkout, rawPath));
  const parts = rawPath.split("/");
  for (let count = parts.length - 1; count > 0; count -= 1) {
    try {
      await rmdir(placeOf(checkout, parts.slice(0, count).join("/")));
    } catch {
      // It holds something else.
      return;
    }
  }
}
