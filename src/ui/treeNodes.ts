import { sameFace, sameIds, type Row } from "./treeRow";

/** A row as the editor holds it and hands it to commands. One object per row id for as long as the row exists. */
export interface TreeElement {
  readonly rowId: string;
  readonly sessionId: string | undefined;
  readonly questionId: string | undefined;
  /** Of the row of a changed file. */
  readonly path: string | undefined;
}

interface Node {
  row: Row;
  element: TreeElement;
  parent: string | undefined;
  /** What the editor was given when it asked for the children; undefined while it has not. */
  kids: readonly Row[] | undefined;
  /** The update in which it was in the tree last. */
  update: number;
}

/** The rows that the editor has asked for so far. Only these are compared when the tree changes. */
export class TreeNodes {
  readonly #nodes = new Map<string, Node>();
  #roots: readonly Row[] = [];
  #update = 0;

  roots(): readonly TreeElement[] {
    return this.#roots.map((row) => this.#know(row, undefined).element);
  }

  /** The children of a row, none of one that is gone. */
  children(element: TreeElement): readonly TreeElement[] {
    const node = this.#locate(element);
    if (node === undefined) return [];
    return this.#give(node, node.row.loads === undefined ? node.row.children : (node.kids ?? []));
  }

  /** The children of a row that were fetched for it; they stay until they are fetched again. */
  adopt({ rowId }: TreeElement, rows: readonly Row[]): readonly TreeElement[] {
    const node = this.#nodes.get(rowId);
    return node === undefined ? [] : this.#give(node, rows);
  }

  /** The row as it is now. The editor asks late, and for rows that have moved meanwhile to where it has not looked yet. */
  row(element: Pick<TreeElement, "rowId" | "sessionId">): Row | undefined {
    return this.#locate(element)?.row;
  }

  /** Has the editor this row? */
  knows(rowId: string): boolean {
    return this.#nodes.has(rowId);
  }

  parent({ rowId }: TreeElement): TreeElement | undefined {
    const parent = this.#nodes.get(rowId)?.parent;
    return parent === undefined ? undefined : this.#nodes.get(parent)?.element;
  }

  /** A row at most `depth` levels down, whether the editor has asked for it or not. */
  find(rowId: string, depth: number): TreeElement | undefined {
    const known = this.#nodes.get(rowId);
    if (known !== undefined) return known.element;
    const search = (elements: readonly TreeElement[], left: number): TreeElement | undefined => {
      const found = elements.find((one) => one.rowId === rowId);
      if (found !== undefined || left === 0) return found;
      for (const element of elements) {
        const inside = element.sessionId === undefined ? search(this.children(element), left - 1) : undefined;
        if (inside !== undefined) return inside;
      }
      return undefined;
    };
    return search(this.roots(), depth);
  }

  /**
   * Takes the tree as it is now.
   * @returns what the editor must ask for again: `all` when the top level's rows came, went or moved, else the topmost rows
   * that differ from what it was given.
   */
  update(rows: readonly Row[]): "all" | readonly TreeElement[] {
    this.#update++;
    const all = !sameIds(this.#roots, rows);
    this.#roots = rows;
    const changed: TreeElement[] = [];
    for (const row of rows) this.#renew(row, undefined, all ? undefined : changed);
    this.#sweep();
    return all ? "all" : changed;
  }

  /** @param changed undefined below a row that is asked for again anyway. */
  #renew(row: Row, parent: string | undefined, changed: TreeElement[] | undefined): void {
    const node = this.#nodes.get(row.id);
    if (node === undefined) return;
    const before = node.row;
    node.row = row;
    node.parent = parent;
    node.element = elementOf(row, node.element);
    const kids = row.loads === undefined && node.kids !== undefined ? row.children : node.kids;
    const same = sameFace(before, row) && sameIds(node.kids ?? [], kids ?? []);
    if (!same) changed?.push(node.element);
    if (kids === node.kids && row === before) return;
    node.kids = kids;
    for (const kid of kids ?? []) this.#renew(kid, row.id, same ? changed : undefined);
  }

  #locate({ rowId, sessionId }: Pick<TreeElement, "rowId" | "sessionId">): Node | undefined {
    const known = this.#nodes.get(rowId);
    if (known !== undefined) return known;
    const visit = (rows: readonly Row[], parent: string | undefined): Node | undefined => {
      for (const row of rows) {
        if (row.id === rowId) return this.#know(row, parent);
        const above = row.sessionId === undefined || row.sessionId === sessionId;
        const found = above && row.loads === undefined ? visit(row.children, row.id) : undefined;
        if (found === undefined) continue;
        this.#know(row, parent);
        return found;
      }
      return undefined;
    };
    return visit(this.#roots, undefined);
  }

  /** Forgets what is in the tree no more. A row that moved is still there. */
  #sweep(): void {
    const visit = (row: Row): void => {
      const node = this.#nodes.get(row.id);
      if (node === undefined) return;
      node.update = this.#update;
      node.kids?.forEach(visit);
    };
    this.#roots.forEach(visit);
    for (const [id, { update }] of this.#nodes) if (update !== this.#update) this.#nodes.delete(id);
  }

  #give(node: Node, rows: readonly Row[]): readonly TreeElement[] {
    node.kids = rows;
    return rows.map((row) => this.#know(row, node.row.id).element);
  }

  #know(row: Row, parent: string | undefined): Node {
    const known = this.#nodes.get(row.id);
    const node = known ?? {
      row,
      element: elementOf(row, undefined),
      parent,
      kids: undefined,
      update: this.#update,
    };
    node.row = row;
    node.parent = parent;
    if (known === undefined) this.#nodes.set(row.id, node);
    return node;
  }
}

function elementOf(
  { id, sessionId, questionId, file: path }: Row,
  before: TreeElement | undefined,
): TreeElement {
  const same = before?.sessionId === sessionId && before?.questionId === questionId && before?.path === path;
  return before !== undefined && same ? before : { rowId: id, sessionId, questionId, path };
}
