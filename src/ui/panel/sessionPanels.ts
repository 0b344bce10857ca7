import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../../base/disposable";
import type { SessionView } from "../../core/state";
import type { PanelMemory } from "./protocol";
import type { PanelDeps, SessionPanel } from "./sessionPanel";
import { tabTitle } from "./tabTitle";

const viewType = "oneHorizon.session";

/** A tab of the editor. Its session is there as soon as the code of panels is loaded, which the first one asks for. */
interface Tab {
  readonly panel: vscode.WebviewPanel;
  readonly owned: DisposableStore;
  session?: SessionPanel;
}

/** The panels of sessions, one each. */
export class SessionPanels implements Disposable {
  readonly #deps: PanelDeps;
  readonly #store = new DisposableStore();
  readonly #tabs = new Map<string, Tab>();

  constructor(deps: PanelDeps) {
    this.#deps = deps;
    this.#store.add(
      vscode.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: (panel, state: unknown) => this.#restore(panel, state),
      }),
    );
  }

  /** Opens the session's panel, or brings it to the front; the keyboard is in it then. */
  show(session: SessionView): void {
    const { sessionId, title } = session;
    const open = this.#tabs.get(sessionId);
    if (open !== undefined) {
      open.panel.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(viewType, tabTitle(session), vscode.ViewColumn.Active);
    // The session's page is named before the session itself is known.
    this.#own(panel, { sessionId, title });
  }

  /** Draws elapsed times anew. */
  tick(): void {
    for (const { session } of this.#tabs.values()) session?.tick();
  }

  dispose(): void {
    this.#store.dispose();
    for (const { owned } of this.#tabs.values()) owned.dispose();
    this.#tabs.clear();
  }

  /** After a reload of the window. */
  async #restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { parseMemory } = await import("./sessionPanel");
    const memory = parseMemory(state);
    // Nobody knows whose it was, or the session's panel is there already.
    if (memory === undefined || this.#tabs.has(memory.sessionId)) panel.dispose();
    else if (!this.#store.isDisposed) this.#own(panel, memory);
  }

  #own(panel: vscode.WebviewPanel, memory: PanelMemory): void {
    const tab: Tab = { panel, owned: new DisposableStore() };
    this.#tabs.set(memory.sessionId, tab);
    tab.owned.add(
      panel.onDidDispose(() => {
        if (this.#tabs.get(memory.sessionId) === tab) this.#tabs.delete(memory.sessionId);
        tab.owned.dispose();
      }),
    );
    this.#fill(tab, memory).catch((error: unknown) => {
      this.#deps.tellError("session panel", error);
      panel.dispose();
    });
  }

  async #fill(tab: Tab, memory: PanelMemory): Promise<void> {
    const { SessionPanel } = await import("./sessionPanel");
    // Closed meanwhile.
    if (tab.owned.isDisposed) return;
    tab.session = tab.owned.add(new SessionPanel(this.#deps, tab.panel, memory));
  }
}
