import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { GitClient } from "./gitClient";
import { remotePlace } from "./remoteBranch";
import { remoteError } from "./remoteTrouble";
import { quietSsh } from "./remotes";

export interface LfsJob {
  readonly git: GitClient;
  readonly checkout: { readonly commonDir: string };
  readonly worktree: { readonly branch: string };
  readonly signal: AbortSignal;
}

/**
 * Sends the large files that LFS holds for the branch, which its own hook would do otherwise. It runs beside the main
 * checkout, so that no `.lfsconfig` that a tool has written says where they go. Returns sentences for the user.
 */
export async function pushLfs(job: LfsJob, remote: string, tip: string): Promise<readonly string[]> {
  const { git, checkout, worktree, signal } = job;
  const at = remotePlace(checkout.commonDir);
  if (!(await usesLfs(job, tip))) return [];
  const { branch } = worktree;
  if ((await git.tryRun(["lfs", "version"], { ...at, signal })) === undefined) {
    if (!(await hasObjects(checkout.commonDir))) {
      return [
        asWritten(
          "The repository uses Git LFS, and git-lfs is not installed here: new files were committed whole.",
        ),
      ];
    }
    throw new WorktreeError(
      "failed",
      asWritten(
        "{0} was not pushed: the repository has files in Git LFS, and git-lfs was not found, so they could not go along. The commits are kept on {0} here. Install git-lfs, make sure that it is on the PATH, and start the session again.",
        branch,
      ),
    );
  }
  try {
    await git.run(["lfs", "push", remote, `refs/heads/${branch}`], {
      ...{ ...at, signal, limitMs: git.limits.pushMs },
      environment: await quietSsh(git, at, signal),
    });
    return [];
  } catch (error) {
    throw remoteError(error, {
      ...{ what: asWritten("send the LFS files of {0} to {1}", branch, remote), remote },
      kept: asWritten("Nothing was pushed; the commits are kept on {0} here.", branch),
      again: asWritten("Then start the session again; it goes on from there."),
    });
  }
}

/** Do attributes anywhere in the commit give files to LFS? */
async function usesLfs({ git, checkout, signal }: LfsJob, tip: string): Promise<boolean> {
  const where = [":(glob).gitattributes", ":(glob)**/.gitattributes"];
  const args = ["grep", "--quiet", "--fixed-strings", "-e", "filter=lfs", tip, "--", ...where];
  const environment = { GIT_LITERAL_PATHSPECS: "0" };
  return (await git.tryRun(args, { ...remotePlace(checkout.commonDir), signal, environment })) !== undefined;
}

async function hasObjects(commonDir: string): Promise<boolean> {
  const names = await readdir(join(commonDir, "lfs/objects")).catch(() => []);
  return names.length > 0;
}
