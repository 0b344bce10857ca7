import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import type { GitClient } from "./gitClient";
import { readHead } from "./repository";

/** The tip of the session's branch. Throws when the checkout has left that branch. */
export async function requireBranch(
  git: GitClient,
  checkout: TrustedCheckout,
  branch: string,
  signal: AbortSignal,
): Promise<string> {
  const head = await readHead(git, { cwd: checkout.commonDir, gitDir: checkout.gitDir }, signal);
  if (head.branch === branch && head.commit !== undefined) return head.commit;
  throw new WorktreeError(
    "failed",
    asWritten(
      "{0} is on {1} instead of {2}, so nothing was committed. The files are kept. Check out {2} there and commit by hand.",
      checkout.path,
      head.branch ?? asWritten("a detached head"),
      branch,
    ),
  );
}
