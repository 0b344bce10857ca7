import { toolTitle } from "../core/providers";
import { workerPhase, type SessionView, type WorkerState } from "../core/state";
import type { SessionVerb } from "./commandIds";
import type { L10n } from "./l10n";
import { pushes } from "./runModel";
import { hasThread } from "./sessionAbilities";
import { phaseWord } from "./sessionLook";

/** Why a verb is not possible for a session now, and what to do instead. */
export function whyNot(
  verb: SessionVerb,
  session: SessionView,
  state: Pick<WorkerState, "phase">,
  l10n: L10n,
): string {
  const { title } = session;
  const now = phaseWord(session.phase, l10n);
  switch (verb) {
    case "claim":
      return session.claimable && workerPhase(state.phase).kind !== "online"
        ? l10n.t(
            "“{0}” cannot be claimed while the worker is not online. Start or resume the worker first.",
            title,
          )
        : l10n.t("“{0}” cannot be claimed: the platform does not offer it now ({1}).", title, now);
    case "release":
    case "fail":
      return l10n.t("“{0}” has no running work to stop ({1}).", title, now);
    case "resume":
    case "approve":
    case "approveForSession":
    case "deny":
    case "answer":
      return l10n.t("“{0}” asks nothing that could be answered so ({1}).", title, now);
    case "delegate":
      return l10n.t(
        "Work of “{0}” cannot be delegated: only a session that runs here can hand work on ({1}). Nothing was changed. Claim it first, or answer what it asks.",
        title,
        now,
      );
    case "publishBranch":
      if (session.workflow !== undefined && !pushes(session)) {
        return l10n.t("“{0}” only reads its run's branch, so it has nothing to publish.", title);
      }
      if (session.workflow !== undefined && session.workflow.push !== "none") {
        return l10n.t("The branch of “{0}” is on the remote already.", title);
      }
      return l10n.t("“{0}” has no finished branch to publish yet ({1}).", title, now);
    case "revertFile":
      return l10n.t(
        "Files of “{0}” can be reverted only when it has ended and left a worktree ({1}). Nothing was changed. Release it first, or open its worktree.",
        title,
        now,
      );
    case "checkOut":
      return l10n.t(
        "“{0}” has no branch that could be checked out here ({1}). Nothing was changed. Wait until it has ended, or open its worktree.",
        title,
        now,
      );
    case "showChanges":
    case "showFile":
    case "openFile":
    case "compare":
    case "copyPatch":
    case "openWorktree":
      return l10n.t("“{0}” has no worktree yet ({1}).", title, now);
    case "openThread":
      if (hasThread(session)) {
        return l10n.t(
          "The thread of “{0}” is kept by {1}, which would run what the model left in the worktree, so it is not opened. Nothing was started. Open the worktree and look at it first.",
          title,
          toolTitle(session.provider),
        );
      }
      return l10n.t("“{0}” has no recorded thread that is at rest ({1}).", title, now);
    case "openUrl":
      return l10n.t("“{0}” has no web address.", title);
    case "archive":
      return l10n.t("“{0}” is still under way ({1}). It can be hidden when it has ended.", title, now);
    case "show":
    case "openLog":
    case "copyId":
      return l10n.t("This is not possible for “{0}” now.", title);
  }
}
