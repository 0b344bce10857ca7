import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Bundles the core with the simulation around it: plain Node starts it at once and runs it several times faster. */
export async function bundle(outfile) {
  await build({
    entryPoints: [here("main.ts")],
    bundle: true,
    platform: "node",
    target: "node20",
    outfile,
    alias: { "node:crypto": here("quickCrypto.ts") },
    logLevel: "warning",
  });
}
