// Builds the bundles: the extension with its chunks, the heartbeat thread (a worker_threads file), the process keeper and the sandbox
// (processes of their own), and the page of the session panel.
import { build, context } from "esbuild";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { commonJsChunks } from "./scripts/commonJsChunks.mjs";
import { extensionBundle, nodeBundle } from "./scripts/extensionBundle.mjs";
import { bundledPackages, thirdPartyNotices } from "./scripts/notices.mjs";
import { panelBundle } from "./scripts/panelBundle.mjs";

const watch = process.argv.includes("--watch");
const production = process.argv.includes("--production");

const extension = extensionBundle(production);

const builds = [
  { ...extension, plugins: [...extension.plugins, commonJsChunks({ minify: production })] },
  {
    ...nodeBundle(production),
    entryPoints: {
      heartbeatThread: "src/platform/heartbeatThread.ts",
      processKeeper: "src/runtime/keeper/program.ts",
      toolPipe: "src/runtime/acp/toolPipe.ts",
      sandbox: "src/sandbox/main.ts",
    },
    format: "cjs",
    sourcemap: production ? false : "linked",
  },
  panelBundle(production),
].map((one) => ({ ...one, logLevel: "info" }));

await rm("dist", { recursive: true, force: true });
if (watch) {
  for (const one of builds) await (await context(one)).watch();
} else {
  const results = await Promise.all(builds.map((one) => build(one)));
  const metafiles = results.map((one) => one.metafile);
  await mkdir("dist", { recursive: true });
  await writeFile("dist/thirdPartyNotices.txt", thirdPartyNotices(bundledPackages(metafiles)));
}
