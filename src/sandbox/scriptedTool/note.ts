import { createHash } from "node:crypto";
import { constants, lstatSync, mkdirSync, openSync, closeSync, writeSync } from "node:fs";
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

/**
 * Adds one small file to the folder, named by the turn. Throws where `notes` leads somewhere else or the file is there:
 * a repository's own links must not move what is written.
 */
export function writeNote(folder: string, turnId: string): Note {
  const name = `${createHash("sha256").update(turnId).digest("hex").slice(0, 8)}.md`;
  const notes = join(folder, "notes");
  mkdirSync(notes, { recursive: true });
  if (!lstatSync(notes).isDirectory()) {
    throw new Error("The folder notes leads out of the working directory.");
  }
  const path = join(notes, name);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  // Windows has no O_NOFOLLOW; O_EXCL alone refuses a link there.
  const handle = openSync(
    path,
    O_WRONLY | O_CREAT | O_EXCL | (process.platform === "win32" ? 0 : O_NOFOLLOW),
    0o644,
  );
  try {
    writeSync(handle, content);
  } finally {
    closeSync(handle);
  }
  return { path, relative: `notes/${name}`, content };
}
