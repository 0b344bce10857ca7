import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { DisposableStore, type Disposable } from "../base/disposable";
import {
  sessionCommandId,
  type ArtifactCommandId,
  type FileCommandId,
  type RowCommandId,
} from "./commandIds";
import { asking } from "./questionModel";
import { escapeLinks } from "./safeText";
import { filterMessage } from "./sessionFilter";
import type { Scene } from "./scene";
import { sessionRowId } from "./sessionRow";
import { countNeedingPerson, countShown, TreeModel, viewMessage, type TreeWish } from "./sessionTreeModel";
import type { StateSource } from "./stateSource";
import { Throttle } from "./throttle";
import { TreeNodes, type TreeElement } from "./treeNodes";
import type { Row } from "./treeRow";
import { unreadSessions, withSeen, type SeenNotes } from "./unread";
import { rollUp } from "./unreadRows";
import { rowUri, UnreadMarks } from "./unreadMarks";

const openArtifactId: ArtifactCommandId = "oneHorizon.internal.openArtifact";
const openFileId: FileCommandId = "oneHorizon.internal.openFile";
const openRowId: RowCommandId = "oneHorizon.internal.openRow";

/** At most four updates a second. */
const updateGapMs = 250;

/** Groups, runs and the sessions in them. */
const levels = 3;

export interface SessionTreeDeps {
  readonly source: StateSource;
  readonly clock: Clock;
  /** How the person wants the view, and what they have seen. */
  readonly memory: { readonly wish: TreeWish; seen: SeenNotes };
  readonly nameOf: Scene["nameOf"];
  /** The rows of the files that a session changed. Rejects with words for the person. */
  readonly fileRows: (sessionId: string) => Promise<readonly Row[]>;
}

/** The sessions view. It copies rows of the model to tree items and decides nothing. */
export class SessionTree implements vscode.TreeDataProvider<TreeElement>, Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<TreeElement[] | undefined>());
  readonly #marks = this.#store.add(new UnreadMarks());
  readonly #model = new TreeModel();
  readonly #nodes = new TreeNodes();
  readonly #throttle: Throttle;
  readonly #deps: SessionTreeDeps;
  readonly #view: vscode.TreeView<TreeElement>;
  /** What a person folded or unfolded, by row id. */
  readonly #folded = new Map<string, boolean>();
  #rows: readonly Row[] = [];
  #news = "";
  /** Questions that were shown as rows. */
  #shown: ReadonlySet<string> = new Set();

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(deps: SessionTreeDeps) {
    this.#deps = deps;
    this.#throttle = this.#store.add(new Throttle(() => this.#update(), updateGapMs, deps.clock));
    this.#view = this.#store.add(
      vscode.window.createTreeView("oneHorizon.sessions", {
        treeDataProvider: this,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.#store.add(deps.source.onDidChange(() => this.#throttle.request()));
    this.#store.add(this.#view.onDidChangeVisibility(() => this.#throttle.request()));
    this.#store.add(this.#view.onDidChangeSelection(() => this.#throttle.request()));
    this.#store.add(vscode.window.onDidChangeWindowState(() => this.#throttle.request()));
    this.#store.add(this.#view.onDidCollapseElement(({ element }) => this.#fold(element, true)));
    this.#store.add(this.#view.onDidExpandElement(({ element }) => this.#fold(element, false)));
    this.#throttle.request();
  }

  /** Draws elapsed times anew; costs nothing while nobody looks. */
  tick(): void {
    if (this.#view.visible) this.#throttle.request();
  }

  /** Draws what a person wishes, or what was learnt beside the state. */
  refresh(): void {
    this.#throttle.request();
  }

  getTreeItem(element: TreeElement): vscode.TreeItem {
    const row = this.#nodes.row(element);
    return row === undefined ? new vscode.TreeItem("") : toTreeItem(row, element);
  }

  /** The card, made when the mouse rests on the row. */
  resolveTreeItem(item: vscode.TreeItem, element: TreeElement): vscode.TreeItem {
    const text = this.#nodes.row(element)?.tooltip ?? "";
    if (text !== "") item.tooltip = markdown(text);
    return item;
  }

  getChildren(element?: TreeElement): TreeElement[] | Promise<TreeElement[]> {
    if (element === undefined) return [...this.#nodes.roots()];
    const { sessionId, loads } = this.#nodes.row(element) ?? {};
    if (loads === undefined || sessionId === undefined) return [...this.#nodes.children(element)];
    return this.#deps.fileRows(sessionId).then((rows) => [...this.#nodes.adopt(element, rows)]);
  }

  getParent(element: TreeElement): TreeElement | undefined {
    return this.#nodes.parent(element);
  }

  /** Selects a session's row where the view is looked at. The keyboard stays where it is, and so does a row below it. */
  async select(sessionId: string): Promise<void> {
    this.see([sessionId]);
    if (!this.#view.visible || this.#view.selection.some((one) => one.sessionId === sessionId)) return;
    this.#update();
    const found = this.#nodes.find(sessionRowId(sessionId), levels);
    if (found === undefined) return;
    await this.#view.reveal(found, { select: true, focus: false, expand: false });
  }

  get isVisible(): boolean {
    return this.#view.visible;
  }

  onDidChangeVisibility(listener: () => void): Disposable {
    return this.#view.onDidChangeVisibility(listener);
  }

  /** Shows what happened meanwhile in the view's title; empty takes it away. */
  setNews(text: string): void {
    this.#news = text;
    this.#decorate();
  }

  /** Does what a click on the row means that is selected now. */
  async openSelected(): Promise<void> {
    const [element] = this.#view.selection;
    const row = element === undefined ? undefined : this.#nodes.row(element);
    const opens = element === undefined || row === undefined ? undefined : opensOf(row, element);
    if (opens !== undefined) await vscode.commands.executeCommand(opens.command, opens.given);
  }

  /** The sessions' own rows that are selected, as a menu hands them over. */
  selected(): readonly TreeElement[] {
    return this.#view.selection.filter(({ rowId, sessionId }) => {
      return sessionId !== undefined && rowId === sessionRowId(sessionId);
    });
  }

  /** A person has a session before their eyes, in whatever view. */
  see(sessionIds: readonly string[]): void {
    const { memory, source } = this.#deps;
    const sessions = sessionIds.flatMap((id) => source.state.sessions.get(id) ?? []);
    const seen = withSeen(memory.seen, sessions);
    if (seen === memory.seen) return;
    memory.seen = seen;
    this.#throttle.request();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(): void {
    const { source, clock, memory, nameOf } = this.#deps;
    if (this.#view.visible && vscode.window.state.focused) {
      this.see(this.#view.selection.flatMap(({ sessionId }) => sessionId ?? []));
    }
    const { state } = source;
    const unread = unreadSessions(state, memory.seen);
    const scene = {
      ...{ state, now: clock.now(), l10n: vscode.l10n, nameOf },
      unread: (sessionId: string) => unread.has(sessionId),
    };
    this.#rows = this.#model.rows(scene, memory.wish);
    const changed = this.#nodes.update(this.#rows);
    if (changed === "all") this.#changed.fire(undefined);
    else if (changed.length > 0) this.#changed.fire([...changed]);
    this.#mark(unread);
    this.#decorate();
    if (this.#view.visible) this.#unfold();
  }

  #mark(unread: ReadonlySet<string>): void {
    this.#marks.update(
      rollUp(this.#rows, unread, (row) => this.#folded.get(row.id) ?? row.folding !== "expanded"),
    );
  }

  #fold({ rowId }: TreeElement, folded: boolean): void {
    this.#folded.set(rowId, folded);
    for (const id of this.#folded.keys()) if (!this.#nodes.knows(id)) this.#folded.delete(id);
    this.#mark(unreadSessions(this.#deps.source.state, this.#deps.memory.seen));
  }

  /** The editor leaves a row folded as it was, and what is asked would stay hidden below it. */
  #unfold(): void {
    const { sessionIds, questionIds } = asking(this.#deps.source.state, this.#shown);
    this.#shown = questionIds;
    for (const sessionId of sessionIds) {
      const found = this.#nodes.find(sessionRowId(sessionId), levels);
      if (found === undefined) continue;
      this.#view.reveal(found, { select: false, focus: false, expand: true }).then(
        undefined,
        () => undefined, // the row went before it was drawn
      );
    }
  }

  #decorate(): void {
    const { state } = this.#deps.source;
    const needing = countNeedingPerson(state);
    const tooltip =
      needing === 1 ? vscode.l10n.t("1 session needs you") : vscode.l10n.t("{0} sessions need you", needing);
    if (this.#view.badge?.value !== (needing === 0 ? undefined : needing)) {
      this.#view.badge = needing === 0 ? undefined : { value: needing, tooltip };
    }
    const description = escapeLinks(state.agentName ?? "");
    if ((this.#view.description ?? "") !== description) this.#view.description = description;
    // A view that stands alone in its container shows no description, but its title, whose end a narrow sidebar cuts off.
    const name = vscode.l10n.t("Sessions");
    const title = this.#news === "" ? name : vscode.l10n.t("{0} · {1}", this.#news, name);
    if (this.#view.title !== title) this.#view.title = title;
    const message = this.#message();
    if ((this.#view.message ?? "") !== message) this.#view.message = message;
  }

  #message(): string {
    const { source, clock, memory } = this.#deps;
    const { filter } = memory.wish;
    const fault = viewMessage(source.state, this.#rows.length === 0 && filter === undefined, vscode.l10n);
    if (filter === undefined) return fault;
    const shown = countShown(source.state, clock.now(), filter);
    const found = filterMessage(filter, shown, vscode.l10n);
    return fault === "" ? found : `${found} ${fault}`;
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
  if (row.marked) item.resourceUri = rowUri(row.id);
  if (row.icon !== undefined) {
    const color = row.icon.color;
    item.iconPath = new vscode.ThemeIcon(
      row.icon.id,
      color === undefined ? undefined : new vscode.ThemeColor(color),
    );
  }
  // Without arguments: the editor keeps those only until the row is drawn anew, which the click itself may cause.
  if (opensOf(row, element) !== undefined) item.command = { command: openRowId, title: row.label };
  return item;
}

/** The command of a click on a row, and what it is given. */
function opensOf(
  row: Row,
  element: TreeElement,
): { readonly command: string; readonly given: unknown } | undefined {
  const { sessionId, click, opens, file } = row;
  if (file !== undefined) return { command: openFileId, given: { sessionId, path: file } };
  if (opens !== undefined) return { command: openArtifactId, given: { sessionId, artifactId: opens } };
  return click === undefined ? undefined : { command: sessionCommandId(click), given: element };
}

/** Nobody's text in it can run a command, draw HTML or load a picture. */
function markdown(text: string): vscode.MarkdownString {
  const result = new vscode.MarkdownString(text, false);
  result.isTrusted = false;
  result.supportHtml = false;
  return result;
}
