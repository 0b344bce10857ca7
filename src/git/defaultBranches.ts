import { asWritten } from "../base/words";
import { sameBranch, whyNoBranch } from "../core/branchName";
import { WorktreeError } from "../core/ports/worktrees";

/** Throws WorktreeError `badBranch` for what is no name of a branch; git has not seen it then. */
export function requireBranchName(branch: string): void {
  const why = whyNoBranch(branch);
  if (why === undefined) return;
  const shown = JSON.stringify(branch.slice(0, 200)).replace(/[^\x20-\x7e]/gu, "?");
  throw new WorktreeError(
    "badBranch",
    asWritten(
      "{0} is no name of a branch for the workflow run: it {1}. Git was not asked, and nothing was changed. Give the run another branch on the platform.",
      shown,
      why,
    ),
  );
}

/** Throws WorktreeError `badBranch` where the run's branch is one that the worker never pushes. */
export function refuseDefault(branch: string, defaults: readonly (string | undefined)[]): void {
  if (!defaults.some((one) => one !== undefined && sameBranch(one, branch))) return;
  throw new WorktreeError(
    "badBranch",
    asWritten(
      "The workflow run names {0} as its branch, which is the default or base branch of the repository, and the worker never pushes that one. Nothing was changed. Give the run a branch of its own on the platform.",
      branch,
    ),
  );
}
