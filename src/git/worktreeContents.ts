import { join } from "node:path";
import type { TrustedCheckout } from "./checkoutTrust";
import { copiesIn } from "./copiedGuard";
import { treeCall } from "./diffStat";
import type { GitCall, GitClient } from "./gitClient";
import { linesOf, shownPath, unquoted } from "./rawPath";
import { isOwnSubmodule } from "./treeGuard";
import { walkTree, type FoundEntry } from "./treeWalk";

interface IndexEntry {
  readonly mode: string;
  readonly id: string;
}

interface ConflictEntry extends IndexEntry {
  readonly path: string;
  readonly stage: string;
}

/** What a worktree holds, told apart by what git knows of it. All paths are raw. */
export interface Contents {
  /** Everything on the disk, but for what belongs to submodules. */
  readonly found: ReadonlyMap<string, FoundEntry>;
  readonly index: ReadonlyMap<string, IndexEntry>;
  readonly conflicts: readonly ConflictEntry[];
  /** In the index, and different on the disk, as git sees it. */
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
  readonly untracked: readonly string[];
  readonly ignored: readonly string[];
  /** Submodules that are checked out, by path. */
  readonly submodules: readonly string[];
}

/** The git call that reads a checkout through the given index file, with every filter off. */
export function quietCall(
  checkout: TrustedCheckout,
  filtersOff: readonly string[],
  signal: AbortSignal,
  indexFile?: string,
): GitCall {
  return {
    ...treeCall(checkout, signal),
    config: filtersOff,
    ...(indexFile === undefined ? {} : { environment: { GIT_INDEX_FILE: indexFile } }),
  };
}

/**
 * Compares disk and index. Git is asked for what it ignores and what it takes for changed; whatever else lies on the
 * disk counts as untracked, so that what git does not see is never taken for nothing.
 */
export async function readContents(
  git: GitClient,
  checkout: TrustedCheckout,
  call: GitCall,
): Promise<Contents> {
  const limitMs = git.limits.treeMs;
  const listed = await git.run(["ls-files", "--stage", "-v"], { ...call, limitMs });
  const { index, conflicts, unwatched } = parseIndex(listed);
  const links = new Set(
    [...index].flatMap(([path, one]) => (one.mode === "160000" ? [shownPath(path)] : [])),
  );
  const submodules: string[] = [];
  const found = await walkTree(
    checkout.path,
    async (folder) => {
      const text = shownPath(folder);
      if (!links.has(text)) return false;
      const own = await isOwnSubmodule(checkout, join(checkout.path, text, ".git"), links);
      if (own) submodules.push(folder);
      return own;
    },
    call.signal,
  );
  const differing = new Set([...unwatched, ...(await differingPaths(git, { ...call, limitMs }))]);
  const known = new Set([...index.keys(), ...conflicts.map((one) => one.path)]);
  const isIgnored = ignoredTest(
    await git.run(["ls-files", "--others", "--ignored", "--exclude-standard"], { ...call, limitMs }),
  );
  const { copies, unchanged } = await copiesIn(git, checkout, found, call);
  // A copy that is as it came is no work. One that was changed is kept where ignored files are.
  const others = [...found.keys()].filter((path) => !known.has(path) && !unchanged.has(path));
  const leftOut = (path: string): boolean => copies.has(path) || isIgnored(path);
  return {
    found,
    index,
    conflicts,
    submodules,
    changed: [...differing].filter((path) => found.has(path)),
    deleted: [...known].filter((path) => !found.has(path) && differing.has(path) && !unwatched.has(path)),
    untracked: others.filter((path) => !leftOut(path)),
    ignored: others.filter(leftOut),
  };
}

async function differingPaths(git: GitClient, call: GitCall): Promise<string[]> {
  const args = ["diff-files", "--name-status", "--no-renames", "--no-ext-diff", "--ignore-submodules=all"];
  return linesOf(await git.run(args, call)).map((line) => unquoted(line.slice(line.indexOf("\t") + 1)));
}

/** Reads `ls-files --stage -v`: a letter, mode, id and stage, a tab, the path. */
function parseIndex(output: string): {
  readonly index: Map<string, IndexEntry>;
  readonly conflicts: ConflictEntry[];
  /** Entries that git was told not to look at (assume-unchanged, skip-worktree): they are compared by their bytes. */
  readonly unwatched: Set<string>;
} {
  const index = new Map<string, IndexEntry>();
  const conflicts: ConflictEntry[] = [];
  const unwatched = new Set<string>();
  for (const line of linesOf(output)) {
    const [, tag, mode, id, stage, shown] = /^(\S) (\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(line) ?? [];
    if (tag === undefined || mode === undefined || id === undefined || shown === undefined) continue;
    const path = unquoted(shown);
    if (stage === "0") index.set(path, { mode, id });
    else conflicts.push({ path, mode, id, stage: stage ?? "" });
    if (tag === "S" || tag !== tag.toUpperCase()) unwatched.add(path);
  }
  return { index, conflicts, unwatched };
}

/** A repository inside an ignored folder is listed as that folder, with a slash at its end. */
function ignoredTest(output: string): (path: string) => boolean {
  const listed = new Set(linesOf(output).map(unquoted));
  return (path) => {
    if (listed.has(path)) return true;
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      if (listed.has(path.slice(0, slash + 1))) return true;
    }
    return false;
  };
}
