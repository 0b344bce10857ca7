import type { TrustedCheckout } from "./checkoutTrust";
import { safeDiff, treeCall, untrackedPaths } from "./diffStat";
import type { GitClient } from "./gitClient";
import { findGitEntries } from "./hostileTree";
import { unfinishedWork } from "./snapshotState";
import { filtersOff, treeFilters } from "./treeFilters";

/**
 * Is the checkout as its last commit has it: nothing changed, staged, untracked or half done, and no `.git` anywhere in
 * it? Ignored files and copies do not count. Only then git may move its files without a look by anybody.
 */
export async function isPristine(
  git: GitClient,
  checkout: TrustedCheckout,
  signal: AbortSignal,
): Promise<boolean> {
  // One of a submodule that the user has checked out may have work in it, too.
  if ((await findGitEntries(checkout.path, signal)).length > 0) return false;
  return await isCommitted(git, checkout, signal);
}

/** As `isPristine`, for a tree that has passed the guard. */
export async function isCommitted(
  git: GitClient,
  checkout: TrustedCheckout,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await unfinishedWork(checkout.gitDir)) !== undefined) return false;
  const config = filtersOff(await treeFilters(git, checkout, signal));
  const call = { ...treeCall(checkout, signal), limitMs: git.limits.treeMs, config };
  for (const where of [[], ["--cached"]]) {
    if ((await git.run(["diff", ...where, "--name-only", ...safeDiff, "HEAD", "--"], call)) !== "") {
      return false;
    }
  }
  return (await untrackedPaths(git, checkout, signal)).length === 0;
}
