/** What one kill came to. */
export interface Row {
  readonly step: string;
  readonly when: string;
  readonly mode: string;
  /** The last step that the journal had of the session, and how the platform had it, when the host died. */
  readonly killedAt: string;
  readonly claims: number;
  readonly children: number;
  readonly documents: number;
  readonly pushes: number;
  readonly completions: number;
  readonly end: string;
  readonly seconds: number;
  readonly faults: readonly string[];
}

export interface Result {
  readonly rows: readonly Row[];
  /** What is wrong with the whole: main checkouts, worktrees, processes. */
  readonly faults: readonly string[];
}

const heads = [
  "step",
  "session",
  "killed",
  "journal and platform at the kill",
  "claims",
  "children",
  "documents",
  "pushes",
  "completions",
  "end",
] as const;

/** What a run comes to that nobody disturbs. */
const undisturbed = "5 claims, 3 children, 5 documents, 2 pushes, 5 completions";

export const isClean = ({ rows, faults }: Result): boolean =>
  rows.length > 0 && faults.length === 0 && rows.every((one) => one.faults.length === 0);

/** A Markdown table, and below it each thing that went wrong. */
export function print({ rows, faults }: Result): string {
  const cells = rows.map((one) => [
    one.step,
    one.mode,
    one.when,
    one.killedAt,
    String(one.claims),
    String(one.children),
    String(one.documents),
    String(one.pushes),
    String(one.completions),
    one.faults.length === 0 ? one.end : `${one.end}, BROKEN`,
  ]);
  const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const broken = [...rows.flatMap((one) => one.faults.map((each) => `${one.step}: ${each}`)), ...faults];
  return [
    line(heads),
    line(widths.map((width) => "-".repeat(width))),
    ...cells.map(line),
    "",
    `${rows.length} kills; a run that nobody disturbs has ${undisturbed}`,
    ...broken,
  ].join("\n");
}
