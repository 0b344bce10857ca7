import { fileURLToPath } from "node:url";

/** The page of the session panel: panel.js, panel.css and the font of icons. Tests build it the same way. */
export function panelBundle(production) {
  return {
    absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
    outdir: "dist",
    bundle: true,
    platform: "browser",
    // The browser of the oldest editor that is supported (1.99).
    target: "chrome132",
    format: "iife",
    entryPoints: [
      { in: "src/webview/main.ts", out: "panel" },
      { in: "src/webview/panel.css", out: "panel" },
    ],
    loader: { ".ttf": "file" },
    assetNames: "[name]",
    sourcemap: production ? false : "linked",
    minify: production,
    metafile: true,
  };
}
