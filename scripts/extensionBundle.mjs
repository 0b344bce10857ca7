import { fileURLToPath } from "node:url";
import { acpOwnCopies } from "./ownCopies.mjs";

/** What every bundle that runs in Node has in common. */
export function nodeBundle(production) {
  return {
    absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
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
  };
}

/**
 * The extension. What it imports dynamically becomes a chunk that loads when it is first asked for. The chunks are ES
 * modules: `commonJsChunks` makes of them what the editor loads. Tests judge the same build.
 */
export function extensionBundle(production) {
  return {
    ...nodeBundle(production),
    entryPoints: { extension: "src/extension.ts" },
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    sourcemap: production ? false : "inline",
    write: false,
    plugins: [acpOwnCopies()],
  };
}
