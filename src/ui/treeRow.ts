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
  /** Markdown with every foreign text escaped; made when it is read, as the editor does when the mouse rests on the row. */
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
  /** The changed file, in its session's worktree, whose diff a click opens instead. */
  readonly file: string | undefined;
  /** May the row carry a mark that tells of news? */
  readonly marked: boolean;
  /** The question that the row's commands answer. */
  readonly questionId: string | undefined;
  /** Made when they are read, so that a folded session costs one row. */
  readonly children: readonly Row[];
  /** What the editor asks for when it unfolds the row, because it is not in the state. */
  readonly loads: "files" | undefined;
}

type Facts = Pick<Row, "id" | "sessionId" | "label"> &
  Partial<Omit<Row, "id" | "sessionId" | "label" | "tooltip" | "children">> & {
    readonly tooltip?: string | (() => string);
    /** A function needs the folding beside it. */
    readonly children?: readonly Row[] | (() => readonly Row[]);
  };

/** A row with what most rows have: no children, no icon, no click. */
export function row(facts: Facts): Row {
  const { children = [], tooltip = "", ...own } = facts;
  return {
    description: "",
    icon: undefined,
    spoken: [facts.label, facts.description ?? ""].filter((part) => part !== "").join(", "),
    contextValue: "",
    click: undefined,
    opens: undefined,
    file: undefined,
    marked: false,
    questionId: undefined,
    loads: undefined,
    folding: children.length === 0 && typeof children !== "function" ? "none" : "collapsed",
    ...own,
    get tooltip() {
      return typeof tooltip === "function" ? tooltip() : tooltip;
    },
    get children() {
      return typeof children === "function" ? children() : children;
    },
  };
}

export function sameIds(before: readonly Row[], after: readonly Row[]): boolean {
  return before.length === after.length && before.every((row, place) => row.id === after[place]?.id);
}

/** Does the editor draw the two alike? The card is not compared: it is asked for anew whenever a row is drawn. */
export function sameFace(one: Row, other: Row): boolean {
  return (
    one === other ||
    (one.label === other.label &&
      one.description === other.description &&
      one.icon?.id === other.icon?.id &&
      one.icon?.color === other.icon?.color &&
      one.spoken === other.spoken &&
      one.contextValue === other.contextValue &&
      one.folding === other.folding &&
      one.click === other.click &&
      one.opens === other.opens &&
      one.file === other.file &&
      one.sessionId === other.sessionId)
  );
}
