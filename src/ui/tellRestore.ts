import * as vscode from "vscode";
import { messageOf, type Log } from "../base/log";
import { messages } from "./messages";
import { escapeLinks } from "./safeText";

/** A message that nobody waits for, with a button for the way back where there is one. */
export function tellWithRestore(text: string, restore: string, log: Log): void {
  const copy = vscode.l10n.t("Copy Restore Command");
  messages
    .info(escapeLinks(text), ...(restore === "" ? [] : [copy]))
    .then(async (picked) => {
      if (picked === copy) await vscode.env.clipboard.writeText(restore);
    })
    .then(undefined, (error: unknown) =>
      log.warn("a message could not be shown", { message: messageOf(error) }),
    );
}
