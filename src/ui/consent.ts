import * as vscode from "vscode";
import { wishList } from "./consentModel";
import { messages } from "./messages";

/**
 * Asks whether this folder's WORKFLOW.md may do what only a person can allow. False for "Not now" and for a closed
 * notification.
 * @param wishes what it asks for, one short phrase each, in the words of the file.
 * @param showWorkflow opens the file; afterwards the question is asked again.
 * @param signal aborts when the question is out of date. The editor has no way to take a notification back, so an answer
 * that comes later is told to have had no effect.
 */
export async function askConsent(
  wishes: readonly string[],
  showWorkflow: () => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  const allow = vscode.l10n.t("Allow");
  const show = vscode.l10n.t("Show WORKFLOW.md");
  const notNow = vscode.l10n.t("Not now");
  const list = wishList(wishes);
  const question = vscode.l10n.t(
    "This folder's WORKFLOW.md goes beyond the defaults. What it asks for: {0}. Allow this?",
    list,
  );
  for (;;) {
    const answer = await messages.warning(question, allow, show, notNow);
    if (answer === show) await showWorkflow();
    if (signal.aborted) {
      if (answer === allow) await tellOutOfDate();
      return false;
    }
    if (answer !== show) return answer === allow;
  }
}

async function tellOutOfDate(): Promise<void> {
  await messages.info(
    vscode.l10n.t(
      "That question was out of date, so nothing was allowed. Where your consent is still needed, the worker asks again.",
    ),
  );
}
