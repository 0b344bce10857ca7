import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { samePlace } from "./worktreeList";
import { isMissing } from "./worktreeFolder";

/** The folder in which git keeps its entry of a worktree; also where the worktree itself is gone. */
export async function adminFolderOf(commonDir: string, path: string): Promise<string | undefined> {
  const folder = join(commonDir, "worktrees");
  for (const name of await namesIn(folder)) {
    const admin = join(folder, name);
    const linked = await textOr(join(admin, "gitdir"));
    if (linked === undefined) continue;
    if (await samePlace(dirname(resolve(admin, linked.trim())), path)) return admin;
  }
  return undefined;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function textOr(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
