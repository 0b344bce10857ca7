// `npm run demo`: from a clone to an editor that works on queued sessions, with nothing of the person's own involved.
// `npm run demo -- --headless` drives the same through Chromium and ends with 0 only if everything it promises came true.
// `--provider codex-acp` or `--provider acp` has another coding tool do the work.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { ensureHostTools } from "./hostTools.mjs";
import { onExit, exitWith } from "./processes.mjs";
import { startClock } from "./demo/clock.mjs";
import { packageExtension } from "./package.mjs";
import { demoProviders, runtimeLines } from "./demo/providers.mjs";
import { demoFiles } from "./demo/sessions.mjs";

const { values: told } = parseArgs({
  options: {
    headless: { type: "boolean", default: false },
    provider: { type: "string", default: "codex" },
  },
});
const output = join(projectRoot, "demo-output");

async function main() {
  if (!demoProviders.includes(told.provider)) {
    throw new Error(`--provider takes ${demoProviders.join(", ")}, not “${told.provider}”`);
  }
  const clock = startClock();
  ensureRootTools();
  const tools = await ensureHostTools({ browser: told.headless });
  clock.say("tools are there");
  await rm(output, { recursive: true, force: true });
  const vsix = await packageExtension(output);
  clock.say(`packaged ${vsix.file} (${vsix.kilobytes} KB)`);
  const { prepareWorld } = await import("../test/host/harness/world.mjs");
  await mkdir(output, { recursive: true });
  const files = demoFiles(await runtimeLines(told.provider, output));
  const world = await prepareWorld({ tools, name: "demo", files });
  if (!world.sandbox) throw new Error("the build has no dist/sandbox.js");
  clock.say(`repository ${world.repository.folder}, sandbox platform at ${world.sandbox.baseUrl}`);
  const scene = { tools, vsix: vsix.file, world, output, clock, provider: told.provider };
  if (told.headless) {
    const { runHeadless } = await import("./demo/headless.mjs");
    return runHeadless(scene);
  }
  const { runInteractive } = await import("./demo/interactive.mjs");
  return runInteractive(scene);
}

let code = 1;
onExit(() => undefined); // arms the clean-up on Ctrl-C before anything is started
try {
  code = await main();
} catch (error) {
  console.error(`\n✗ ${error instanceof Error ? error.message : error}`);
}
await exitWith(code);
