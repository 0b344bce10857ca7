import { buildSync } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeeperProgram } from "../../src/runtime/keeper/keeperLink";

let built: KeeperProgram | undefined;

/** The process keeper, bundled from the sources as they are now, once a test process. */
export function keeperProgram(): KeeperProgram {
  built ??= build();
  return built;
}

function build(): KeeperProgram {
  const folder = mkdtempSync(join(tmpdir(), "process-keeper-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const bundlePath = join(folder, "processKeeper.js");
  buildSync({
    entryPoints: [join(import.meta.dirname, "../../src/runtime/keeper/program.ts")],
    outfile: bundlePath,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    logLevel: "silent",
  });
  return { execPath: process.execPath, bundlePath };
}
