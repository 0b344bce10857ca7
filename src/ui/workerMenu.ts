import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { DisposableStore } from "../base/disposable";
import type { MenuDeed, MenuSection } from "./menuEntry";
import { escapeIcons } from "./safeText";
import { sessionMenu } from "./sessionMenuModel";
import type { StateSource } from "./stateSource";
import { statusWords } from "./statusWords";
import { workerMenu } from "./workerMenuModel";

interface Item extends vscode.QuickPickItem {
  readonly does?: MenuDeed;
}

export interface WorkerMenuDeps {
  readonly source: StateSource;
  readonly clock: Pick<Clock, "now">;
  readonly sandboxRunning: () => boolean;
}

/** The argument that tells the menu that a click in the status bar opens it. */
export const fromStatusBar = "statusBar";

/**
 * A click in the status bar takes the keyboard there; from here it goes back to the editor when the menu closes, and when
 * what was chosen has asked its questions.
 */
export async function leaveStatusBar(opener: unknown): Promise<void> {
  if (opener === fromStatusBar) {
    await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
  }
}

/** The status bar item's menu: what the worker can do now. A session opens a page of its own, with a way back. */
export async function showWorkerMenu({ source, clock, sandboxRunning }: WorkerMenuDeps): Promise<void> {
  for (;;) {
    const { state } = source;
    const scene = { now: clock.now(), sandbox: sandboxRunning() };
    const picked = await showPage({
      title: escapeIcons(state.workerName ?? vscode.l10n.t("One Horizon Worker")),
      placeHolder: statusWords(state, scene.now, vscode.l10n).say,
      sections: workerMenu(state, scene, vscode.l10n),
      hasBack: false,
    });
    const does = picked?.kind === "open" ? await showSessionPage(source, picked.sessionId) : picked;
    if (does === "back") continue;
    if (does?.kind === "run") {
      await vscode.commands.executeCommand(does.command, ...(does.given === undefined ? [] : [does.given]));
    }
    return;
  }
}

async function showSessionPage(
  { state }: StateSource,
  sessionId: string,
): Promise<Exclude<MenuDeed, { kind: "open" }> | "back" | undefined> {
  const session = state.sessions.get(sessionId);
  if (session === undefined) return "back";
  const picked = await showPage({
    title: escapeIcons(session.title),
    placeHolder: vscode.l10n.t("What to do with this session"),
    sections: sessionMenu(session, state, vscode.l10n),
    hasBack: true,
  });
  return picked === undefined || picked === "back" || picked.kind === "run" ? picked : undefined;
}

interface Page {
  readonly title: string;
  readonly placeHolder: string;
  readonly sections: readonly MenuSection[];
  readonly hasBack: boolean;
}

async function showPage(page: Page & { readonly hasBack: false }): Promise<MenuDeed | undefined>;
async function showPage(page: Page): Promise<MenuDeed | "back" | undefined>;
async function showPage(page: Page): Promise<MenuDeed | "back" | undefined> {
  const store = new DisposableStore();
  try {
    const pick = store.add(vscode.window.createQuickPick<Item>());
    pick.title = page.title;
    pick.placeholder = page.placeHolder;
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.buttons = page.hasBack ? [vscode.QuickInputButtons.Back] : [];
    pick.items = page.sections.flatMap(itemsOf);
    return await new Promise((resolve) => {
      store.add(pick.onDidAccept(() => resolve(pick.selectedItems[0]?.does)));
      store.add(pick.onDidTriggerButton(() => resolve("back")));
      store.add(pick.onDidHide(() => resolve(undefined)));
      pick.show();
    });
  } finally {
    store.dispose();
  }
}

function itemsOf({ title, entries }: MenuSection): readonly Item[] {
  return [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...entries.map(({ icon, label, description, detail, does }) => ({
      label: `$(${icon}) ${escapeIcons(label)}`,
      ...(description === undefined ? {} : { description: escapeIcons(description) }),
      ...(detail === undefined ? {} : { detail: escapeIcons(detail) }),
      does,
    })),
  ];
}
