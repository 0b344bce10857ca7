import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

const content = `# A note from the scripted coding tool

The scripted coding tool of the One Horizon sandbox wrote this file. It is no model:
it follows a fixed script and does not read the session's text.
`;

/** A file that the tool has written. */
export interface Note {
  readonly path: string;
  readonly relative: string;
  readonly content: string;
}

const branchLine = (branch: string): string => `\nWritten for the branch ${branch}.\n`;

/** How many notes of this tool the folder has; where a branch is named, only those that were written for it. */
export function readNotes(folder: string, branch: string | undefined): number {
  const notes = join(folder, "notes");
  const isThere = lstatSync(notes, { throwIfNoEntry: false })?.isDirectory() === true;
  const files = isThere ? readdirSync(notes, { withFileTypes: true }).filter((one) => one.isFile()) : [];
  const wanted = branch === undefined ? content : branchLine(branch);
  return files.filter((one) => readFileSync(join(notes, one.name), "utf8").includes(wanted)).length;
}

/**
 * Adds one small file to the folder, named by the turn. Throws where `notes` leads somewhere else or the file is there:
 * a repository's own links must not move what is written.
 */
export function writeNote(folder: string, turnId: string, branch: string | undefined): Note {
  const name = `${createHash("sha256").update(turnId).digest("hex").slice(0, 8)}.md`;
  const notes = join(folder, "notes");
  mkdirSync(notes, { recursive: true });
  if (!lstatSync(notes).isDirectory()) {
    throw new Error("The folder notes leads out of the working directory.");
  }
  const path = join(notes, name);
  const text = branch === undefined ? content : `${content}${branchLine(branch)}`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  // Windows has no O_NOFOLLOW; O_EXCL alone refuses a link there.
  const handle = openSync(
    path,
    O_WRONLY | O_CREAT | O_EXCL | (process.platform === "win32" ? 0 : O_NOFOLLOW),
    0o644,
  );
  try {
    writeSync(handle, text);
  } finally {
    closeSync(handle);
  }
  return { path, relative: `notes/${name}`, content: text };
}
