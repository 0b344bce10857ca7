import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

const hostModules = join(import.meta.dirname, "..", "host", "node_modules", "@openai");

/**
 * The native codex: `CODEX_BINARY`, else the package of the host tools, else PATH.
 * Throws with advice when there is none, since tests against the real codex are not optional.
 */
export function codexBinary(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment["CODEX_BINARY"];
  if (named !== undefined && named !== "") {
    return executable(named) ?? fail(`CODEX_BINARY names ${named}, which cannot be run.`);
  }
  const onPath = (environment["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "codex"));
  for (const one of [...vendored(), ...onPath]) {
    const found = executable(one);
    if (found !== undefined) return found;
  }
  return fail("No codex was found.");
}

function vendored(): readonly string[] {
  const packages = existsSync(hostModules) ? readdirSync(hostModules) : [];
  return packages
    .filter((name) => name.startsWith("codex-"))
    .map((name) => join(hostModules, name, "vendor"))
    .filter((vendor) => existsSync(vendor))
    .flatMap((vendor) => readdirSync(vendor).map((triple) => join(vendor, triple, "bin", "codex")));
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

function fail(what: string): never {
  throw new Error(`${what} Run \`node scripts/hostTools.mjs\`, or set CODEX_BINARY to the native codex.`);
}
