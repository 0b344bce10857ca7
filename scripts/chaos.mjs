// `npm run chaos [-- --kills 100 --seed S --windows 2 --only host]`: packages the extension and kills it and its neighbours at random
// while sessions run. Prints a table; the same is kept in test-results/chaos-<seed>.json.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { ensureHostTools } from "./hostTools.mjs";
import { packageExtension } from "./package.mjs";
import { exitWith, onExit, runStep } from "./processes.mjs";

ensureRootTools();
await ensureHostTools();
const folder = await mkdtemp(join(tmpdir(), "oh-chaos-"));
onExit(() => rm(folder, { recursive: true, force: true }));
const vsix = await packageExtension(folder);
const tsx = ["--import", "tsx", "test/chaos/main.ts", ...process.argv.slice(2)];
const env = { ...process.env, ONE_HORIZON_VSIX: vsix.file };
await exitWith(await runStep("chaos", process.execPath, tsx, { cwd: projectRoot, env, allowFailure: true }));
