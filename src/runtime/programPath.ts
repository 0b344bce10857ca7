import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/**
 * The absolute path of a program, by its absolute path or its name on PATH; undefined when there is none. A relative path,
 * and a relative entry of PATH, would be looked up in the tool's working directory, which strangers can fill: both are
 * passed over.
 */
export async function programPath(
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (isAbsolute(program)) return program;
  if (/[\\/]/.test(program)) return undefined;
  const path = Object.entries(environment).find(([name]) => name.toUpperCase() === "PATH")?.[1] ?? "";
  for (const folder of path.split(delimiter).filter((one) => isAbsolute(one))) {
    for (const ending of process.platform === "win32" ? [".exe", ""] : [""]) {
      const candidate = join(folder, program + ending);
      if (await isExecutable(candidate)) return candidate;
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
