import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { GitCall, GitClient } from "./gitClient";
import { linesOf, rawOfText } from "./rawPath";
import { isMissing } from "./worktreeFolder";

const largestStateFile = 64 * 1024 * 1024;
const largestLog = 16 * 1024 * 1024;

/** Parts of a worktree's git directory that hold no state of its own work. */
const notState = new Set([
  "modules",
  "objects",
  "gitdir",
  "commondir",
  "hooks",
  "fsmonitor--daemon",
  "locked",
]);

const unfinishedSigns = {
  MERGE_HEAD: "merge",
  CHERRY_PICK_HEAD: "cherry-pick",
  REVERT_HEAD: "revert",
  "rebase-merge": "rebase",
  "rebase-apply": "rebase",
  BISECT_LOG: "bisect",
} as const;

/** What is half done in a checkout with this git directory, if anything. */
export async function unfinishedWork(gitDir: string): Promise<string | undefined> {
  for (const [name, what] of Object.entries(unfinishedSigns)) {
    try {
      await lstat(join(gitDir, name));
      return what;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return undefined;
}

/** The files that make up the state of a checkout: index, HEAD, a merge or rebase under way. Relative, raw. */
export async function stateFiles(gitDir: string): Promise<string[]> {
  const found: string[] = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await readdir(join(gitDir, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (notState.has(path) || path.endsWith(".lock")) continue;
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile()) found.push(path);
    }
  }
  for (const path of found) {
    if ((await lstat(join(gitDir, path))).size > largestStateFile) {
      throw new WorktreeError(
        "tooLarge",
        asWritten(
          "{0} is larger than a snapshot may hold. Nothing was removed. Look at it, then try again.",
          join(gitDir, path),
        ),
      );
    }
  }
  return found.sort();
}

/**
 * Commits that only this checkout's git directory leads to: its reflog, a rebase's notes, heads that were left. Those
 * that `kept` (revisions such as `--branches`) reach are left out, and those that another one of them reaches.
 */
export async function loneCommits(
  git: GitClient,
  gitDir: string,
  more: readonly string[],
  kept: readonly string[],
  call: GitCall,
): Promise<string[]> {
  const named = new Set([...more, ...(await idsIn(gitDir))]);
  const commits = await onlyCommits(git, [...named], call);
  if (commits.length === 0) return [];
  const input = `${commits.join("\n")}\n`;
  const limitMs = git.limits.treeMs;
  const args = ["rev-list", "--stdin", "--not", ...kept, "--"];
  const lone = new Set(linesOf(await git.run(args, { ...call, input, limitMs })));
  const tips = commits.filter((id) => lone.has(id));
  if (tips.length < 2) return tips;
  return linesOf(await git.run(["merge-base", "--independent", ...tips], { ...call, limitMs }));
}

/** Every object id that a small text file of the git directory spells out. */
async function idsIn(gitDir: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const path of await stateFiles(gitDir)) {
    const name = basename(path);
    // What was fetched is others' work, and they still have it.
    if (name === "index" || name === "FETCH_HEAD" || name.startsWith("sharedindex.")) continue;
    const file = join(gitDir, path);
    if ((await lstat(file)).size > largestLog) continue;
    for (const match of (await readText(file)).matchAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g)) {
      ids.add(match[0]);
    }
  }
  return ids;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "latin1");
  } catch (error) {
    if (isMissing(error)) return "";
    throw new WorktreeError(
      "failed",
      asWritten(
        "{0} cannot be read ({1}). Nothing was removed. Make it readable and try again.",
        file,
        messageOf(error),
      ),
      error,
    );
  }
}

async function onlyCommits(git: GitClient, ids: readonly string[], call: GitCall): Promise<string[]> {
  if (ids.length === 0) return [];
  const args = ["cat-file", "--batch-check=%(objectname) %(objecttype)"];
  const output = await git.run(args, { ...call, input: `${ids.join("\n")}\n` });
  return linesOf(output).flatMap((line) =>
    line.endsWith(" commit") ? [line.slice(0, line.indexOf(" "))] : [],
  );
}

/** Raw absolute paths of state files. */
export function sourcesOf(gitDir: string, files: readonly string[]): string[] {
  return files.map((path) => rawOfText(join(gitDir, path)));
}
