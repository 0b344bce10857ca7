// The editor loads CommonJS, and esbuild splits ES modules only: the chunks are made as those, and each becomes CommonJS after.
// One module stays in one chunk, so that a class is the same one wherever it is loaded from.
import { transform } from "esbuild";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** A plugin for a build with `format: "esm"`, `splitting` and `write: false`: it writes the files itself. */
export function commonJsChunks({ minify }) {
  return {
    name: "common-js-chunks",
    setup(build) {
      build.onEnd(async ({ outputFiles = [] }) => {
        await Promise.all(outputFiles.map((file) => writeChunk(file, minify)));
      });
    },
  };
}

async function writeChunk({ path, text }, minify) {
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target: "node20",
    minify,
    // `import()` becomes `require` here: what loads a chunk later is a promise all the same.
    supported: { "dynamic-import": false },
    sourcemap: minify ? false : "inline",
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, code);
}
