// `npm run bench [-- row …]`: figures that can be repeated, each a ratio to a baseline of the same run, or a count.
// Prints a table and keeps the same as JSON in test-results/bench.json.
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { exitWith, runStep } from "./processes.mjs";

ensureRootTools();
await runStep("build", process.execPath, ["esbuild.mjs", "--production"], { cwd: projectRoot });
const tsx = ["--import", "tsx", "test/bench/main.ts", ...process.argv.slice(2)];
const code = await runStep("bench", process.execPath, tsx, { cwd: projectRoot, allowFailure: true });
await exitWith(code);
