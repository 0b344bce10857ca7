// `npm run fuzz:redaction [-- --chunkings N --seed S]`: texts with secrets in them, cut into pieces in many ways, through the redactor.
// Counts what leaked and what was altered besides.
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { exitWith, runStep } from "./processes.mjs";

ensureRootTools();
const tsx = ["--import", "tsx", "test/fuzz/main.ts", ...process.argv.slice(2)];
await exitWith(await runStep("fuzz", process.execPath, tsx, { cwd: projectRoot, allowFailure: true }));
