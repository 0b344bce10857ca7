import * as vscode from "vscode";
import type { Log } from "../base/log";
import { UserError } from "../core/actions";
import type { CleanUpCandidate } from "../core/cleanUp";
import type { RemovedWorktree } from "../core/ports/worktreeCleanUp";
import type { SessionView } from "../core/state";
import { askIgnored, type CleanUpSource } from "./cleanUp";
import { percentTeller, withCancel } from "./progress";
import { checkOutWays, type CheckOutWay } from "./reviewModel";
import type { ReviewSource } from "./reviewSource";
import { escapeIcons, escapeLinks } from "./safeText";
import { tellWithRestore } from "./tellRestore";

export interface CheckOutDeps {
  readonly review: ReviewSource;
  readonly cleanUp: CleanUpSource;
  readonly log: Log;
  readonly openWorktree: (session: SessionView) => Promise<void>;
}

/**
 * Checks the session's branch out in the opened folder, which has to have nothing uncommitted. While the session's worktree
 * has the branch, git does not check it out again, and it would be wrong to force it: both would move one branch. So a person
 * chooses: look at the commits without the branch, or let the worktree go, with a snapshot, since an ended session does not
 * need it any more. The folder is looked at before the worktree is touched.
 * @param given the way, where a script names it.
 */
export async function checkOutHere(
  deps: CheckOutDeps,
  session: SessionView,
  given: string | undefined,
): Promise<void> {
  const branch = session.branch ?? "";
  const { isHere, usedBy } = await deps.review.lookAtCheckOut(session);
  if (isHere) throw new UserError(vscode.l10n.t("{0} is checked out here already.", branch));
  if (usedBy === undefined) {
    await checkOut(deps, session, false);
    tellWithRestore(vscode.l10n.t("{0} is checked out here.", branch), "", deps.log);
    return;
  }
  const worktree = await candidateAt(deps, usedBy);
  switch (await chooseWay(branch, worktree, given)) {
    case undefined:
      return;
    case "openWorktree":
      await deps.openWorktree(session);
      return;
    case "detached":
      await checkOut(deps, session, true);
      tellWithRestore(
        vscode.l10n.t(
          "The tip of {0} is checked out here, on no branch. The worktree is as it was. To go back: “git switch -”.",
          branch,
        ),
        "",
        deps.log,
      );
      return;
    case "removeWorktree":
      if (worktree !== undefined) await instead(deps, session, worktree);
  }
}

async function candidateAt({ cleanUp }: CheckOutDeps, path: string): Promise<CleanUpCandidate | undefined> {
  const candidates = await withCancel(
    vscode.l10n.t("Looking at the worktree"),
    vscode.l10n.t("Nothing was checked out, and nothing was changed."),
    (signal) => cleanUp.candidates(signal),
  );
  return candidates.find((one) => one.path === path);
}

async function chooseWay(
  branch: string,
  worktree: CleanUpCandidate | undefined,
  given: string | undefined,
): Promise<CheckOutWay | undefined> {
  const rows = checkOutWays(worktree, vscode.l10n);
  const named = rows.find((one) => one.way === given);
  if (named !== undefined) return named.way;
  const picked = await vscode.window.showQuickPick(
    rows.map((one) => ({ ...one, detail: escapeIcons(one.detail) })),
    {
      title: vscode.l10n.t("Check Out {0}", branch),
      placeHolder: vscode.l10n.t(
        "The branch is checked out in the session's worktree, and git has it only once.",
      ),
      ignoreFocusOut: true,
    },
  );
  return picked?.way;
}

/** The branch here instead of there. */
async function instead(deps: CheckOutDeps, session: SessionView, worktree: CleanUpCandidate): Promise<void> {
  const includeIgnored = await askIgnored([worktree]);
  if (includeIgnored === undefined) return;
  const removed = await withCancel(
    vscode.l10n.t("Removing the worktree of “{0}”", escapeLinks(session.title)),
    vscode.l10n.t("The branch was not checked out, and the worktree is kept."),
    (signal) => remove(deps, worktree, includeIgnored, signal),
  );
  const { restore, snapshot } = removed;
  const kept = snapshot === undefined ? "" : vscode.l10n.t("What was on no branch is kept in {0}.", snapshot);
  try {
    await checkOut(deps, session, false);
  } catch (error) {
    // The worktree went before: its way back is told with what went wrong.
    tellWithRestore(vscode.l10n.t("The worktree was removed. {0}", kept), restore, deps.log);
    throw error;
  }
  const done = vscode.l10n.t("{0} is checked out here, and its worktree was removed.", session.branch ?? "");
  tellWithRestore([done, kept].filter((text) => text !== "").join(" "), restore, deps.log);
}

async function remove(
  { cleanUp }: CheckOutDeps,
  worktree: CleanUpCandidate,
  includeIgnored: boolean,
  signal: AbortSignal,
): Promise<RemovedWorktree> {
  const result = await cleanUp.remove([worktree], includeIgnored, () => undefined, signal);
  const [removed] = result.removed;
  if (removed !== undefined) return removed;
  signal.throwIfAborted();
  throw new UserError(result.left[0]?.message ?? vscode.l10n.t("The worktree was not removed. Try again."));
}

async function checkOut({ review }: CheckOutDeps, session: SessionView, detached: boolean): Promise<void> {
  await withCancel(
    vscode.l10n.t("Checking out {0}", session.branch ?? ""),
    vscode.l10n.t("The branch was not checked out. This folder is as it was before."),
    (signal, tell) => review.checkOut(session, detached, signal, percentTeller(tell)),
  );
}
