import { open, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod/mini";

const manifest = z.looseObject({ name: z.string(), version: z.string() });
const versionForm = /^\d+\.\d[\w.+-]{0,60}$/;
/** A package's own description is far shorter. */
const manifestBytes = 64 * 1024;
/** How far above its program a package's description lies at most. */
const levels = 4;

/**
 * The version of an installed tool, without starting it: from the package that its program belongs to, else from the folder
 * that installers name after it. Undefined where neither tells.
 * @param program absolute path.
 */
export async function toolVersion(program: string, npm: string | undefined): Promise<string | undefined> {
  const real = await realpath(program).catch(() => undefined);
  if (real === undefined) return undefined;
  if (npm !== undefined) {
    // On Windows npm leaves a script beside the packages, and no link.
    const folders = [...above(real), join(dirname(program), "node_modules", npm)];
    for (const folder of folders) {
      const found = await describedIn(folder, npm);
      if (found !== undefined) return found;
    }
  }
  return folderVersion(real, basename(program));
}

function above(file: string): readonly string[] {
  const folders = [dirname(file)];
  while (folders.length < levels) folders.push(dirname(folders.at(-1) ?? file));
  return folders;
}

async function describedIn(folder: string, npm: string): Promise<string | undefined> {
  try {
    const { name, version } = manifest.parse(JSON.parse(await startOf(join(folder, "package.json"))));
    return name === npm && versionForm.test(version) ? version : undefined;
  } catch {
    return undefined; // none, or not one of a package
  }
}

/** A longer file is cut, so that it does not parse. */
async function startOf(path: string): Promise<string> {
  // To open what is no file could wait for ever.
  if (!(await stat(path)).isFile()) return "";
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(manifestBytes), 0, manifestBytes, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** As `cursor-agent/versions/2026.01.02-abc/cursor-agent`, or Homebrew's `Cellar/codex/0.169.0/bin/codex`. */
function folderVersion(path: string, program: string): string | undefined {
  const parts = path.split(/[\\/]/);
  const own = parts.findIndex((part, at) => part === "versions" && parts[at - 1] === program);
  const brewed = parts.findIndex((part) => part === "Cellar" || part === "Caskroom");
  const found = own !== -1 ? parts[own + 1] : brewed !== -1 ? parts[brewed + 2] : undefined;
  return found !== undefined && versionForm.test(found) ? found : undefined;
}
