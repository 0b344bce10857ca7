import { randomUUID } from "node:crypto";
import { readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { storeBlobs } from "./blobs";
import type { TrustedCheckout } from "./checkoutTrust";
import type { GitCall, GitClient } from "./gitClient";
import { isGitName } from "./hostileTree";
import { bytesOf, linesOf, quoted, rawOfText, shownPath, unquoted } from "./rawPath";
import type { FoundEntry } from "./treeWalk";
import type { Contents } from "./worktreeContents";

/** How much a snapshot may hold. What is past it is left in its worktree, which then is not removed. */
export interface SnapshotLimits {
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly files: number;
}

export const defaultSnapshotLimits: SnapshotLimits = {
  fileBytes: 1024 ** 3,
  totalBytes: 4 * 1024 ** 3,
  files: 200_000,
};

/** What a tree must hold once it is written: raw paths with the size of their bytes; undefined where git stored its own form. */
export type ExpectedFiles = ReadonlyMap<string, number | undefined>;

/** Throws WorktreeError `tooLarge` when the files do not fit into a snapshot. */
export function requireRoom(
  checkout: TrustedCheckout,
  contents: Contents,
  paths: readonly string[],
  limits: SnapshotLimits,
): void {
  let total = 0;
  for (const path of paths) {
    const size = contents.found.get(path)?.sizeBytes ?? 0;
    if (size > limits.fileBytes) {
      throw tooLarge(
        checkout.path,
        asWritten(
          "{0} has {1}, and one file may have {2}",
          shownPath(path),
          mebibytes(size),
          mebibytes(limits.fileBytes),
        ),
      );
    }
    total += size;
  }
  if (total > limits.totalBytes || paths.length > limits.files) {
    const most = asWritten(
      "at most {0} files with {1} are kept in a snapshot",
      limits.files,
      mebibytes(limits.totalBytes),
    );
    const unsaved =
      paths.length === 1
        ? asWritten("1 file with {0} is unsaved there, and {1}", mebibytes(total), most)
        : asWritten("{0} files with {1} are unsaved there, and {2}", paths.length, mebibytes(total), most);
    throw tooLarge(checkout.path, unsaved);
  }
}

/**
 * Puts the files as they are on the disk into the index of `call`: no filter, no line-end conversion, no program.
 * Returns what the index must hold of the disk then. `like` is any id of the repository.
 */
export async function addFiles(
  git: GitClient,
  checkout: TrustedCheckout,
  contents: Contents,
  paths: readonly string[],
  [scratch, like]: readonly [scratch: string, like: string],
  call: GitCall,
): Promise<ExpectedFiles> {
  const storable = paths.flatMap((path) => {
    const entry = contents.found.get(path);
    return entry === undefined || entry.kind === "other" ? [] : [{ path, entry }];
  });
  const sources: string[] = [];
  for (const { path, entry } of storable) sources.push(await sourceOf(checkout, path, entry, scratch));
  const ids = await storeBlobs(git, sources, call);
  const names = storedNames(contents, storable);
  const gone = new Set([...contents.deleted, ...contents.conflicts.map((one) => one.path)]);
  const lines = [...gone].map((path) => dropLine(like, path));
  const expected = new Map<string, number | undefined>();
  for (const [at, { path, entry }] of storable.entries()) {
    const name = names.get(path) ?? path;
    lines.push(`${modeOf(entry, contents.index.get(path)?.mode)} ${ids[at] ?? ""}\t${quoted(name)}`);
    expected.set(name, entry.sizeBytes);
  }
  for (const path of contents.index.keys()) {
    if (contents.found.has(path) && !expected.has(path)) expected.set(path, undefined);
  }
  await writeIndex(git, lines, call);
  return expected;
}

/** Lines for `update-index --index-info`; removals come before what takes their place. */
export async function writeIndex(git: GitClient, lines: readonly string[], call: GitCall): Promise<void> {
  if (lines.length === 0) return;
  const args = ["update-index", "--replace", "--index-info"];
  await git.run(args, { ...call, input: `${lines.join("\n")}\n`, limitMs: git.limits.treeMs });
}

/** Takes a path out of the index, in all its stages. `like` is any id of the repository: ids differ in length. */
export function dropLine(like: string, path: string): string {
  return `0 ${"0".repeat(like.length)}\t${quoted(path)}`;
}

/** Throws WorktreeError unless the commit's tree holds every file, each with the size it has on the disk. */
export async function verifyTree(
  git: GitClient,
  commit: string,
  expected: ExpectedFiles,
  call: GitCall,
): Promise<void> {
  const args = ["ls-tree", "-r", "-l", "--full-tree", commit];
  const listed = new Map<string, string>();
  for (const line of linesOf(await git.run(args, { ...call, limitMs: git.limits.treeMs }))) {
    const [, size, shown] = /^\d+ \w+ [0-9a-f]+ +(\d+|-)\t(.*)$/s.exec(line) ?? [];
    if (size !== undefined && shown !== undefined) listed.set(unquoted(shown), size);
  }
  for (const [path, size] of expected) {
    const held = listed.get(path);
    if (held === undefined || (size !== undefined && held !== String(size))) {
      throw new WorktreeError(
        "failed",
        asWritten(
          "The snapshot does not hold {0} as it is on the disk. Nothing was removed. Make sure that nothing writes there, then try again.",
          shownPath(path),
        ),
      );
    }
  }
  // Reads every object that is not part of the repository's branches already.
  await git.run(["rev-list", "--objects", "--quiet", commit, "--not", "--branches", "--remotes", "--"], {
    ...call,
    limitMs: git.limits.treeMs,
  });
}

/** A link's own text stands for it: git would read what it leads to. */
async function sourceOf(
  checkout: TrustedCheckout,
  path: string,
  entry: FoundEntry,
  scratch: string,
): Promise<string> {
  const place = `${rawOfText(checkout.path)}/${path}`;
  if (entry.kind !== "link") return place;
  const copy = join(scratch, `link-${randomUUID()}`);
  await writeFile(copy, await readlink(bytesOf(place), { encoding: "buffer" }));
  return rawOfText(copy);
}

function modeOf(entry: FoundEntry, before: string | undefined): string {
  if (entry.kind === "link") return "120000";
  // Windows knows no executable bit.
  if (process.platform === "win32" && before?.startsWith("100") === true) return before;
  return entry.executable ? "100755" : "100644";
}

/**
 * Names that a tree may not hold get another one: a `.git` that a tool has made is kept as plain files in which git
 * sees no repository.
 */
function storedNames(
  contents: Contents,
  storable: readonly { readonly path: string; readonly entry: FoundEntry }[],
): Map<string, string> {
  const names = new Map<string, string>();
  for (const { path, entry } of storable) {
    const parts = path.split("/");
    const last = parts.length - 1;
    const barred = (part: string, at: number): boolean =>
      isGitName(shownPath(part)) || (entry.kind === "link" && at === last && /^\.gitmodules$/i.test(part));
    if (!parts.some(barred)) continue;
    for (let number = 1; !names.has(path); number++) {
      const mark = number === 1 ? "kept" : `kept${number}`;
      const name = parts.map((part, at) => (barred(part, at) ? `${mark}${part}` : part)).join("/");
      if (!contents.found.has(name)) names.set(path, name);
    }
  }
  return names;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(bytes < 1024 ** 2 ? 3 : 0)} MiB`;
}

function tooLarge(path: string, why: string): WorktreeError {
  return new WorktreeError(
    "tooLarge",
    asWritten(
      "The worktree {0} was not removed: {1}. Everything is left in place. Move the large files elsewhere, or delete them, and try again.",
      path,
      why,
    ),
  );
}
