import { WorktreeError } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import { lookCall, safeDiff, untrackedPaths } from "./diffStat";
import type { GitClient } from "./gitClient";

const largestFile = 5 * 1024 * 1024;

export interface ChangedFile {
  /** Relative to the checkout, with forward slashes. */
  readonly path: string;
  readonly status: "added" | "modified" | "deleted";
}

/** What differs between the base commit and the files as they are, by path. Safe in a tree that a tool has written. */
export async function listChangedFiles(
  git: GitClient,
  checkout: TrustedCheckout,
  baseCommit: string,
  signal: AbortSignal,
): Promise<ChangedFile[]> {
  const args = ["diff", "--name-status", "-z", ...safeDiff, baseCommit, "--"];
  const tracked = parseNameStatus(await git.run(args, await lookCall(git, checkout, signal)));
  const untracked = await untrackedPaths(git, checkout, signal);
  const added = untracked.map((path): ChangedFile => ({ path, status: "added" }));
  return [...tracked, ...added].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Reads `--name-status -z --no-renames`: status and path take turns. */
export function parseNameStatus(output: string): ChangedFile[] {
  const fields = output.split("\0");
  const files: ChangedFile[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const path = fields[index + 1] ?? "";
    const letter = fields[index]?.charAt(0);
    files.push({ path, status: letter === "A" ? "added" : letter === "D" ? "deleted" : "modified" });
  }
  return files;
}

/**
 * A file's text at a commit, undefined when it is not there. Throws WorktreeError `failed` for files above 5 MiB and
 * for what is not a full commit id.
 */
export async function readFileAt(
  git: GitClient,
  checkout: TrustedCheckout,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new WorktreeError("failed", `${commit} is not a commit id.`);
  if (path.startsWith("/") || path.split("/").includes("..")) return undefined;
  const call = { cwd: checkout.commonDir, gitDir: checkout.commonDir, signal };
  const listed = await git.run(["ls-tree", "-l", "-z", "--full-tree", commit, "--", path], call);
  const entry = /^\d+ blob ([0-9a-f]+) +(\d+)\t([^\0]*)\0$/.exec(listed);
  if (entry?.[3] !== path) return undefined;
  if (Number(entry[2]) > largestFile) {
    throw new WorktreeError(
      "failed",
      `${path} is larger than 5 MiB and is not shown. Look at it with git in a terminal.`,
    );
  }
  return await git.run(["cat-file", "blob", entry[1] ?? ""], call);
}
