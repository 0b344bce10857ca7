import { cp, lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join, sep } from "node:path";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";

/** How far a scan goes before it gives up, which fails the commit: an unfinished scan proves nothing. */
export interface ScanLimits {
  readonly entries: number;
  readonly milliseconds: number;
}

const defaultScanLimits: ScanLimits = { entries: 3_000_000, milliseconds: 120_000 };

/** Paths as bytes: a name that is not UTF-8 must not hide what lies below it. */
const separator = Buffer.from(sep);

/**
 * Every entry below `root`, but for the one at its top, that git on some system would take for a `.git`. Symbolic links
 * are not followed, what is found is not entered. Throws WorktreeError `failed` or `timeout` when the tree cannot be
 * read to its end.
 */
export async function findGitEntries(
  root: string,
  signal: AbortSignal,
  limits: ScanLimits = defaultScanLimits,
): Promise<Buffer[]> {
  const found: Buffer[] = [];
  const top = Buffer.from(root);
  const waiting = [top];
  const deadline = AbortSignal.timeout(limits.milliseconds);
  let left = limits.entries;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    signal.throwIfAborted();
    if (deadline.aborted || left < 0) throw tooLarge(root);
    for (const entry of await entriesOf(folder)) {
      left--;
      const path = Buffer.concat([folder, separator, entry.name]);
      if (isGitName(entry.name.toString("utf8"))) {
        if (folder !== top || entry.name.toString("utf8") !== ".git") found.push(path);
      } else if (entry.isDirectory()) waiting.push(path);
    }
  }
  return found;
}

/**
 * `.git` as some file system or git itself reads it: any case, blanks and dots at its end, the short name of FAT,
 * characters that HFS+ leaves out.
 */
export function isGitName(name: string): boolean {
  const plain = name.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, "").toLowerCase();
  return /^(\.git|git~1)[ .]*(:.*)?$/.test(plain);
}

async function entriesOf(folder: Buffer): Promise<{ name: Buffer; isDirectory(): boolean }[]> {
  try {
    return await readdir(folder, { encoding: "buffer", withFileTypes: true });
  } catch (error) {
    throw new WorktreeError(
      "failed",
      asWritten(
        "The folder {0} could not be read ({1}), so it is not known whether git may touch the tree. Nothing was committed, the files are kept. Make it readable and commit by hand.",
        folder.toString("utf8"),
        messageOf(error),
      ),
      error,
    );
  }
}

/** Moves found entries out of the tree. Returns sentences that say where each one is now. */
export async function quarantineEntries(found: readonly Buffer[], quarantine: string): Promise<string[]> {
  await mkdir(quarantine, { recursive: true, mode: 0o700 });
  const sentences: string[] = [];
  for (const path of found) {
    const from = path.toString("utf8");
    const to = await freePlace(quarantine);
    try {
      await move(path, to);
      sentences.push(asWritten("{0} was moved to {1}.", from, to));
    } catch (error) {
      sentences.push(asWritten("{0} could not be moved ({1}) and is still there.", from, messageOf(error)));
    }
  }
  return sentences;
}

async function freePlace(quarantine: string): Promise<string> {
  for (let number = 1; ; number++) {
    const place = join(quarantine, `git-entry-${number}`);
    try {
      await lstat(place);
    } catch {
      return place;
    }
  }
}

async function move(from: Buffer, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
    const source = from.toString("utf8");
    await cp(source, to, { recursive: true, verbatimSymlinks: true, errorOnExist: true, force: false });
    await rm(source, { recursive: true });
  }
}

function tooLarge(root: string): WorktreeError {
  return new WorktreeError(
    "timeout",
    asWritten(
      "The worktree {0} has too many files to look through, so it is not known whether git may touch it. Nothing was committed, the files are kept. Commit by hand.",
      root,
    ),
  );
}
