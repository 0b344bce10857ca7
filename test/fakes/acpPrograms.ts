import { buildSync } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let built: Programs | undefined;

interface Programs {
  /** The path of the scripted agent. */
  readonly agent: string;
  /** The path of the program through which it reaches the worker's own tools. */
  readonly toolPipe: string;
}

/** Bundled from the sources as they are now, once a test process: they start fast. */
export function acpPrograms(): Programs {
  built ??= build();
  return built;
}

function build(): Programs {
  const folder = mkdtempSync(join(tmpdir(), "acp-agent-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const agent = join(folder, "acpAgent.mjs");
  const toolPipe = join(folder, "toolPipe.mjs");
  const here = import.meta.dirname;
  bundle(join(here, "acpAgent.ts"), agent);
  bundle(join(here, "../../src/runtime/acp/toolPipe.ts"), toolPipe);
  return { agent, toolPipe };
}

function bundle(entry: string, outfile: string): void {
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    logLevel: "silent",
  });
}
