import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../base/disposable";

const scheme = "one-horizon-row";

/** The address under which the editor asks for a row's mark. */
export function rowUri(rowId: string): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${encodeURIComponent(rowId)}` });
}

/** Draws the marks of rows with news: a dot at a session, the number of them at a folded row above. */
export class UnreadMarks implements vscode.FileDecorationProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri[]>());
  /** Unread sessions at a row that stands for several; 0 at a session of its own. */
  #marks: ReadonlyMap<string, number> = new Map();

  readonly onDidChangeFileDecorations = this.#changed.event;

  constructor() {
    this.#store.add(vscode.window.registerFileDecorationProvider(this));
  }

  /** Takes the marks as they are now, by row id; tells the editor of those that are others. */
  update(marks: ReadonlyMap<string, number>): void {
    const before = this.#marks;
    this.#marks = marks;
    const ids = new Set([...before.keys(), ...marks.keys()]);
    const changed = [...ids].filter((id) => before.get(id) !== marks.get(id));
    if (changed.length > 0) this.#changed.fire(changed.map(rowUri));
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== scheme) return undefined;
    const count = this.#marks.get(decodeURIComponent(uri.path.slice(1)));
    if (count === undefined) return undefined;
    if (count === 0) return new vscode.FileDecoration("●", vscode.l10n.t("Unread"));
    const tooltip =
      count === 1 ? vscode.l10n.t("1 unread session") : vscode.l10n.t("{0} unread sessions", count);
    return new vscode.FileDecoration(count > 9 ? "9+" : String(count), tooltip);
  }

  dispose(): void {
    this.#store.dispose();
  }
}
