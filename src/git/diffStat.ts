import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import type { DiffStat } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import { readCopied } from "./copiedNote";
import type { GitCall, GitClient } from "./gitClient";
import { shownPath } from "./rawPath";
import { filtersOff, treeFilters } from "./treeFilters";

/** No program that a config or an attribute names, no look into submodules. */
export const safeDiff = [
  "--no-ext-diff",
  "--no-textconv",
  "--ignore-submodules=all",
  "--no-renames",
] as const;

/** How much of the untracked files is read for their line count; what is past it counts as a file without lines. */
const untrackedFiles = 2_000;
const bytesPerFile = 4 * 1024 * 1024;
const bytesInAll = 64 * 1024 * 1024;

/** Not every system has every flag. */
const knownFlags: Readonly<Record<string, number>> = constants;

/** A file may turn into a link or a pipe between the look and the opening: follow none, wait for none. */
const noFollow = ["O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK"].reduce(
  (flags, name) => flags | (knownFlags[name] ?? 0),
  0,
);

/** The git call that reads a checkout's own tree; nothing in the tree decides which repository it is. */
export function treeCall(checkout: TrustedCheckout, signal: AbortSignal): GitCall {
  return { cwd: checkout.path, gitDir: checkout.gitDir, workTree: checkout.path, signal };
}

/** As `treeCall`, for comparing files with what git has: runs no filter that may be the tool's own. */
export async function lookCall(
  git: GitClient,
  checkout: TrustedCheckout,
  signal: AbortSignal,
): Promise<GitCall> {
  const config = filtersOff(await treeFilters(git, checkout, signal));
  return { ...treeCall(checkout, signal), config };
}

/**
 * Lines between the base commit and the files as they are. Untracked files are counted here instead of by a temporary
 * index: `git add`, even with -N, steps into nested repositories and runs filters, and this is called while the tool
 * still writes. Binary files count as no lines.
 */
export async function workingTreeStat(
  git: GitClient,
  checkout: TrustedCheckout,
  baseCommit: string,
  signal: AbortSignal,
): Promise<DiffStat> {
  const call = await lookCall(git, checkout, signal);
  const tracked = parseNumstat(
    await git.run(["diff", "--numstat", "-z", ...safeDiff, baseCommit, "--"], call),
  );
  const untracked = await untrackedPaths(git, checkout, signal);
  let left = bytesInAll;
  let added = tracked.added;
  for (const path of untracked.slice(0, untrackedFiles)) {
    signal.throwIfAborted();
    const counted = await countLines(join(checkout.path, path), Math.min(left, bytesPerFile));
    left -= counted.bytes;
    added += counted.lines;
  }
  return { files: tracked.files + untracked.length, added, deleted: tracked.deleted };
}

/** Lines between two commits. */
export async function commitStat(
  git: GitClient,
  checkout: TrustedCheckout,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<DiffStat> {
  const args = ["diff", "--numstat", "-z", ...safeDiff, from, to, "--"];
  return parseNumstat(await git.run(args, { cwd: checkout.commonDir, gitDir: checkout.commonDir, signal }));
}

/** Files that git neither tracks nor ignores and that were not copied here; a nested repository is one entry with a slash at its end. */
export async function untrackedPaths(
  git: GitClient,
  checkout: TrustedCheckout,
  signal: AbortSignal,
): Promise<string[]> {
  const output = await git.run(
    ["ls-files", "--others", "--exclude-standard", "-z"],
    treeCall(checkout, signal),
  );
  const copied = new Set((await readCopied(checkout.gitDir))?.files.map(({ path }) => shownPath(path)));
  return output.split("\0").filter((path) => path !== "" && !copied.has(path));
}

/** Reads `--numstat -z`; a dash stands for a binary file. */
export function parseNumstat(output: string): DiffStat {
  let files = 0;
  let added = 0;
  let deleted = 0;
  for (const record of output.split("\0")) {
    const match = /^(\d+|-)\t(\d+|-)\t/.exec(record);
    if (match === null) continue;
    files++;
    added += Number(match[1]?.replace("-", "0"));
    deleted += Number(match[2]?.replace("-", "0"));
  }
  return { files, added, deleted };
}

/** A symbolic link is one line, as in git; it is not followed. */
async function countLines(path: string, limit: number): Promise<{ lines: number; bytes: number }> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return { lines: 1, bytes: 0 };
    if (!found.isFile() || found.size > limit) return { lines: 0, bytes: 0 };
    const bytes = await readUpTo(path, found.size);
    if (bytes.subarray(0, 8_000).includes(0)) return { lines: 0, bytes: bytes.length };
    let lines = bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0;
    for (const byte of bytes) if (byte === 10) lines++;
    return { lines, bytes: bytes.length };
  } catch {
    // The tool still works here: a file that is gone or locked by now has no lines to show.
    return { lines: 0, bytes: 0 };
  }
}

async function readUpTo(path: string, size: number): Promise<Buffer> {
  const file = await open(path, noFollow);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
