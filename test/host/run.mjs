// `npm run test:host`: the suites of test/host/suite in a real extension host, then the ones of test/host/ui, which drive the
// packaged extension through its pixels. Prints a list and `N passed, N failed, N skipped`; with ONE_HORIZON_RESULTS set, each result
// is also written there as a JSON line. `--extension FOLDER` takes another extension folder and leaves out ui, `--suite TEXT` only matching files;
// a measurement in the extension host, which no run has by itself, is named with its `.bench`.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "../../scripts/bootstrap.mjs";
import { ensureHostTools, hostToolsFolder } from "../../scripts/hostTools.mjs";
import { onExit, exitWith, runStep, waitUntil } from "../../scripts/processes.mjs";
import { packageExtension } from "../../scripts/package.mjs";
import { readResults, totals } from "../../scripts/results.mjs";
import { chooseEditor } from "./harness/desktop.mjs";
import { prepareWorld } from "./harness/world.mjs";

const limitMs = 6 * 60_000;
/** For one test of ui, and for what comes before it; many times what it takes on a quiet machine. */
const uiLimitMs = 5 * 60_000;
/**
 * The suites of ui in lanes that run side by side, since they wait more than they compute: two lanes fill a small machine. Each lane
 * is a process, and the suites in it that share an editor (ui/sharedEditor.ts) follow each other. The last one starts after the
 * suites in the extension host, with what is named in none.
 */
const lanes = [
  ["firstStart", "session", "control", "recovery", "status", "tree", "review", "reload", "proxy", "runs"],
  [
    "vsix",
    "leftovers",
    "firstMinutes",
    "sandbox",
    "signIn",
    "windows",
    "questions",
    "panel",
    "workflowFile",
    "chooseTool",
    "cleanUp",
  ],
];
const { values: told } = parseArgs({ options: { extension: { type: "string" }, suite: { type: "string" } } });
const extensionFolder = told.extension ?? projectRoot;
const output = join(projectRoot, "test-results", "host", `run-${process.pid}`);

async function testFiles(folder) {
  const place = join(hostToolsFolder, folder);
  if (!existsSync(place)) return [];
  const names = (await readdir(place)).filter(
    (name) =>
      name.endsWith(told.suite?.endsWith(".bench") ? ".ts" : ".test.ts") && name.includes(told.suite ?? ""),
  );
  return names.sort().map((name) => join(place, name));
}

/** One CommonJS file with all suites, so that the editor needs no TypeScript. Suites load one after the other, context first. */
async function bundleSuites(files) {
  const { build } = await import("esbuild");
  const entry = `
    const { runSuites } = require("./suiteRunner.cjs");
    exports.run = () => runSuites([${files.map((file) => `() => require(${JSON.stringify(file)})`).join(", ")}], __dirname);
  `;
  const outfile = join(output, "suites.cjs");
  await build({
    stdin: { contents: entry, resolveDir: hostToolsFolder, loader: "js" },
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode", "mocha"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  return outfile;
}

async function runInExtensionHost(tools, files) {
  const { runTests } = await import("@vscode/test-electron");
  const world = await prepareWorld({ tools, name: "host" });
  const editor = await chooseEditor();
  console.log(`host: ${editor.title}`);
  const bundle = await bundleSuites(files);
  const { folders, repository, sandbox } = world;
  const context = {
    editor: editor.kind,
    folder: repository.folder,
    origin: repository.origin,
    home: folders.home,
    codex: tools.codex,
    sandbox: sandbox ?? null,
  };
  await writeFile(join(output, "context.json"), JSON.stringify(context));
  const editorFile = join(output, "editor.json");
  await writeFile(
    editorFile,
    JSON.stringify({
      tools,
      folders,
      machineSettings: world.machineSettings,
      userSettings: {},
      port: world.editorPort,
    }),
  );
  onExit(() => endEditor(`${editorFile}.pid`));
  const failure = await withLimit(
    runTests({
      vscodeExecutablePath: editor.executable,
      extensionDevelopmentPath: extensionFolder,
      extensionTestsPath: bundle,
      launchArgs: [repository.folder, ...(await editor.launchArgs(world))],
      reuseMachineInstall: true, // both editors get folders of their own
      extensionTestsEnv: { ...editor.environment(world), ONE_HORIZON_EDITOR: editorFile },
    }).then(
      () => undefined,
      (error) => error,
    ),
  );
  await endEditor(`${editorFile}.pid`);
  await world.close();
  const results = readResults(join(output, "results.jsonl"));
  printResults(results);
  if (failure && !results.some((one) => one.state === "failed")) {
    results.push({
      state: "failed",
      title: "the editor runs the suites to their end",
      ms: 0,
      error: failure.message,
    });
    console.log(`✗ the editor did not run the suites to their end: ${failure.message}`);
  }
  return results;
}

/** @vscode/test-electron does not end the editor when the run is broken off; code-server's stand-in tells its process id. */
async function endEditor(pidFile) {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8"));
  await waitUntil("the editor ends", () => {
    try {
      process.kill(pid, "SIGTERM");
      return false;
    } catch {
      return true;
    }
  });
}

/** A test that hangs must not hang the run: the editor goes down with the clean-up. */
async function withLimit(run) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(new Error(`not finished after ${limitMs / 60_000} minutes`)), limitMs);
  });
  try {
    return await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}

function printResults(results) {
  const marks = { passed: "✓", failed: "✗", skipped: "-" };
  for (const { state, title, ms, error } of results) {
    console.log(`  ${marks[state]} ${title}${ms > 100 ? ` (${ms} ms)` : ""}${error ? `\n${error}` : ""}`);
  }
}

function inLanes(files) {
  const named = lanes.map((lane) =>
    lane.map((name) => files.find((file) => basename(file) === `${name}.test.ts`)).filter(Boolean),
  );
  const rest = files.filter((file) => !named.flat().includes(file));
  named.at(-1).unshift(...rest);
  return named.filter((lane) => lane.length > 0);
}

/** These run in Node, with mocha and tsx; they start editors of their own through harness/. What they print comes at their end. */
async function runThroughPixels(files, vsix) {
  const lane = files.map((file) => basename(file, ".test.ts")).join("+");
  const file = join(output, `${lane}.jsonl`);
  const printed = join(output, `${lane}.txt`);
  const reporter = join(projectRoot, "scripts", "mochaResults.cjs");
  const mocha = join(projectRoot, "node_modules", "mocha", "bin", "mocha.js");
  const args = [mocha, "--reporter", reporter, "--timeout", String(uiLimitMs), ...files];
  const env = { ...process.env, ONE_HORIZON_RESULTS: file, ONE_HORIZON_VSIX: vsix.file };
  const into = await open(printed, "w");
  let code;
  try {
    code = await runStep(`the suites ${lane}`, process.execPath, args, {
      cwd: projectRoot,
      env,
      stdio: ["ignore", into.fd, into.fd],
      allowFailure: true,
    });
  } finally {
    await into.close();
    process.stdout.write(await readFile(printed, "utf8"));
  }
  const results = readResults(file);
  if (code !== 0 && !results.some((one) => one.state === "failed")) {
    results.push({
      state: "failed",
      title: `the suites ${lane} run to their end`,
      ms: 0,
      error: `mocha ended with ${code}`,
    });
  }
  return results;
}

/** One root for the folders of both lanes, which neither may remove under the other. */
async function makeRunRoot() {
  if (process.env["ONE_HORIZON_RUN_ROOT"]) return;
  const cache = join(homedir(), ".cache", "one-horizon-worker");
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const root = await mkdtemp(join(cache, "host-"));
  process.env["ONE_HORIZON_RUN_ROOT"] = root;
  onExit(() => rm(root, { recursive: true, force: true }));
}

async function main() {
  // The VS Code server that is driven through its pixels is had for Linux alone.
  const hasPixels = process.platform === "linux";
  const tools = await ensureHostTools({ browser: hasPixels, server: hasPixels });
  await mkdir(output, { recursive: true });
  onExit(() => rm(output, { recursive: true, force: true }));
  await makeRunRoot();
  const inHost = await testFiles("suite");
  const ui = await testFiles("ui");
  const results = [];
  // Also the build that the development extension runs from. Another folder brings its own.
  const vsix = told.extension ? { file: "", kilobytes: 0 } : await packageExtension(output);
  const throughPixels = told.extension || !hasPixels ? [] : inLanes(ui);
  if (!hasPixels) console.log("host: the suites of ui are left out on this system");
  if (throughPixels.length > 0)
    console.log(`host: packaged extension of ${vsix.kilobytes} KB in code-server and Chromium`);
  const last = throughPixels.pop();
  const ran = throughPixels.map((files) => runThroughPixels(files, vsix));
  if (inHost.length > 0) results.push(...(await runInExtensionHost(tools, inHost)));
  if (last !== undefined) ran.push(runThroughPixels(last, vsix));
  results.push(...(await Promise.all(ran)).flat());
  const file = process.env["ONE_HORIZON_RESULTS"];
  if (file) appendFileSync(file, results.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const { passed, failed, skipped } = totals(results);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

let code = 1;
try {
  code = await main();
} catch (error) {
  console.error(`${basename(import.meta.url)}: ${error instanceof Error ? error.message : error}`);
}
await exitWith(code);
