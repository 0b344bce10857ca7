import { asWritten } from "../base/words";
import { removeWorktree, type RemovalJob } from "./removeWorktree";

/** Removes a worktree that somebody has left, with a snapshot of what its branch does not hold. Returns sentences for the user. */
export async function setAside(job: RemovalJob, path: string): Promise<readonly string[]> {
  const request = { folder: path, path, includeIgnored: false, session: undefined };
  const { snapshot, restore } = await removeWorktree(job, request);
  if (snapshot === undefined) return [];
  return [
    asWritten(
      "What an earlier session left uncommitted in the worktree is kept in {0}; to have it back elsewhere, give another folder to: {1}",
      snapshot,
      restore,
    ),
  ];
}
