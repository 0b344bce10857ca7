import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** The branches that the worker makes for sessions. */
const sessionBranch = "ref: refs/heads/one-horizon/";

/**
 * True when a folder lies in a worktree that was made for a session: below the worktrees' default root, or on a session's
 * branch. What stands there was written by a coding tool.
 * @param folder real path.
 */
export async function liesInSessionWorktree(folder: string, homeDirectory: string): Promise<boolean> {
  const root = join(homeDirectory, ".one", "worktrees");
  const way = relative(await realpath(root).catch(() => root), folder);
  if (way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return true;
  for (let place = folder; ; place = dirname(place)) {
    const head = await headOf(join(place, ".git"), place);
    if (head !== undefined) return head.startsWith(sessionBranch);
    if (dirname(place) === place) return false;
  }
}

/** What a linked worktree has checked out; empty for a repository of its own, undefined where there is no git entry. */
async function headOf(entry: string, place: string): Promise<string | undefined> {
  try {
    // A session's worktree has a file there; in a whole repository the person chose the branch.
    if ((await stat(entry)).isDirectory()) return "";
    const [, administration] = /^gitdir: (.+)$/m.exec(await readFile(entry, "utf8")) ?? [];
    if (administration === undefined) return "";
    return await readFile(join(resolve(place, administration), "HEAD"), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return undefined;
    }
    throw error;
  }
}
