import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { DisposableStore, type Disposable } from "../base/disposable";
import { asking } from "./questionModel";
import type { StateSource } from "./stateSource";
import { sessionCommandId, type ArtifactCommandId } from "./commandIds";
import { escapeLinks } from "./safeText";
import { sessionRowId } from "./sessionRow";
import { countNeedingPerson, sessionTree, viewMessage } from "./sessionTreeModel";
import { Throttle } from "./throttle";
import { changedRows, indexRows, type Row } from "./treeRow";

/** A row as the editor holds it and hands it to commands. One object per row id for as long as the row exists. */
export interface TreeElement {
  readonly rowId: string;
  readonly sessionId: string | undefined;
  readonly questionId: string | undefined;
}

const openArtifactId: ArtifactCommandId = "oneHorizon.internal.openArtifact";

/** At most four updates a second. */
const updateGapMs = 250;

/** The sessions view. It copies rows of the model to tree items and decides nothing. */
export class SessionTree implements vscode.TreeDataProvider<TreeElement>, Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<TreeElement[] | undefined>());
  readonly #elements = new Map<string, TreeElement>();
  readonly #throttle: Throttle;
  readonly #source: StateSource;
  readonly #clock: Clock;
  readonly #view: vscode.TreeView<TreeElement>;
  #rows: readonly Row[] = [];
  #index = indexRows([]);
  /** Questions that were shown as rows. */
  #shown: ReadonlySet<string> = new Set();

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(source: StateSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
    this.#throttle = this.#store.add(new Throttle(() => this.#update(), updateGapMs, clock));
    this.#view = this.#store.add(
      vscode.window.createTreeView("oneHorizon.sessions", {
        treeDataProvider: this,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.#store.add(source.onDidChange(() => this.#throttle.request()));
    this.#store.add(this.#view.onDidChangeVisibility(() => this.#throttle.request()));
    this.#throttle.request();
  }

  /** Draws elapsed times anew; costs nothing while nobody looks. */
  tick(): void {
    if (this.#view.visible) this.#throttle.request();
  }

  getTreeItem(element: TreeElement): vscode.TreeItem {
    const row = this.#index.get(element.rowId)?.row;
    return row === undefined ? new vscode.TreeItem("") : toTreeItem(row, element);
  }

  getChildren(element?: TreeElement): TreeElement[] {
    const rows = element === undefined ? this.#rows : (this.#index.get(element.rowId)?.row.children ?? []);
    return rows.map((row) => this.#element(row));
  }

  getParent(element: TreeElement): TreeElement | undefined {
    const parent = this.#index.get(element.rowId)?.parent;
    return parent === undefined ? undefined : this.#element(parent);
  }

  /** Selects a session's row where the view is looked at. The keyboard stays where it is, and so does a row below it. */
  async select(sessionId: string): Promise<void> {
    if (!this.#view.visible || this.#view.selection.some((one) => one.sessionId === sessionId)) return;
    this.#update();
    const found = this.#index.get(sessionRowId(sessionId));
    if (found === undefined) return;
    await this.#view.reveal(this.#element(found.row), { select: true, focus: false, expand: false });
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(): void {
    const state = this.#source.state;
    const rows = sessionTree(state, this.#clock.now(), vscode.l10n);
    const changed = changedRows(this.#rows, rows);
    this.#rows = rows;
    this.#index = indexRows(rows);
    for (const id of this.#elements.keys()) if (!this.#index.has(id)) this.#elements.delete(id);
    if (changed === "all") this.#changed.fire(undefined);
    else if (changed.length > 0) this.#changed.fire(changed.flatMap((id) => this.#elements.get(id) ?? []));
    this.#decorate();
    if (this.#view.visible) this.#unfold();
  }

  /** The editor leaves a row folded as it was, and what is asked would stay hidden below it. */
  #unfold(): void {
    const { sessionIds, questionIds } = asking(this.#source.state, this.#shown);
    this.#shown = questionIds;
    for (const sessionId of sessionIds) {
      const found = this.#index.get(sessionRowId(sessionId));
      if (found === undefined) continue;
      this.#view.reveal(this.#element(found.row), { select: false, focus: false, expand: true }).then(
        undefined,
        () => undefined, // the row went before it was drawn
      );
    }
  }

  #decorate(): void {
    const state = this.#source.state;
    const needing = countNeedingPerson(state);
    const tooltip =
      needing === 1 ? vscode.l10n.t("1 session needs you") : vscode.l10n.t("{0} sessions need you", needing);
    if (this.#view.badge?.value !== (needing === 0 ? undefined : needing)) {
      this.#view.badge = needing === 0 ? undefined : { value: needing, tooltip };
    }
    const description = state.agentName === undefined ? "" : escapeLinks(state.agentName);
    if ((this.#view.description ?? "") !== description) this.#view.description = description;
    const message = viewMessage(state, this.#rows.length === 0, vscode.l10n);
    if ((this.#view.message ?? "") !== message) this.#view.message = message;
  }

  #element(row: Row): TreeElement {
    const known = this.#elements.get(row.id);
    if (known !== undefined) return known;
    const element: TreeElement = {
      rowId: row.id,
      sessionId: row.sessionId,
      questionId: row.questionId,
    };
    this.#elements.set(row.id, element);
    return element;
  }
}

const folding: Readonly<Record<Row["folding"], vscode.TreeItemCollapsibleState>> = {
  none: vscode.TreeItemCollapsibleState.None,
  collapsed: vscode.TreeItemCollapsibleState.Collapsed,
  expanded: vscode.TreeItemCollapsibleState.Expanded,
};

function toTreeItem(row: Row, element: TreeElement): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label, folding[row.folding]);
  item.id = row.id;
  item.description = row.description;
  item.contextValue = row.contextValue;
  item.accessibilityInformation = { label: row.spoken };
  item.tooltip = markdown(row.tooltip === "" ? undefined : row.tooltip);
  if (row.icon !== undefined) {
    const color = row.icon.color;
    item.iconPath = new vscode.ThemeIcon(
      row.icon.id,
      color === undefined ? undefined : new vscode.ThemeColor(color),
    );
  }
  if (row.click !== undefined) {
    item.command = { command: sessionCommandId(row.click), title: row.label, arguments: [element] };
  }
  if (row.opens !== undefined) {
    const given = { sessionId: row.sessionId, artifactId: row.opens };
    item.command = { command: openArtifactId, title: row.label, arguments: [given] };
  }
  return item;
}

/** Without a text the editor shows none at all, rather than the label again. */
function markdown(text: string | undefined): vscode.MarkdownString | undefined {
  if (text === undefined) return undefined;
  const result = new vscode.MarkdownString(text, false);
  result.isTrusted = false;
  result.supportHtml = false;
  return result;
}
