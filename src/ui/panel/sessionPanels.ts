import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../../base/disposable";
import type { SessionView } from "../../core/state";
import { tabTitle } from "./panelModel";
import type { PanelMemory } from "./protocol";
import { memoryOf, panelRoots, SessionPanel, type PanelDeps } from "./sessionPanel";
import { parseMemory } from "./webviewDoor";

const viewType = "oneHorizon.session";

/** The panels of sessions, one each. */
export class SessionPanels implements Disposable {
  readonly #deps: PanelDeps;
  readonly #store = new DisposableStore();
  readonly #panels = new Map<string, SessionPanel>();

  constructor(deps: PanelDeps) {
    this.#deps = deps;
    this.#store.add(
      vscode.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: (panel, state: unknown) => {
          this.#restore(panel, parseMemory(state));
          return Promise.resolve();
        },
      }),
    );
  }

  /** Opens the session's panel, or brings it to the front; the keyboard is in it then. */
  show(session: SessionView): void {
    const open = this.#panels.get(session.sessionId);
    if (open !== undefined) {
      open.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(viewType, tabTitle(session), vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: panelRoots(this.#deps.extensionUri),
    });
    this.#own(panel, memoryOf(session));
  }

  /** Draws elapsed times anew. */
  tick(): void {
    for (const panel of this.#panels.values()) panel.tick();
  }

  dispose(): void {
    this.#store.dispose();
    for (const panel of this.#panels.values()) panel.dispose();
    this.#panels.clear();
  }

  /** After a reload of the window. */
  #restore(panel: vscode.WebviewPanel, memory: PanelMemory | undefined): void {
    // Nobody knows whose it was, or the session's panel is there already.
    if (memory === undefined || this.#panels.has(memory.sessionId)) panel.dispose();
    else this.#own(panel, memory);
  }

  #own(panel: vscode.WebviewPanel, memory: PanelMemory): void {
    const own = new SessionPanel(this.#deps, panel, memory, () => {
      if (this.#panels.get(memory.sessionId) === own) this.#panels.delete(memory.sessionId);
      own.dispose();
    });
    this.#panels.set(memory.sessionId, own);
  }
}
