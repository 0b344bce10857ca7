import { basename } from "node:path";
import { asWritten } from "../base/words";
import type { RemovedWorktree } from "../core/ports/worktreeCleanUp";
import { WorktreeError } from "../core/ports/worktrees";
import { trustCheckout } from "./checkoutTrust";
import type { GitClient } from "./gitClient";
import { removeWorktree, type RemovalJob } from "./removeWorktree";
import { mainFolder, type Repository } from "./repository";
import { readerKey } from "./sessionKey";
import { whatIsAt } from "./worktreeFolder";
import { listedAt } from "./worktreeList";

/**
 * The repository of the session's checkout to read in, proven from its folder; undefined where the folder is gone, and with
 * it all there was. Throws WorktreeError where the folder is anything else.
 */
export async function readerRepository(
  git: GitClient,
  path: string,
  sessionId: string,
  signal: AbortSignal,
): Promise<Repository | undefined> {
  if (basename(path) !== readerKey(sessionId)) {
    throw new WorktreeError(
      "unsafePath",
      asWritten(
        '{0} was not removed: it is not the checkout that the session {1} reads in. Everything is kept. Look at it with "git worktree list".',
        path,
        sessionId,
      ),
    );
  }
  if ((await whatIsAt(path)) === "nothing") return undefined;
  const { commonDir } = await trustCheckout(git, path, signal);
  return { topLevel: mainFolder(commonDir), commonDir, gitDir: commonDir, prefix: "" };
}

/** Removes it as every worktree is removed: what nobody expects to be there is in a snapshot first. */
export async function discardReader(job: RemovalJob, path: string): Promise<RemovedWorktree | undefined> {
  const { git, repository, signal } = job;
  // Somebody may have been quicker.
  if ((await listedAt(git, repository, path, signal)) === undefined) return undefined;
  return await removeWorktree(job, { folder: path, path, includeIgnored: false, session: undefined });
}
