import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle";
import { journal } from "./journal";
import { keeperRow } from "./keeper";
import { redaction } from "./redaction";
import { stream } from "./stream";
import { table, type Figure } from "./table";
import { tree } from "./tree";
import { worktree } from "./worktree";

const rows = [bundle, journal, keeperRow, redaction, stream, tree, worktree];

async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const chosen = wanted.length === 0 ? rows : rows.filter((row) => wanted.includes(row.name));
  if (chosen.length === 0) {
    process.stderr.write(`There is no such row. Rows: ${rows.map((row) => row.name).join(", ")}\n`);
    return 2;
  }
  const figures: Figure[] = [];
  for (const row of chosen) figures.push(...(await row.run()));
  process.stdout.write(`\n${table(figures)}\n`);
  const folder = join(__dirname, "../../test-results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bench.json"), `${JSON.stringify(figures, undefined, 2)}\n`);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
