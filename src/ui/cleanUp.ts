import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { CleanUpCandidate, CleanUpResult } from "../core/cleanUp";
import {
  cleanUpReport,
  cleanUpRow,
  ignoredQuestion,
  plainQuestion,
  type CleanUpReport,
  type CleanUpRow,
} from "./cleanUpModel";
import { messages } from "./messages";
import { escapeIcons } from "./safeText";

/** Where worktrees are looked up and removed. */
export interface CleanUpSource {
  candidates(signal: AbortSignal): Promise<readonly CleanUpCandidate[]>;
  remove(
    chosen: readonly CleanUpCandidate[],
    includeIgnored: boolean,
    onProgress: (candidate: CleanUpCandidate, at: number) => void,
    signal: AbortSignal,
  ): Promise<CleanUpResult>;
}

interface CleanUpItem extends vscode.QuickPickItem {
  readonly row: CleanUpRow;
  readonly candidate: CleanUpCandidate;
}

/** Lets a person choose worktrees, asks once, removes them and says how they come back. */
export async function cleanUpWorktrees(source: CleanUpSource, clock: Clock, log: Log): Promise<void> {
  const chosen = await chooseWorktrees(source, clock);
  if (chosen === undefined || chosen.length === 0) return;
  const answer = await confirm(chosen);
  if (answer === undefined) return;
  const result = await removeWithProgress(source, chosen, answer.includeIgnored);
  for (const one of result.left) log.warn("a worktree was left", one);
  for (const message of result.notes) log.warn("before_remove did not work", { message });
  report(cleanUpReport(result, vscode.l10n), log);
}

/** Undefined when there is none, or the person turned away. */
async function chooseWorktrees(
  source: CleanUpSource,
  clock: Clock,
): Promise<readonly CleanUpCandidate[] | undefined> {
  const pick = vscode.window.createQuickPick<CleanUpItem>();
  const closed = new AbortController();
  const chosen = new Promise<readonly CleanUpCandidate[] | undefined>((resolve) => {
    pick.onDidAccept(() => {
      if (!pick.busy) resolve(pick.selectedItems.map((one) => one.candidate));
    });
    pick.onDidHide(() => {
      closed.abort(new Error("the list was closed"));
      resolve(undefined);
    });
  });
  // What has to stay cannot be chosen: the tick goes at once.
  pick.onDidChangeSelection((items) => {
    if (items.some((one) => !one.row.removable)) {
      pick.selectedItems = items.filter((one) => one.row.removable);
    }
  });
  pick.title = vscode.l10n.t("Clean Up Worktrees");
  pick.placeholder = vscode.l10n.t("Looking at the worktrees…");
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.busy = true;
  pick.ignoreFocusOut = true;
  pick.show();
  try {
    const candidates = await source.candidates(closed.signal);
    if (candidates.length === 0) {
      pick.hide();
      tell(vscode.l10n.t("No worktrees to clean up."));
      return undefined;
    }
    fill(pick, candidates, clock.now());
    return await chosen;
  } catch (error) {
    if (closed.signal.aborted) return undefined;
    throw error;
  } finally {
    pick.dispose();
  }
}

function fill(
  pick: vscode.QuickPick<CleanUpItem>,
  candidates: readonly CleanUpCandidate[],
  now: number,
): void {
  const items = candidates.map((candidate): CleanUpItem => {
    const row = cleanUpRow(candidate, now, vscode.l10n);
    const { label, description, detail } = row;
    return { label, description, detail, row, candidate };
  });
  pick.items = items;
  pick.selectedItems = items.filter((one) => one.row.picked);
  pick.placeholder = vscode.l10n.t("Worktrees to remove; branches and unsaved work are kept");
  pick.busy = false;
}

/** Asks once: with a dialog only where files would be gone for good. */
async function confirm(
  chosen: readonly CleanUpCandidate[],
): Promise<{ readonly includeIgnored: boolean } | undefined> {
  if (ignoredQuestion(chosen, vscode.l10n) !== undefined) {
    const includeIgnored = await askIgnored(chosen);
    return includeIgnored === undefined ? undefined : { includeIgnored };
  }
  const { message, detail } = plainQuestion(chosen, vscode.l10n);
  const picked = await vscode.window.showQuickPick(
    [{ label: message, detail: escapeIcons(detail) }, { label: vscode.l10n.t("Keep them") }],
    { title: vscode.l10n.t("Clean Up Worktrees"), ignoreFocusOut: true },
  );
  // Nothing ignored was seen, so nobody was asked: what has come since, or lies in a submodule, is kept.
  return picked?.label === message ? { includeIgnored: true } : undefined;
}

/**
 * What becomes of ignored files, which no branch holds: true to keep them in the snapshot. Without any nobody is asked, and
 * what comes meanwhile is kept. Undefined when the person turned away.
 */
export async function askIgnored(chosen: readonly CleanUpCandidate[]): Promise<boolean | undefined> {
  const question = ignoredQuestion(chosen, vscode.l10n);
  if (question === undefined) return true;
  const keep = vscode.l10n.t("Keep in Snapshot");
  const drop = vscode.l10n.t("Drop Ignored Files");
  const answer = await messages.dialog(question.message, question.detail, keep, drop);
  return answer === undefined ? undefined : answer === keep;
}

async function removeWithProgress(
  source: CleanUpSource,
  chosen: readonly CleanUpCandidate[],
  includeIgnored: boolean,
): Promise<CleanUpResult> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t("Removing worktrees"),
    cancellable: true,
  };
  return await vscode.window.withProgress(options, async (progress, token) => {
    const cancel = new AbortController();
    const listening = token.onCancellationRequested(() => cancel.abort(new Error("cancelled by a person")));
    try {
      const step = 100 / chosen.length;
      const onProgress = (candidate: CleanUpCandidate, at: number): void => {
        const name = candidate.session?.title ?? candidate.sessionKey;
        const message = vscode.l10n.t("{0} of {1}: {2}", at + 1, chosen.length, name);
        progress.report({ message, increment: at === 0 ? 0 : step });
      };
      return await source.remove(chosen, includeIgnored, onProgress, cancel.signal);
    } finally {
      listening.dispose();
    }
  });
}

function report({ message, failed, restore }: CleanUpReport, log: Log): void {
  const copy = vscode.l10n.t("Copy Restore Command");
  const buttons = restore === undefined ? [] : [copy];
  const shown = failed ? messages.warning(message, ...buttons) : messages.info(message, ...buttons);
  // Nobody waits for the answer: the command is over when the worktrees are gone.
  shown
    .then(async (picked) => {
      if (picked === copy && restore !== undefined) await vscode.env.clipboard.writeText(restore);
    })
    .then(undefined, (error: unknown) =>
      log.warn("the report of a clean-up could not be shown", { error: messageOf(error) }),
    );
}

function tell(text: string): void {
  void messages.info(text);
}
