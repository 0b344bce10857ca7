import { WorktreeError, type Worktree } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import type { GitClient } from "./gitClient";
import { GitFailure, shorten } from "./gitFailure";
import { defaultRemote, quietSsh } from "./remotes";
import { mainFolder } from "./repository";

/**
 * Pushes the branch under its own name. The refspec has no plus sign, so the remote decides and nothing of others is
 * overwritten. Returns the remote's name. Throws WorktreeError `noRemote`, `pushRefused`, `timeout` or `failed`.
 */
export async function publishBranch(
  git: GitClient,
  checkout: TrustedCheckout,
  worktree: Pick<Worktree, "branch">,
  gitHooks: boolean,
  signal: AbortSignal,
): Promise<string> {
  // Relative addresses of remotes count from the main checkout; the session's own tree is not needed here.
  const at = { cwd: mainFolder(checkout.commonDir), gitDir: checkout.commonDir };
  const remote = await defaultRemote(git, at, signal);
  if (remote === undefined) {
    throw new WorktreeError(
      "noRemote",
      `The repository has no remote to publish ${worktree.branch} to. The branch is kept here. Add one with "git remote add origin <address>".`,
    );
  }
  const ref = `refs/heads/${worktree.branch}`;
  const flags = ["--quiet", "--recurse-submodules=no", "--no-follow-tags"];
  try {
    await git.run(["push", ...flags, "--", remote, `${ref}:${ref}`], {
      ...at,
      signal,
      hooks: gitHooks,
      limitMs: git.limits.pushMs,
      environment: await quietSsh(git, at, signal),
    });
  } catch (error) {
    throw pushError(error, worktree.branch, remote);
  }
  return remote;
}

function pushError(error: unknown, branch: string, remote: string): unknown {
  const kept = `The branch ${branch} is kept here.`;
  if (WorktreeError.is(error, "timeout")) {
    return new WorktreeError(
      "timeout",
      `${remote} did not answer in time. ${kept} Publish it again later.`,
      error,
    );
  }
  if (!(error instanceof GitFailure)) return error;
  const said = shorten(error.output);
  if (/\[(remote )?rejected\]|non-fast-forward|fetch first|hook declined/i.test(error.output)) {
    return new WorktreeError(
      "pushRefused",
      `${remote} refused ${branch}: ${said} ${kept} Nothing is ever pushed with force; look at what the remote has.`,
      error,
    );
  }
  if (
    /could not read (username|password)|authentication failed|permission denied|access denied|error: 40[13]/i.test(
      error.output,
    )
  ) {
    return new WorktreeError(
      "pushRefused",
      `${remote} did not let you in: ${said} ${kept} Sign in with git in a terminal once ("git push"), then publish again.`,
      error,
    );
  }
  return new WorktreeError(
    "failed",
    `${branch} could not be published to ${remote}: ${said} ${kept} Try again.`,
    error,
  );
}
