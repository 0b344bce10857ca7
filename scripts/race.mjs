// `npm run race [-- --rounds N --contenders N --primitive darwin]`: kills the owner of a worker's lock again and again while others wait,
// and counts moments with two owners.
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { exitWith, runStep } from "./processes.mjs";

ensureRootTools();
const tsx = ["--import", "tsx", "test/race/main.ts", ...process.argv.slice(2)];
await exitWith(await runStep("race", process.execPath, tsx, { cwd: projectRoot, allowFailure: true }));
