import { TreeNodes, type TreeElement } from "../../src/ui/treeNodes";
import type { Row } from "../../src/ui/treeRow";

/** All rows by id, parents before children. */
export function indexRows(
  rows: readonly Row[],
): ReadonlyMap<string, { readonly row: Row; readonly parent: Row | undefined }> {
  const index = new Map<string, { row: Row; parent: Row | undefined }>();
  const visit = (all: readonly Row[], above: Row | undefined): void => {
    for (const one of all) {
      index.set(one.id, { row: one, parent: above });
      visit(one.children, one);
    }
  };
  visit(rows, undefined);
  return index;
}

/** Asks for everything, as an editor in which all rows are unfolded. */
function unfoldAll(nodes: TreeNodes, elements: readonly TreeElement[] = nodes.roots()): void {
  for (const element of elements) unfoldAll(nodes, nodes.children(element));
}

/** What an editor that shows all of `before` must ask for again to show `after`. */
export function changedRows(before: readonly Row[], after: readonly Row[]): "all" | readonly string[] {
  const nodes = new TreeNodes();
  nodes.update(before);
  unfoldAll(nodes);
  const changed = nodes.update(after);
  return changed === "all" ? changed : changed.map(({ rowId }) => rowId);
}
