import { activation } from "./activation";
import { bundle } from "./bundle";
import { firstActivity } from "./firstActivity";
import { heartbeat } from "./heartbeat";
import { idle } from "./idle";
import { journal } from "./journal";
import { keeperRow } from "./keeper";
import { nextClaim } from "./nextClaim";
import { overhead } from "./overhead";
import { redaction } from "./redaction";
import { keep, machine, writePage, type RowResult } from "./results";
import { scale } from "./scale";
import { stream } from "./stream";
import { table, type Row } from "./table";
import { tree } from "./tree";
import { worktree } from "./worktree";

const rows: readonly Row[] = [
  overhead,
  worktree,
  firstActivity,
  heartbeat,
  nextClaim,
  stream,
  activation,
  bundle,
  idle,
  tree,
  scale,
  journal,
  keeperRow,
  redaction,
];

/** Runs one row; a row that breaks off is a missed goal, and the others go on. */
async function runRow(row: Row): Promise<RowResult> {
  process.stderr.write(`bench: ${row.name}\n`);
  const startedAt = performance.now();
  const figures = await row.run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
    return [
      { what: row.name, ours: "broke off", baseline: "–", ratio: undefined, goal: "a figure", met: false },
    ];
  });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  return { row: row.name, on: new Date().toISOString().slice(0, 10), machine: machine(), seconds, figures };
}

async function main(): Promise<void> {
  const names = rows.map((row) => row.name);
  const wanted = process.argv.slice(2).filter((one) => !one.startsWith("--"));
  const writes = process.argv.includes("--write");
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no row ${unknown.join(", ")}. Rows: ${names.join(", ")}\n`);
    process.exitCode = 2;
    return;
  }
  const chosen = wanted.length === 0 ? rows : rows.filter((row) => wanted.includes(row.name));
  const fresh: RowResult[] = [];
  for (const row of chosen) {
    fresh.push(await runRow(row));
    // A run that is broken off keeps what it has.
    const all = keep(fresh, names);
    if (writes) writePage(all);
  }
  process.stdout.write(`\n${table(fresh.flatMap((one) => one.figures))}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
