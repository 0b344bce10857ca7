import { asWritten } from "../base/words";
import type { ChangedFile, ReviewPlace } from "../core/ports/review";
import { WorktreeError } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import type { GitCall, GitClient } from "./gitClient";
import { linesOf, rawOfText, shownPath, unquoted } from "./rawPath";
import { withReviewIndex, type ReviewJob } from "./reviewIndex";

const largestFile = 5 * 1024 * 1024;

/**
 * No program that a config or an attribute names, no look into submodules; what was moved counts as one file. `git diff` and not
 * `git diff-index`, which also tells files that only look changed.
 */
export const reviewDiff = [
  "--no-ext-diff",
  "--no-textconv",
  "--ignore-submodules=all",
  "--no-color",
  "--no-relative",
  "-M",
] as const;

/** What differs between the base commit and the files as they are, by path. Safe in a tree that a tool has written. */
export async function listChangedFiles(
  job: ReviewJob,
  checkout: TrustedCheckout,
  { baseCommit }: Pick<ReviewPlace, "baseCommit">,
): Promise<ChangedFile[]> {
  requireCommitId(baseCommit);
  const args = ["diff", "--name-status", ...reviewDiff, baseCommit, "--"];
  const output = await withReviewIndex(job, checkout, baseCommit, (call) => job.git.run(args, call));
  return parseNameStatus(output).sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Reads `--name-status` with core.quotePath: a letter, a tab, the path, and for a rename a tab and the new path. */
export function parseNameStatus(output: string): ChangedFile[] {
  return linesOf(output).flatMap((line): ChangedFile[] => {
    const [letters = "", first = "", second] = line.split("\t");
    const named = (shown: string): { path: string; rawPath: string } => {
      const rawPath = unquoted(shown);
      return { path: shownPath(rawPath), rawPath };
    };
    const letter = letters.charAt(0);
    if (second !== undefined) return [{ ...named(second), status: "renamed", from: named(first) }];
    const status = letter === "A" ? "added" : letter === "D" ? "deleted" : "modified";
    return [{ ...named(first), status }];
  });
}

/** A commit id reaches command lines, so nothing else may look like one. */
export function requireCommitId(commit: string): void {
  if (/^[0-9a-f]{40,64}$/.test(commit)) return;
  throw new WorktreeError("failed", asWritten("{0} is not a commit id.", commit));
}

/** Relative, and leads nowhere else. */
export function isInside(rawPath: string): boolean {
  const parts = rawPath.split("/");
  return rawPath !== "" && !rawPath.includes("\0") && !parts.some((part) => ["", ".", ".."].includes(part));
}

/**
 * A file's bytes at a commit, undefined when it is not there. Throws WorktreeError `tooLarge` for files above 5 MiB and
 * `failed` for what is not a full commit id.
 */
export async function readFileAt(
  git: GitClient,
  checkout: TrustedCheckout,
  commit: string,
  rawPath: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  requireCommitId(commit);
  if (!isInside(rawPath)) return undefined;
  const call = {
    cwd: checkout.commonDir,
    gitDir: checkout.commonDir,
    signal,
    config: ["core.quotePath=true"],
  };
  const entry = await entryAt(git, commit, rawPath, call);
  if (entry === undefined) return undefined;
  if (entry.size > largestFile) throw tooLargeToShow(shownPath(rawPath));
  return await git.runBytes(["cat-file", "blob", entry.id], call);
}

export function tooLargeToShow(path: string): WorktreeError {
  return new WorktreeError(
    "tooLarge",
    asWritten("{0} is larger than 5 MiB and is not shown. Look at it with git in a terminal.", path),
  );
}

interface TreeFile {
  readonly id: string;
  readonly size: number;
}

/** The file of a commit's tree; undefined where there is none, also where a folder or a submodule has the name. */
async function entryAt(
  git: GitClient,
  commit: string,
  rawPath: string,
  call: GitCall,
): Promise<TreeFile | undefined> {
  const text = shownPath(rawPath);
  // A name that is no UTF-8 cannot be an argument.
  const path = rawOfText(text) === rawPath ? ["--", text] : ["-r"];
  for (const line of linesOf(await git.run(["ls-tree", "-l", "--full-tree", commit, ...path], call))) {
    const [, id, size, shown] = /^\d+ blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line) ?? [];
    if (id === undefined || shown === undefined || unquoted(shown) !== rawPath) continue;
    return { id, size: Number(size) };
  }
  return undefined;
}
