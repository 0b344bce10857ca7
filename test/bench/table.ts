/** One figure of a run. */
export interface Figure {
  readonly what: string;
  /** Of our own code, with its unit. */
  readonly ours: string;
  /** Of the baseline in the same run; a dash for a count. */
  readonly baseline: string;
  /** Ours divided by the baseline; undefined for a count. */
  readonly ratio: number | undefined;
  readonly goal: string;
  readonly met: boolean;
}

/** A bench that runs alone: `npm run bench -- name`. */
export interface Row {
  readonly name: string;
  run(): Promise<readonly Figure[]>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A figure's cells but for the last one, which says whether its goal is met. */
export function cellsOf({ what, ours, baseline, ratio, goal }: Figure): readonly string[] {
  return [what, ours, baseline, ratio === undefined ? "–" : ratio.toFixed(2), goal];
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [...cellsOf(figure), figure.met ? "met" : "missed"]);
  const all = [["what", "ours", "baseline", "ratio", "goal", ""], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return all.map(line).join("\n");
}
