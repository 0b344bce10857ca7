import { lstat, mkdir, readdir, realpath } from "node:fs/promises";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { mainFolder, type Repository } from "./repository";
import { repositoryFolderName } from "./sessionKey";

/** True when `path` is `folder` or lies in it; both real or both resolved. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/**
 * The folder of a worktree: `<root>/<repository>-<hash>/<key>`. Makes its parents, checks that none
 * of them leads out of the root by a symbolic link and that the root is outside the repository. Throws WorktreeError
 * `unsafePath`.
 */
export async function worktreeFolder(root: string, repository: Repository, key: string): Promise<string> {
  if (!isAbsolute(root) || hasControlCharacter(root)) {
    throw unsafe(
      asWritten(
        "The worktree root {0} must be an absolute path without control characters.",
        JSON.stringify(root),
      ),
    );
  }
  refuseInside(resolve(root), repository);
  await makeFolder(root);
  const realRoot = await realpath(root);
  refuseInside(realRoot, repository);
  const name = repositoryFolderName(basename(mainFolder(repository.commonDir)), repository.commonDir);
  const parent = join(realRoot, name);
  await makeFolder(parent);
  await refuseLink(parent);
  const path = join(parent, key);
  await refuseLink(path);
  if (!isWithin(realRoot, await realpath(parent))) {
    throw unsafe(asWritten("{0} leads out of {1}.", parent, realRoot));
  }
  return path;
}

/** Node calls every failure of a recursive call ENOENT where the disk is read-only; the plain call says what it is. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(path, { mode: 0o700 });
  }
}

/** What stands at the path of a worktree that is to be made. */
export async function whatIsAt(path: string): Promise<"nothing" | "emptyFolder" | "something"> {
  try {
    const found = await lstat(path);
    return found.isDirectory() && (await readdir(path)).length === 0 ? "emptyFolder" : "something";
  } catch (error) {
    if (isMissing(error)) return "nothing";
    throw error;
  }
}

/** Is this the error of a path that does not exist? */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function refuseInside(root: string, repository: Repository): void {
  for (const own of [repository.topLevel, repository.commonDir, mainFolder(repository.commonDir)]) {
    if (isWithin(own, root)) {
      throw unsafe(
        asWritten(
          "The worktree root {0} lies inside the repository {1}; worktrees would show up in it.",
          root,
          own,
        ),
      );
    }
  }
}

async function refuseLink(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isSymbolicLink()) throw unsafe(asWritten("{0} is a symbolic link.", path));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function unsafe(what: string): WorktreeError {
  return new WorktreeError(
    "unsafePath",
    asWritten(
      "{0} No worktree was made. Set worktree.root in WORKFLOW.md to a folder outside the repository.",
      what,
    ),
  );
}
