import type { SessionVerb } from "./commandIds";
import type { RowIcon } from "./sessionLook";

/** A row of the sessions view, complete: the view only copies it to a TreeItem. */
export interface Row {
  /** Stable over updates: the same thing keeps its row, its selection and its folding. */
  readonly id: string;
  /** The session this row belongs to; groups have none. */
  readonly sessionId: string | undefined;
  readonly label: string;
  readonly description: string;
  readonly icon: RowIcon | undefined;
  /** Markdown with every foreign text escaped. */
  readonly tooltip: string;
  /** A whole sentence for a screen reader. */
  readonly spoken: string;
  /** Words between semicolons that the menus match: `;session;running;release;`. */
  readonly contextValue: string;
  readonly folding: "none" | "collapsed" | "expanded";
  /** What a click does; without one it selects. */
  readonly click: SessionVerb | undefined;
  /** The artifact that a click opens instead. */
  readonly opens: string | undefined;
  /** The question that the row's commands answer. */
  readonly questionId: string | undefined;
  readonly children: readonly Row[];
}

/** A row with what most rows have: no children, no icon, no click. */
export function row(
  facts: Pick<Row, "id" | "sessionId" | "label"> & Partial<Omit<Row, "id" | "sessionId" | "label">>,
): Row {
  const children = facts.children ?? [];
  return {
    description: "",
    icon: undefined,
    tooltip: "",
    spoken: [facts.label, facts.description ?? ""].filter((part) => part !== "").join(", "),
    contextValue: "",
    click: undefined,
    opens: undefined,
    questionId: undefined,
    children,
    folding: children.length === 0 ? "none" : "collapsed",
    ...facts,
  };
}

/** All rows by id, parents before children. */
export function indexRows(
  rows: readonly Row[],
  parent?: Row,
): ReadonlyMap<string, { row: Row; parent: Row | undefined }> {
  const index = new Map<string, { row: Row; parent: Row | undefined }>();
  const visit = (all: readonly Row[], above: Row | undefined): void => {
    for (const one of all) {
      index.set(one.id, { row: one, parent: above });
      visit(one.children, one);
    }
  };
  visit(rows, parent);
  return index;
}

/**
 * What a view must draw again to go from `before` to `after`: `all` when the top level's rows came, went or moved,
 * else the topmost rows that differ; an empty list means that nothing does.
 */
export function changedRows(before: readonly Row[], after: readonly Row[]): "all" | readonly string[] {
  if (!sameIds(before, after)) return "all";
  const changed: string[] = [];
  const compare = (old: readonly Row[], young: readonly Row[]): void => {
    young.forEach((row, place) => {
      const was = old[place];
      if (was === undefined || !sameFace(was, row) || !sameIds(was.children, row.children)) {
        changed.push(row.id);
      } else compare(was.children, row.children);
    });
  };
  compare(before, after);
  return changed;
}

function sameIds(before: readonly Row[], after: readonly Row[]): boolean {
  return before.length === after.length && before.every((row, place) => row.id === after[place]?.id);
}

function sameFace(one: Row, other: Row): boolean {
  return (
    one.label === other.label &&
    one.description === other.description &&
    one.icon?.id === other.icon?.id &&
    one.icon?.color === other.icon?.color &&
    one.tooltip === other.tooltip &&
    one.spoken === other.spoken &&
    one.contextValue === other.contextValue &&
    one.folding === other.folding &&
    one.click === other.click &&
    one.opens === other.opens
  );
}
