import * as vscode from "vscode";
import { UserError } from "../core/actions";
import type { OnProgress, WorkProgress } from "../core/ports/worktrees";

/**
 * Runs long work under a notification that tells how far it is and can cancel it.
 * @param task gets a signal that aborts when the person cancels; it ends the work itself.
 * @param cancelled what then is told: what was kept, and what to do.
 * @throws UserError with `cancelled`.
 */
export async function withCancel<T>(
  title: string,
  cancelled: string,
  task: (signal: AbortSignal, tell: (message: string) => void) => Promise<T>,
): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return await vscode.window.withProgress(options, async (progress, token) => {
    const cancel = new AbortController();
    const listening = token.onCancellationRequested(() => cancel.abort(new UserError(cancelled)));
    try {
      return await task(cancel.signal, (message) => progress.report({ message }));
    } finally {
      listening.dispose();
    }
  });
}

/** Tells git's progress as a percentage. */
export function percentTeller(tell: (message: string) => void): OnProgress {
  return ({ percent, work }) => tell(`${workWord(work)}: ${percent} %`);
}

function workWord(work: WorkProgress["work"]): string {
  switch (work) {
    case "fetching":
      return vscode.l10n.t("fetching");
    case "checkingOut":
      return vscode.l10n.t("writing files");
    case "pushing":
      return vscode.l10n.t("pushing");
  }
}
