import { createHash } from "node:crypto";

const slugLength = 24;
const keyHashDigits = 20;
const folderHashDigits = 16;

/** Lower-case ASCII letters and digits with single dashes between; empty when nothing is left. */
function slug(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, slugLength)
    .replace(/^-+|-+$/g, "");
}

function digest(text: string, digits: number): string {
  return createHash("sha256").update(text, "utf8").digest("hex").slice(0, digits);
}

function named(name: string, hash: string): string {
  return name === "" ? hash : `${name}-${hash}`;
}

/**
 * The name of a session in branches and folders: what is readable of its id, then 80 bits of its hash, so that ids
 * that look alike, or differ in case only, never share a branch.
 */
export function sessionKey(sessionId: string): string {
  return named(slug(sessionId), digest(sessionId, keyHashDigits));
}

/** The folder of a run's worktree: the next session of the run on this branch works in the same one. */
export function runKey(branch: string): string {
  return named(slug(`run ${branch}`), digest(`run\0${branch}`, keyHashDigits));
}

/** The folder of a checkout that a session only reads in. */
export function readerKey(sessionId: string): string {
  return named(slug(`read ${sessionId}`), digest(`read\0${sessionId}`, keyHashDigits));
}

/** The branch a session works on. */
export function sessionBranch(sessionId: string): string {
  return `one-horizon/${sessionKey(sessionId)}`;
}

/**
 * The folder that holds all worktrees of one repository. Its 64 bits of hash are also what proves later, without any
 * memory, that a worktree's `.git` file still leads to the repository it was made from.
 */
export function repositoryFolderName(name: string, commonDir: string): string {
  return named(slug(name), digest(commonDir, folderHashDigits));
}

/** Does a folder of this name belong to the repository with this common directory? */
export function isFolderOf(folderName: string, commonDir: string): boolean {
  const hash = digest(commonDir, folderHashDigits);
  return folderName === hash || folderName.endsWith(`-${hash}`);
}

/** Do these last two folder names of a path look like the layout of session worktrees? */
export function looksLikeSessionFolder(repositoryFolder: string, sessionFolder: string): boolean {
  return /(^|-)[0-9a-f]{16}$/.test(repositoryFolder) && /(^|-)[0-9a-f]{20}$/.test(sessionFolder);
}
