import * as vscode from "vscode";
import { messageOf, type Log } from "../base/log";
import { messages } from "./messages";

/** Tells that the sandbox runs, with what, and offers its dashboard. Nobody waits for the answer. */
export function tellSandboxRuns(scripted: boolean, openDashboard: () => Promise<unknown>, log: Log): void {
  const open = vscode.l10n.t("Open Dashboard");
  const text = scripted
    ? vscode.l10n.t(
        "The sandbox runs. Codex was not found, so a scripted stand-in that ships with this extension does the work. Queue a session on the dashboard.",
      )
    : vscode.l10n.t(
        "The sandbox runs, with your installed Codex and a scripted model. Queue a session on the dashboard.",
      );
  messages
    .info(text, open)
    .then(async (picked) => {
      if (picked === open) await openDashboard();
    })
    .then(
      () => undefined,
      (error: unknown) => log.warn("a message could not be shown", { message: messageOf(error) }),
    );
}
