import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../../base/disposable";
import { messageOf } from "../../base/log";
import type { Random } from "../../base/random";
import { sessionCommandId } from "../commandIds";
import { PanelFeed, type FeedDeps } from "./panelFeed";
import { panelHtml } from "./panelHtml";
import { tabIcon } from "./panelIcon";
import { PanelInbox, type InboxDeps } from "./panelInbox";
import type { PanelHeader, PanelMemory, ToPanel } from "./protocol";
import { tabTitle } from "./tabTitle";

// One chunk has all that a panel needs.
export { parseMemory } from "./webviewDoor";

export interface PanelDeps
  extends
    Pick<FeedDeps, "source" | "timeline" | "timeSpent" | "clock">,
    Pick<InboxDeps, "actions" | "log" | "openFile"> {
  readonly random: Pick<Random, "uuid">;
  /** The extension's own folder. */
  readonly extensionUri: vscode.Uri;
  /** Opens an http(s) address in the browser; false when the person turned away. */
  readonly openExternal: (url: string) => Promise<boolean>;
  /** Told while the person looks at a session. */
  readonly onSeen: (sessionId: string) => void;
  /** Tells the person of an error. */
  readonly tellError: (what: string, error: unknown) => void;
}

/** The only folders that a panel's page may load from. */
function panelRoots(extensionUri: vscode.Uri): vscode.Uri[] {
  return ["dist", "media"].map((folder) => vscode.Uri.joinPath(extensionUri, folder));
}

/** One session's panel in the editor. It carries messages between the page and what knows, and decides nothing. */
export class SessionPanel implements Disposable {
  readonly #deps: PanelDeps;
  readonly #panel: vscode.WebviewPanel;
  readonly #store = new DisposableStore();
  readonly #feed: PanelFeed;
  #icon = "";

  constructor(deps: PanelDeps, panel: vscode.WebviewPanel, memory: PanelMemory) {
    this.#deps = deps;
    this.#panel = panel;
    const post = (message: ToPanel): void => this.#post(message);
    this.#feed = this.#store.add(
      new PanelFeed(
        {
          ...deps,
          l10n: vscode.l10n,
          locale: vscode.env.language,
          post,
          onHeader: (header) => this.#draw(header),
        },
        memory,
      ),
    );
    const inbox = new PanelInbox(
      { ...this.#effects(), reply: post, onReady: () => this.#feed.begin() },
      memory.sessionId,
    );
    this.#store.add(
      panel.webview.onDidReceiveMessage((message: unknown) => {
        inbox.take(message).catch((error: unknown) => deps.tellError("session panel", error));
      }),
    );
    // Hidden, its page is thrown away; one that comes to the front again says so itself.
    this.#store.add(
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.#feed.end();
      }),
    );
    panel.webview.options = { enableScripts: true, localResourceRoots: panelRoots(deps.extensionUri) };
    panel.webview.html = this.#html(memory);
  }

  tick(): void {
    this.#feed.tick();
  }

  /** The tab stays: the window that is loaded anew gets its panels back. */
  dispose(): void {
    this.#store.dispose();
  }

  #effects(): Omit<InboxDeps, "reply" | "onReady"> {
    const { openExternal, ...deps } = this.#deps;
    return {
      ...deps,
      l10n: vscode.l10n,
      run: async (verb, given) => {
        await vscode.commands.executeCommand(sessionCommandId(verb), given);
      },
      openLink: openExternal,
      copy: async (text) => vscode.env.clipboard.writeText(text),
    };
  }

  #html(memory: PanelMemory): string {
    const { webview } = this.#panel;
    const address = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.#deps.extensionUri, "dist", name)).toString();
    return panelHtml({
      language: vscode.env.language,
      title: memory.title,
      cspSource: webview.cspSource,
      nonce: this.#deps.random.uuid(),
      script: address("panel.js"),
      style: address("panel.css"),
    });
  }

  #draw(header: PanelHeader): void {
    if (this.#panel.visible && vscode.window.state.focused) this.#deps.onSeen(header.sessionId);
    const title = tabTitle(header);
    if (this.#panel.title !== title) this.#panel.title = title;
    const icon = tabIcon(header.state.icon);
    if (icon === this.#icon) return;
    this.#icon = icon;
    const file = (theme: "light" | "dark"): vscode.Uri =>
      vscode.Uri.joinPath(this.#deps.extensionUri, "media", "panel", `${icon}-${theme}.svg`);
    this.#panel.iconPath = { light: file("light"), dark: file("dark") };
  }

  #post(message: ToPanel): void {
    this.#panel.webview.postMessage(message).then(
      () => undefined,
      // The page that asked is gone; the next one begins anew.
      (error: unknown) => this.#deps.log.debug("a panel was not told", { error: messageOf(error) }),
    );
  }
}
