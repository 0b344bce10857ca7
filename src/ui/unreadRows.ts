import type { Row } from "./treeRow";

/**
 * The marks of the rows, by row id: 0 at a session's own row, and at a folded row of several the number of unread sessions that
 * nobody sees below it.
 */
export function rollUp(
  rows: readonly Row[],
  unread: ReadonlySet<string>,
  isFolded: (row: Row) => boolean,
): ReadonlyMap<string, number> {
  const marks = new Map<string, number>();
  if (unread.size === 0) return marks;
  const visit = (row: Row): number => {
    if (row.sessionId !== undefined) {
      if (!unread.has(row.sessionId)) return 0;
      marks.set(row.id, 0);
      return 1;
    }
    const below = row.children.reduce((sum, child) => sum + visit(child), 0);
    if (below > 0 && isFolded(row)) marks.set(row.id, below);
    return below;
  };
  rows.forEach(visit);
  return marks;
}
