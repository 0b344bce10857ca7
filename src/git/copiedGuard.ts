import { lstat } from "node:fs/promises";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { hashFiles } from "./blobs";
import type { TrustedCheckout } from "./checkoutTrust";
import { readCopied, type CopiedNote } from "./copiedNote";
import type { GitCall, GitClient } from "./gitClient";
import { bytesOf, linesOf, quoted, rawOfText, shownPath, unquoted } from "./rawPath";
import type { FoundEntry } from "./treeWalk";

/** Pathspecs for `git add` on its input, quoted; "" where nothing has to be kept out. */
export async function stagedPathspecs(git: GitClient, note: CopiedNote, call: GitCall): Promise<string> {
  const args = ["ls-files", "--others", "--exclude-standard"];
  const untracked = linesOf(await git.run(args, { ...call, limitMs: git.limits.treeMs })).map(unquoted);
  const copied = new Set(note.files.map(({ path }) => path.toLowerCase()));
  // Those that are still ignored must not be named: git would take that for a mistake.
  const exposed = untracked.filter((path) => copied.has(path.toLowerCase()));
  if (exposed.length === 0) return "";
  return [":(top)", ...exposed.map((path) => `:(top,exclude,literal)${path}`)]
    .map((one) => `${quoted(one)}\n`)
    .join("");
}

/**
 * Throws WorktreeError when the index holds a copied file, or the same bytes under another name, that the base did not
 * have.
 */
export async function refuseCopied(
  git: GitClient,
  note: CopiedNote,
  baseCommit: string,
  call: GitCall,
): Promise<void> {
  const paths = new Set(note.files.map(({ path }) => path.toLowerCase()));
  const ids = new Set(note.files.filter(({ id }) => id !== "").map(({ id }) => id));
  const args = ["diff-index", "--cached", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=all"];
  const listed = await git.run([...args, baseCommit, "--"], { ...call, limitMs: git.limits.treeMs });
  for (const line of linesOf(listed)) {
    const [, id, status, shown] = /^:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) (\w)\t(.*)$/s.exec(line) ?? [];
    if (id === undefined || shown === undefined || status === "D") continue;
    const path = unquoted(shown);
    if (paths.has(path.toLowerCase()) || ids.has(id)) throw wouldCommit(shownPath(path));
  }
}

function wouldCommit(path: string): WorktreeError {
  return new WorktreeError(
    "failed",
    asWritten(
      "{0} holds a file that worktree.copy brought into the worktree and that must not be committed, so nothing was committed. The files are kept. Take it out of the worktree, then send the work again.",
      JSON.stringify(path),
    ),
  );
}

/** Which paths of a worktree are copies, and which of them have the same bytes as where they came from. */
export async function copiesIn(
  git: GitClient,
  checkout: TrustedCheckout,
  found: ReadonlyMap<string, FoundEntry>,
  call: GitCall,
): Promise<{ readonly copies: ReadonlySet<string>; readonly unchanged: ReadonlySet<string> }> {
  const note = await readCopied(checkout.gitDir);
  const paths = (note?.files ?? []).map(({ path }) => path).filter((path) => found.has(path));
  const copies = new Set(paths);
  if (note === undefined || paths.length === 0) return { copies, unchanged: new Set() };
  const here = await idsBelow(git, checkout.path, paths, call);
  const there = await idsBelow(git, note.from, paths, call);
  return { copies, unchanged: new Set(paths.filter((path) => same(here.get(path), there.get(path)))) };
}

function same(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one === other;
}

async function idsBelow(
  git: GitClient,
  root: string,
  paths: readonly string[],
  call: GitCall,
): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>();
  for (const path of paths) {
    const place = `${rawOfText(root)}/${path}`;
    const entry = await lstat(bytesOf(place)).catch(() => undefined);
    if (entry?.isFile() === true) places.set(path, place);
  }
  const ids = await hashFiles(git, [...places.values()], call);
  return new Map([...places.keys()].map((path, at) => [path, ids[at] ?? ""]));
}
