import type { CleanUpCandidate } from "../core/cleanUp";
import type { SessionView } from "../core/state";
import type { ChangedFile } from "./changesModel";
import type { L10n } from "./l10n";

/** How a branch can be had that is checked out in its session's worktree. */
export type CheckOutWay = "detached" | "removeWorktree" | "openWorktree";

export interface WayRow {
  readonly way: CheckOutWay;
  readonly label: string;
  readonly detail: string;
}

/**
 * Git checks no branch out twice. Nothing is lost in any of these ways: the commits are looked at without the branch, or the
 * worktree, which the session does not need any more, goes with a snapshot of what its branch does not hold.
 * @param worktree undefined where it is none of a session, so that it is not ours to remove.
 */
export function checkOutWays(worktree: CleanUpCandidate | undefined, l10n: L10n): readonly WayRow[] {
  const unsaved = worktree === undefined ? 0 : worktree.changed + worktree.untracked;
  const left =
    unsaved === 1
      ? l10n.t("1 file there is not committed.")
      : l10n.t("{0} files there are not committed.", unsaved);
  // As short as they are, since the list cuts them off.
  const withLeft = (text: string): string => (unsaved === 0 ? text : `${text} ${left}`);
  const rows: WayRow[] = [
    {
      way: "detached",
      label: l10n.t("Look at Its Commits Here"),
      detail: withLeft(l10n.t("Checks out its tip, on no branch; the worktree stays.")),
    },
  ];
  if (worktree !== undefined && worktree.stays === undefined && !worktree.gone) {
    rows.push({
      way: "removeWorktree",
      label: l10n.t("Remove the Worktree and Check Out the Branch"),
      detail: withLeft(l10n.t("What is on no branch is kept in a snapshot first.")),
    });
  }
  rows.push({
    way: "openWorktree",
    label: l10n.t("Open the Worktree in a New Window Instead"),
    detail: l10n.t("This folder stays on its own branch."),
  });
  return rows;
}

/** The session's other side, as a person chooses it. */
export interface CompareRow {
  readonly with: { readonly kind: "base" | "head" } | { readonly kind: "branch"; readonly branch: string };
  readonly label: string;
  readonly description: string;
}

/** What a session's files can be compared with: its base, this checkout, the branches of other sessions, newest first. */
export function compareRows(
  session: SessionView,
  others: Iterable<SessionView>,
  l10n: L10n,
): readonly CompareRow[] {
  const branches = [...others]
    .filter((one) => one.sessionId !== session.sessionId && one.branch !== undefined)
    .filter((one) => one.branch !== session.branch && !one.archived)
    .toSorted((one, other) => other.createdAt - one.createdAt)
    .map(({ branch = "", title }): CompareRow => ({
      with: { kind: "branch", branch },
      label: title,
      description: branch,
    }));
  return [
    {
      with: { kind: "base" },
      label: l10n.t("Base branch as it is now"),
      description: l10n.t("fetched first"),
    },
    { with: { kind: "head" }, label: l10n.t("What is checked out here"), description: "HEAD" },
    ...branches,
  ];
}

/** What a revert does to a file, as a sentence. */
export function revertDetail({ status, from }: ChangedFile, l10n: L10n): string {
  switch (status) {
    case "added":
      return l10n.t("The session added it, so it is removed. Its content is kept in a backup first.");
    case "deleted":
      return l10n.t("The session deleted it, so it comes back as it was.");
    case "modified":
      return l10n.t(
        "It becomes what it was when the session began. Its content now is kept in a backup first.",
      );
    case "renamed":
      return l10n.t(
        "It goes back to {0}, as it was when the session began. Its content now is kept in a backup first.",
        from?.path ?? "",
      );
  }
}

/** How many files a patch is about. */
export function filesIn(patch: string): number {
  return [...patch.matchAll(/^diff --git /gm)].length;
}
