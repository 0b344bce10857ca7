import { statSync } from "node:fs";
import { join } from "node:path";
import type { Figure, Row } from "./table";

const root = join(__dirname, "../..");

const files = [
  { file: "extension.js", goalKb: 250 },
  { file: "heartbeatThread.js", goalKb: 50 },
  { file: "processKeeper.js", goalKb: 20 },
  { file: "sandbox.js", goalKb: 500 },
  { file: "panel.js", goalKb: 300 },
];

/** Sizes of the bundles as they ship. */
export const bundle: Row = {
  name: "bundle",
  run: () =>
    Promise.resolve(
      files.map(({ file, goalKb }): Figure => {
        const kb = statSync(join(root, "dist", file)).size / 1000;
        return {
          what: `dist/${file}`,
          ours: `${kb.toFixed(0)} kB`,
          baseline: "–",
          ratio: undefined,
          goal: `≤ ${goalKb} kB`,
          met: kb <= goalKb,
        };
      }),
    ),
};
