import { lstat, readdir } from "node:fs/promises";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { bytesOf, rawOf, rawOfText, shownPath } from "./rawPath";
import { isMissing } from "./worktreeFolder";

export interface FoundEntry {
  /** "other" is what git cannot hold: a pipe, a socket, a device. */
  readonly kind: "file" | "link" | "other";
  readonly executable: boolean;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly changedAt: number;
  /** Differs as soon as somebody writes the file. */
  readonly mark: string;
}

const mostEntries = 2_000_000;

/**
 * Everything below `root`, by raw path with forward slashes, but for the `.git` at its top and what is below a folder
 * that `skip` names. Links are not followed. Throws WorktreeError `failed` when a folder cannot be read.
 */
export async function walkTree(
  root: string,
  skip: (folder: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<Map<string, FoundEntry>> {
  const found = new Map<string, FoundEntry>();
  const top = rawOfText(root);
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    signal.throwIfAborted();
    if (found.size > mostEntries) throw unreadable(root, asWritten("it has too many files"));
    for (const name of await namesIn(folder === "" ? top : `${top}/${folder}`)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (path === ".git") continue;
      const entry = await look(bytesOf(`${top}/${path}`));
      if (entry !== "folder") {
        if (entry !== undefined) found.set(path, entry);
      } else if (!(await skip(path))) waiting.push(path);
    }
  }
  return found;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(bytesOf(folder), { encoding: "buffer" })).map(rawOf);
  } catch (error) {
    throw unreadable(shownPath(folder), messageOf(error));
  }
}

async function look(path: Buffer): Promise<FoundEntry | "folder" | undefined> {
  try {
    const found = await lstat(path);
    if (found.isDirectory()) return "folder";
    return {
      kind: found.isFile() ? "file" : found.isSymbolicLink() ? "link" : "other",
      executable: (found.mode & 0o100) !== 0,
      sizeBytes: found.size,
      changedAt: found.mtimeMs,
      mark: [found.ino, found.size, found.mtimeMs, found.ctimeMs, found.mode].join(" "),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function unreadable(folder: string, why: string): WorktreeError {
  return new WorktreeError(
    "failed",
    asWritten(
      "{0} cannot be read to its end ({1}), so it is not known what would be lost. It was left as it is. Make it readable and try again.",
      folder,
      why,
    ),
  );
}
