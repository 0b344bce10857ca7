import { asWritten } from "../base/words";
import { WorktreeError, type OnProgress, type Worktree } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import type { GitClient } from "./gitClient";
import type { OnGitProgress } from "./gitProgress";
import { remotePlace } from "./remoteBranch";
import { defaultRemote, quietSsh } from "./remotes";
import { remoteError } from "./remoteTrouble";

/**
 * Pushes the branch under its own name. Returns the remote's name. Throws WorktreeError `noRemote`, `pushRefused`,
 * `remoteGone`, `timeout` or `failed`.
 */
export async function publishBranch(
  git: GitClient,
  checkout: TrustedCheckout,
  { branch }: Pick<Worktree, "branch">,
  { gitHooks, onProgress }: { readonly gitHooks: boolean; readonly onProgress?: OnProgress | undefined },
  signal: AbortSignal,
): Promise<string> {
  const remote = await defaultRemote(git, remotePlace(checkout.commonDir), signal);
  if (remote === undefined) {
    throw new WorktreeError(
      "noRemote",
      asWritten(
        'The repository has no remote to publish {0} to. The branch is kept here. Add one with "git remote add origin <address>".',
        branch,
      ),
    );
  }
  try {
    const tell: OnGitProgress = ({ step, percent }) => {
      if (step === "Writing objects") onProgress?.({ work: "pushing", percent });
    };
    const refs = [`refs/heads/${branch}`, branch] as const;
    await pushRef(git, checkout.commonDir, remote, refs, gitHooks, signal, tell);
  } catch (error) {
    throw remoteError(error, {
      ...{ what: `publish ${branch} to ${remote}`, remote },
      ...{
        kept: asWritten("The branch {0} is kept here.", branch),
        again: asWritten("Then publish it again."),
      },
    });
  }
  return remote;
}

/**
 * The refspec has no plus sign, so the remote decides and nothing of others is overwritten. The session's own tree is not
 * needed here, and not looked at. Rejects with what git said.
 */
export async function pushRef(
  git: GitClient,
  commonDir: string,
  remote: string,
  [source, branch]: readonly [source: string, branch: string],
  gitHooks: boolean,
  signal: AbortSignal,
  onProgress?: OnGitProgress,
): Promise<void> {
  const at = remotePlace(commonDir);
  const told = onProgress === undefined ? "--quiet" : "--progress";
  const flags = [told, "--recurse-submodules=no", "--no-follow-tags"];
  await git.run(["push", ...flags, "--", remote, `${source}:refs/heads/${branch}`], {
    ...at,
    signal,
    onProgress,
    hooks: gitHooks,
    limitMs: git.limits.pushMs,
    environment: await quietSsh(git, at, signal),
  });
}
