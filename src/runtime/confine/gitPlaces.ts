import { lstat, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/**
 * Git's own files of a checkout: its `.git`, and for a linked worktree the repository's, which lies elsewhere. Nothing may be
 * written there, since the worker's git and the user's trust it. Empty where the folder is no checkout's root.
 */
export async function gitPlaces(folder: string): Promise<readonly string[]> {
  const entry = join(folder, ".git");
  const facts = await lstat(entry).catch(() => undefined);
  if (facts?.isDirectory() === true) return [entry];
  if (facts?.isFile() !== true) return [];
  const link = /^gitdir: (.+?)[\r\n]*$/.exec(await readFile(entry, "utf8").catch(() => ""))?.[1];
  if (link === undefined) return [entry];
  const own = resolve(folder, link);
  const common = await readFile(join(own, "commondir"), "utf8").catch(() => undefined);
  return [entry, common === undefined ? own : resolve(own, common.trim())];
}
