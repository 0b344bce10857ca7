import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { GitCall, GitClient } from "./gitClient";
import { linesOf, quoted } from "./rawPath";

/** Writes each file's bytes as a blob; the ids in the same order. */
export async function storeBlobs(
  git: GitClient,
  sources: readonly string[],
  call: GitCall,
): Promise<string[]> {
  return await idsOf(git, ["-w"], sources, call);
}

/** The ids that git gives the bytes of files, which are stored nowhere; in the same order. */
export async function hashFiles(
  git: GitClient,
  sources: readonly string[],
  call: GitCall,
): Promise<string[]> {
  return await idsOf(git, [], sources, call);
}

async function idsOf(
  git: GitClient,
  options: readonly string[],
  sources: readonly string[],
  call: GitCall,
): Promise<string[]> {
  if (sources.length === 0) return [];
  const args = ["hash-object", ...options, "--no-filters", "--stdin-paths"];
  const input = `${sources.map(quoted).join("\n")}\n`;
  const ids = linesOf(await git.run(args, { ...call, input, limitMs: git.limits.treeMs }));
  if (ids.length === sources.length) return ids;
  throw new WorktreeError(
    "failed",
    asWritten(
      "Git stored fewer files than it was given. Nothing was removed. Try again, and run git fsck if it stays.",
    ),
  );
}
