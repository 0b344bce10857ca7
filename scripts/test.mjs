// `npm test`: the checks, the build and the rings of tests, one after the other, then a look for leaked processes and files.
// The last line is `N passed, N failed, N skipped`; a step that fails or a ring without a test counts as one failure.
// `npm test -- unit host` runs only the steps named.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { ensureHostTools } from "./hostTools.mjs";
import { findLeakedProcesses, findLeftovers } from "./leaks.mjs";
import { exitWith, onExit, RUN_MARKER, runCleanups, runStep } from "./processes.mjs";
import { readResults, totals } from "./results.mjs";

const mocha = join("node_modules", "mocha", "bin", "mocha.js");
const reporter = join("scripts", "mochaResults.cjs");
const mochaRing = (pattern) => [process.execPath, [mocha, "--reporter", reporter, pattern]];
const npmRun = (script) => [process.platform === "win32" ? "npm.cmd" : "npm", ["run", "--silent", script]];

/** In order; a ring is a step that must produce test results. */
const steps = [
  { name: "check", run: npmRun("check") },
  { name: "build", run: npmRun("build") },
  { name: "unit", run: mochaRing("test/unit/**/*.test.ts"), ring: true },
  { name: "adapter", run: mochaRing("test/adapter/**/*.test.ts"), ring: true },
  { name: "host", run: [process.execPath, [join("scripts", "hostTests.mjs")]], ring: true },
];

/** For each step: what hangs is ended and counted. */
const limitMs = 15 * 60_000;

const sum = { passed: 0, failed: 0, skipped: 0 };
const complaints = [];
const complain = (text) => {
  sum.failed += 1;
  complaints.push(text);
};

async function runOne({ name, run, ring }, places) {
  console.log(`\n── ${name}`);
  const startedAt = Date.now();
  const results = join(places.results, `${name}.jsonl`);
  const [command, args] = run;
  const env = { ...places.env, ONE_HORIZON_RESULTS: results };
  let code = 1;
  try {
    code = await runStep(name, command, args, { cwd: projectRoot, env, allowFailure: true, limitMs });
  } catch (error) {
    complain(error.message);
  }
  const counted = totals(readResults(results));
  const took = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  for (const state of ["passed", "failed", "skipped"]) sum[state] += counted[state];
  if (ring && counted.passed + counted.failed === 0) complain(`${name} ran no test`);
  else if (code !== 0 && counted.failed === 0) complain(`${name} ended with exit code ${code}`);
  const outcome = ring
    ? `${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped`
    : code === 0
      ? "ok"
      : "failed";
  console.log(`── ${name}: ${outcome} in ${took}`);
}

async function main() {
  ensureRootTools();
  await ensureHostTools();
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no such step: ${unknown.join(", ")}; there are ${steps.map((step) => step.name).join(", ")}`,
    );

  const temporary = await mkdtemp(join(tmpdir(), "oh-test-"));
  const cache = join(homedir(), ".cache", "one-horizon-worker");
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const runRoot = await mkdtemp(join(cache, "test-"));
  const results = join(projectRoot, "test-results", `run-${process.pid}`);
  await mkdir(results, { recursive: true });
  onExit(async () => {
    for (const folder of [temporary, runRoot, results]) await rm(folder, { recursive: true, force: true });
  });
  const mark = randomUUID();
  const env = { ...process.env, TMPDIR: temporary, ONE_HORIZON_RUN_ROOT: runRoot, [RUN_MARKER]: mark };

  for (const step of steps)
    if (asked.length === 0 || asked.includes(step.name)) await runOne(step, { env, results });

  const leaked = await findLeakedProcesses([`${RUN_MARKER}=${mark}`, temporary, runRoot]);
  for (const { pid, command } of leaked) {
    complain(`process ${pid} outlived the tests: ${command}`);
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended just now.
    }
  }
  for (const file of [...findLeftovers(temporary), ...(existsSync(runRoot) ? findLeftovers(runRoot) : [])])
    complain(`left behind: ${file}`);
}

try {
  await main();
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
}
await runCleanups();
if (complaints.length > 0) console.log(`\n${complaints.map((text) => `✗ ${text}`).join("\n")}`);
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
await exitWith(sum.failed === 0 && sum.passed > 0 ? 0 : 1);
