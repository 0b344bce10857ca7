// `npm run record [-- scene …]`: conversations with the real codex and a scripted model, scrubbed, into
// test/fixtures/transcripts/. What is expected of them is written anew with
// `UPDATE_TRANSCRIPTS=1 npx mocha test/unit/runtime/transcripts.test.ts`.
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { ensureHostTools } from "./hostTools.mjs";
import { exitWith, runStep } from "./processes.mjs";

ensureRootTools();
await ensureHostTools({ browser: false });
const tsx = ["--import", "tsx", "test/transcripts/main.ts", ...process.argv.slice(2)];
await exitWith(await runStep("record", process.execPath, tsx, { cwd: projectRoot, allowFailure: true }));
