// `npm run runkills [-- --only TEXT]`: packages the extension and lets two workers carry out a workflow run for each step of it, at which
// the extension host that is at it is killed. Prints a table; the same is kept in test-results/runkills.json.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { ensureHostTools } from "./hostTools.mjs";
import { packageExtension } from "./package.mjs";
import { exitWith, onExit, runStep } from "./processes.mjs";

ensureRootTools();
await ensureHostTools();
const folder = await mkdtemp(join(tmpdir(), "oh-runkills-"));
onExit(() => rm(folder, { recursive: true, force: true }));
const vsix = await packageExtension(folder);
const tsx = ["--import", "tsx", "test/runkills/main.ts", ...process.argv.slice(2)];
const env = { ...process.env, ONE_HORIZON_VSIX: vsix.file };
await exitWith(
  await runStep("runkills", process.execPath, tsx, { cwd: projectRoot, env, allowFailure: true }),
);
