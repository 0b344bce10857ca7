// Builds the bundles: the extension with its chunks, the heartbeat thread (a worker_threads file), the process keeper and the sandbox
// (processes of their own), and the page of the session panel. What the extension imports dynamically becomes a chunk that loads when it is first asked for.
import { build, context } from "esbuild";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { commonJsChunks } from "./scripts/commonJsChunks.mjs";
import { bundledPackages, thirdPartyNotices } from "./scripts/notices.mjs";
import { acpOwnCopies } from "./scripts/ownCopies.mjs";
import { panelBundle } from "./scripts/panelBundle.mjs";

const watch = process.argv.includes("--watch");
const production = process.argv.includes("--production");

const common = {
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node20",
  external: ["vscode"],
  // The ESM builds of these packages are smaller and have no dynamic require.
  mainFields: ["module", "main"],
  loader: { ".yaml": "text", ".html": "text", ".css": "text", ".svg": "text" },
  minify: production,
  metafile: true,
  logLevel: "info",
};

const builds = [
  {
    ...common,
    entryPoints: { extension: "src/extension.ts" },
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    sourcemap: production ? false : "inline",
    write: false,
    plugins: [acpOwnCopies(), commonJsChunks({ minify: production })],
  },
  {
    ...common,
    entryPoints: {
      heartbeatThread: "src/platform/heartbeatThread.ts",
      processKeeper: "src/runtime/keeper/program.ts",
      toolPipe: "src/runtime/acp/toolPipe.ts",
      sandbox: "src/sandbox/main.ts",
    },
    format: "cjs",
    sourcemap: production ? false : "linked",
  },
  { ...panelBundle(production), logLevel: "info" },
];

await rm("dist", { recursive: true, force: true });
if (watch) {
  for (const one of builds) await (await context(one)).watch();
} else {
  const results = await Promise.all(builds.map((one) => build(one)));
  const metafiles = results.map((one) => one.metafile);
  await mkdir("dist", { recursive: true });
  await writeFile("dist/thirdPartyNotices.txt", thirdPartyNotices(bundledPackages(metafiles)));
}
