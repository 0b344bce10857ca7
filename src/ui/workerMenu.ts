import * as vscode from "vscode";
import type { WorkerState } from "../core/state";
import { escapeIcons } from "./safeText";
import { statusFace } from "./statusBarModel";
import { workerMenu } from "./workerMenuModel";

/** The status bar item's menu: what the worker can do now. */
export async function showWorkerMenu(state: WorkerState, now: number, sandbox: boolean): Promise<void> {
  const items = workerMenu(state, now, sandbox, vscode.l10n).map(({ icon, label, command }) => ({
    label: `$(${icon}) ${label}`,
    command,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title:
      state.workerName === undefined ? vscode.l10n.t("One Horizon Worker") : escapeIcons(state.workerName),
    placeHolder: statusFace(state, now, vscode.l10n).spoken,
  });
  if (picked !== undefined) await vscode.commands.executeCommand(picked.command);
}
