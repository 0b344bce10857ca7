// Reads what mochaResults.cjs wrote.
import { existsSync, readFileSync } from "node:fs";

/** @typedef {{state: "passed" | "failed" | "skipped", title: string, ms: number, error?: string}} TestResult */

/** @returns {TestResult[]} */
export function readResults(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** Counts results by state. */
export function totals(results) {
  const count = (state) => results.filter((one) => one.state === state).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}
