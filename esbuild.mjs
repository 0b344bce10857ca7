// Builds the bundles: the extension, the heartbeat thread (a worker_threads file), the process keeper and the sandbox (processes of their own).
import { build, context } from "esbuild";
import { rm } from "node:fs/promises";

const watch = process.argv.includes("--watch");
const production = process.argv.includes("--production");

const options = {
  entryPoints: {
    extension: "src/extension.ts",
    heartbeatThread: "src/platform/heartbeatThread.ts",
    processKeeper: "src/runtime/keeper/program.ts",
    sandbox: "src/sandbox/main.ts",
  },
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  // The ESM builds of these packages are smaller and have no dynamic require.
  mainFields: ["module", "main"],
  loader: { ".yaml": "text", ".html": "text", ".css": "text", ".svg": "text" },
  sourcemap: production ? false : "linked",
  minify: production,
  metafile: true,
  logLevel: "info",
};

await rm("dist", { recursive: true, force: true });
if (watch) {
  await (await context(options)).watch();
} else {
  await build(options);
}
