import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { cellsOf, type Figure } from "./table";

const root = join(__dirname, "../..");
const file = join(root, "test-results", "bench.json");
const page = join(root, "docs", "performance.md");
const begin = "<!-- figures: written by `npm run bench -- --write` -->";
const end = "<!-- end of figures -->";

const figure = z.object({
  what: z.string(),
  ours: z.string(),
  baseline: z.string(),
  ratio: z.optional(z.number()),
  goal: z.string(),
  met: z.boolean(),
});
const result = z.object({
  row: z.string(),
  /** The day on which it ran. */
  on: z.string(),
  machine: z.string(),
  seconds: z.number(),
  figures: z.array(figure),
});
const results = z.array(result);

/** What one row said when it ran last. */
export type RowResult = Omit<z.infer<typeof result>, "figures"> & { readonly figures: readonly Figure[] };

/** The machine as a reader may know it: neither its name nor its paths. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores${cpu === undefined ? "" : ` (${cpu.model.trim()})`}, Node ${process.versions.node}, ${process.platform}`;
}

/** Keeps the results beside those of rows that did not run now, in the order of `names`. Returns all of them. */
export function keep(fresh: readonly RowResult[], names: readonly string[]): readonly RowResult[] {
  const all = new Map([...stored(), ...fresh].map((one) => [one.row, one]));
  const sorted = names.flatMap((name) => all.get(name) ?? []);
  mkdirSync(join(root, "test-results"), { recursive: true });
  writeFileSync(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
  return sorted;
}

function stored(): readonly RowResult[] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return results.parse(value).map((one) => ({ ...one, figures: one.figures.map(figureOf) }));
  } catch {
    // There is none, or it is of another shape: every row can be run again.
    return [];
  }
}

function figureOf(one: z.infer<typeof figure>): Figure {
  return { ...one, ratio: one.ratio };
}

/** Puts the results into docs/performance.md, between its two marks. */
export function writePage(all: readonly RowResult[]): void {
  const text = readFileSync(page, "utf8");
  const [before, rest] = split(text, begin);
  const [, after] = split(rest, end);
  writeFileSync(page, `${before}${begin}\n\n${markdown(all)}\n\n${end}${after}`);
}

function split(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`docs/performance.md has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

function markdown(all: readonly RowResult[]): string {
  const lines = [
    ["row", "what", "ours", "baseline in the same run", "ratio", "goal", ""],
    ["---", "---", "---", "---", "---", "---", "---"],
    ...all.flatMap(({ row, figures }) =>
      figures.map((one) => [`\`${row}\``, ...cellsOf(one), one.met ? "met" : "**missed**"]),
    ),
  ];
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0))) ?? [];
  const cells = lines.map((line, at) =>
    line.map((cell, column) => cell.padEnd(widths[column] ?? 0, at === 1 ? "-" : " ")),
  );
  const runs = new Set(all.map((one) => `${one.on} on ${one.machine}`));
  const minutes = all.reduce((sum, one) => sum + one.seconds, 0) / 60;
  const table = cells.map((line) => `| ${line.join(" | ")} |`).join("\n");
  return `Run on ${[...runs].join("; ")}: ${minutes.toFixed(0)} minutes for all rows.\n\n${table}`;
}
