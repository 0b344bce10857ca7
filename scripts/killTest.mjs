// `npm run killtest [-- --rounds N --codex N --parallel N --seed N]`: kills hosts, keepers and tools at random instants and counts who is left.
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { exitWith, runStep } from "./processes.mjs";

ensureRootTools();
const tsx = ["--import", "tsx", "test/kill/main.ts", ...process.argv.slice(2)];
const code = await runStep("killtest", process.execPath, tsx, { cwd: projectRoot, allowFailure: true });
await exitWith(code);
