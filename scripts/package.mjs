// `npm run package`: the `.vsix`, as a release has it. `vsce` builds first, through the `vscode:prepublish` script.
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureRootTools, projectRoot } from "./bootstrap.mjs";
import { capture, exitWith } from "./processes.mjs";

/** @returns {Promise<{file: string, kilobytes: number}>} the `.vsix` in `folder`, under its name and version */
export async function packageExtension(folder) {
  await mkdir(folder, { recursive: true });
  const { name, version } = JSON.parse(await readFile(join(projectRoot, "package.json"), "utf8"));
  const file = join(folder, `${name}-${version}.vsix`);
  const vsce = join(projectRoot, "node_modules", "@vscode", "vsce", "vsce");
  const flags = [
    "package",
    "--no-dependencies",
    "--allow-missing-repository",
    "--no-rewrite-relative-links",
    "--out",
    file,
  ];
  await capture(process.execPath, [vsce, ...flags], { cwd: projectRoot, env: process.env });
  return { file, kilobytes: Math.round((await stat(file)).size / 1024) };
}

async function main() {
  try {
    ensureRootTools();
    const { file, kilobytes } = await packageExtension(projectRoot);
    console.log(`${file} (${kilobytes} KB)`);
    await exitWith(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    await exitWith(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) void main();
