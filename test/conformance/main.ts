// `npm run conformance`: writes docs/conformance.md from the latest results of each test. With `--check FOLDER` it writes
// nothing: it says which rules the results in that folder leave unheld, and fails if there are any.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { mappedRules } from "./mappedRules";
import { pageOf } from "./page";
import { readRuns, verdictOf, type TestRun } from "./verdicts";

const root = join(import.meta.dirname, "..", "..");
const lastResults = join(root, "test-results", "last.jsonl");
const page = join(root, "docs", "conformance.md");

function check(folder: string): number {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  const runs = files.flatMap((name) => readRuns(readFileSync(join(folder, name), "utf8")));
  const rules = [...mappedRules("contract"), ...mappedRules("symphony")];
  const unheld = unheldRules(runs);
  for (const text of unheld) process.stdout.write(`✗ ${text}\n`);
  process.stdout.write(`${rules.length - unheld.length} of ${rules.length} rules hold\n`);
  return unheld.length === 0 ? 0 : 1;
}

function unheldRules(runs: readonly TestRun[]): readonly string[] {
  return [...mappedRules("contract"), ...mappedRules("symphony")].flatMap((rule) => {
    const verdict = verdictOf(rule, runs);
    return "test" in verdict ? [`${rule.rule}\n  ${verdict.kind}: ${verdict.test}`] : [];
  });
}

async function write(): Promise<number> {
  if (!existsSync(lastResults)) {
    process.stderr.write("There are no results yet. Run `npm test` first.\n");
    return 1;
  }
  const runs = readRuns(readFileSync(lastResults, "utf8"));
  const ranAt = statSync(lastResults).mtime.toISOString().slice(0, 10);
  const text = pageOf((rule) => verdictOf(rule, runs), ranAt);
  const style = await resolveConfig(page);
  writeFileSync(page, await format(text, { ...style, filepath: page }));
  return unheldRules(runs).length === 0 ? 0 : 1;
}

const [flag, folder] = process.argv.slice(2);
const run = flag === "--check" && folder !== undefined ? Promise.resolve(check(folder)) : write();
run.then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
