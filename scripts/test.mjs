// `npm test`: the checks, the build and the rings of tests, then a look for leaked processes and files. Stages follow each other; the
// lanes of a stage run side by side, each with its output kept together. The last line is `N passed, N failed, N skipped`; a step that
// fails or a ring without a test counts as one failure. `npm test -- unit host` runs only the steps named.
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { ensureHostTools } from "./hostTools.mjs";
import { findLeakedProcesses, findLeftovers } from "./leaks.mjs";
import { exitWith, onExit, RUN_MARKER, runCleanups, runStep } from "./processes.mjs";
import { readResults, totals } from "./results.mjs";

const mocha = join("node_modules", "mocha", "bin", "mocha.js");
const reporter = join("scripts", "mochaResults.cjs");
const mochaRing = (...patterns) => [process.execPath, [mocha, "--reporter", reporter, ...patterns]];
const inRooms = (rooms) => mochaRing(...rooms.map((room) => `test/adapter/${room}/**/*.test.ts`));
const npmRun = (script) => [process.platform === "win32" ? "npm.cmd" : "npm", ["run", "--silent", script]];

/** About half of the ring's time. */
const slowRooms = ["platform", "runtime", "webview"];
const otherRooms = readdirSync(join(projectRoot, "test", "adapter")).filter(
  (room) => !slowRooms.includes(room),
);

/**
 * Stages of lanes of steps, in order; a ring is a step that must produce test results. A lane that failed goes on: all is told at once.
 * Few lanes: the tests of the adapters wait for real processes more than they compute, and two fill a small machine.
 */
const stages = [
  [
    [{ name: "check", run: npmRun("check") }],
    [
      { name: "build", run: npmRun("build") },
      { name: "unit", run: mochaRing("test/unit/**/*.test.ts"), ring: true },
    ],
  ],
  [
    [{ name: "adapter", run: inRooms(slowRooms), ring: true, part: 1 }],
    [{ name: "adapter", run: inRooms(otherRooms), ring: true, part: 2 }],
  ],
  [[{ name: "host", run: [process.execPath, [join("scripts", "hostTests.mjs")]], ring: true }]],
];
const steps = stages.flat(2);

/** For each step: what hangs is ended and counted. */
const limitMs = 25 * 60_000;

const sum = { passed: 0, failed: 0, skipped: 0 };
const complaints = [];
const complain = (text) => {
  sum.failed += 1;
  complaints.push(text);
};

/** Runs a step; `output` is the file that takes what it prints, undefined for our own output. */
async function runOne({ name, run, ring, part }, places, output) {
  const title = part === undefined ? name : `${name} ${part}`;
  const startedAt = Date.now();
  const results = join(places.results, `${title}.jsonl`);
  const [command, args] = run;
  const env = { ...places.env, ONE_HORIZON_RESULTS: results };
  const stdio = ["ignore", output ?? "inherit", output ?? "inherit"];
  let code = 1;
  try {
    code = await runStep(title, command, args, {
      cwd: projectRoot,
      env,
      stdio,
      allowFailure: true,
      limitMs,
    });
  } catch (error) {
    complain(error.message);
  }
  const counted = totals(readResults(results));
  const took = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  for (const state of ["passed", "failed", "skipped"]) sum[state] += counted[state];
  if (ring && counted.passed + counted.failed === 0) complain(`${title} ran no test`);
  else if (code !== 0 && counted.failed === 0) complain(`${title} ended with exit code ${code}`);
  const outcome = ring
    ? `${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped`
    : code === 0
      ? "ok"
      : "failed";
  return `── ${title}: ${outcome} in ${took}`;
}

/** One lane's steps, one after the other. Beside other lanes what a step prints is kept until its end. */
async function runLane(lane, places, alone) {
  for (const step of lane) {
    if (alone) console.log(`\n── ${step.name}`);
    const file = join(places.results, `${step.name}-${step.part ?? 0}.log`);
    const kept = alone ? undefined : await open(file, "w", 0o600);
    const summary = await runOne(step, places, kept?.fd);
    await kept?.close();
    if (!alone) console.log(`\n── ${step.name}`);
    if (!alone) process.stdout.write(await readFile(file));
    console.log(summary);
  }
}

/** Keeps what each test file said last, for `npm run conformance`. */
async function keepResults(folder) {
  const kept = join(projectRoot, "test-results", "last.jsonl");
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  const fresh = files.flatMap((name) => readResults(join(folder, name)));
  const ran = new Set(fresh.map((one) => one.file));
  const all = [...readResults(kept).filter((one) => !ran.has(one.file)), ...fresh];
  await writeFile(kept, all.map((one) => `${JSON.stringify(one)}\n`).join(""));
}

/** Each rule of docs/conformance.md was held by this run. */
async function checkConformance(results) {
  const args = ["--import", "tsx", join("test", "conformance", "main.ts"), "--check", results];
  console.log("\n── conformance");
  const code = await runStep("conformance", process.execPath, args, {
    cwd: projectRoot,
    allowFailure: true,
    limitMs,
  });
  if (code !== 0) complain("a rule of docs/conformance.md is not held");
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

  const isAsked = (step) => asked.length === 0 || asked.includes(step.name);
  for (const stage of stages) {
    const lanes = stage.map((lane) => lane.filter(isAsked)).filter((lane) => lane.length > 0);
    await Promise.all(lanes.map((lane) => runLane(lane, { env, results }, lanes.length === 1)));
  }

  await keepResults(results);
  if (asked.length === 0) await checkConformance(results);

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
