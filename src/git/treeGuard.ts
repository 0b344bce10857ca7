import { dirname, join, relative, sep } from "node:path";
import { realpath } from "node:fs/promises";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import {
  isSessionWorktree,
  linkTarget,
  requireThere,
  trustCheckout,
  type TrustedCheckout,
} from "./checkoutTrust";
import type { GitClient } from "./gitClient";
import { findGitEntries, quarantineEntries, type ScanLimits } from "./hostileTree";
import { isMissing, isWithin } from "./worktreeFolder";

interface Guarded {
  readonly path: string;
  readonly baseCommit: string;
  /** What a run's branch had when the tool got it: its submodules need not be the base's. */
  readonly headCommit?: string;
}

/**
 * Lets git into a tree that a tool has written only after nothing was found that would make git run what the tool
 * planted: every `.git` entry that what it began with lacks is moved to `quarantine`, and the attempt fails.
 * `known` are real paths of entries that were there before the tool began. Throws WorktreeError `hostileTree`.
 */
export async function guardTree(
  git: GitClient,
  worktree: Guarded,
  quarantine: string,
  known: ReadonlySet<string>,
  signal: AbortSignal,
  limits?: ScanLimits,
): Promise<TrustedCheckout> {
  if (isSessionWorktree(worktree.path)) await requireThere(worktree.path);
  const found = await findGitEntries(worktree.path, signal, limits);
  const checkout = await trustOrQuarantine(git, worktree.path, quarantine, found, signal);
  const foreign: Buffer[] = [];
  const submodules = new Set<string>();
  for (const commit of new Set([worktree.baseCommit, worktree.headCommit ?? worktree.baseCommit])) {
    if (found.length === 0) break;
    for (const path of await submodulesOf(git, checkout, commit, signal)) submodules.add(path);
  }
  for (const entry of found) {
    const path = entry.toString("utf8");
    if (!known.has(path) && !(await isOwnSubmodule(checkout, path, submodules))) foreign.push(entry);
  }
  if (foreign.length === 0) return checkout;
  throw hostile(worktree.path, await quarantineEntries(foreign, quarantine));
}

async function trustOrQuarantine(
  git: GitClient,
  path: string,
  quarantine: string,
  found: readonly Buffer[],
  signal: AbortSignal,
): Promise<TrustedCheckout> {
  try {
    return await trustCheckout(git, path, signal);
  } catch (error) {
    if (!WorktreeError.is(error, "hostileTree")) throw error;
    const moved = await quarantineEntries([Buffer.from(join(path, ".git")), ...found], quarantine);
    throw new WorktreeError("hostileTree", asWritten("{0} {1}", error.message, moved.join(" ")), error);
  }
}

/** Paths of the submodules that the commit itself has. */
async function submodulesOf(
  git: GitClient,
  checkout: TrustedCheckout,
  commit: string,
  signal: AbortSignal,
): Promise<Set<string>> {
  const output = await git.run(["ls-tree", "-r", "-z", "--full-tree", commit], {
    cwd: checkout.commonDir,
    gitDir: checkout.commonDir,
    signal,
  });
  const lines = output.split("\0").filter((line) => line.startsWith("160000 "));
  return new Set(lines.map((line) => line.slice(line.indexOf("\t") + 1)));
}

/**
 * A submodule that the user has checked out: its `.git` is a file that leads into the repository's own git directory,
 * which the tool cannot write. A whole `.git` directory in its place is the tool's.
 */
export async function isOwnSubmodule(
  checkout: TrustedCheckout,
  path: string,
  submodules: ReadonlySet<string>,
): Promise<boolean> {
  if (!submodules.has(relative(checkout.path, dirname(path)).split(sep).join("/"))) return false;
  const target = await linkTarget(path);
  if (target === undefined) return false;
  try {
    const real = await realpath(target);
    return [checkout.gitDir, checkout.commonDir].some((own) => isWithin(join(own, "modules"), real));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function hostile(path: string, moved: readonly string[]): WorktreeError {
  const more = moved.length - 5;
  const shown = [
    ...moved.slice(0, 5),
    ...(more === 1 ? [asWritten("1 more was treated the same.")] : []),
    ...(more > 1 ? [asWritten("{0} more were treated the same.", more)] : []),
  ];
  return new WorktreeError(
    "hostileTree",
    asWritten(
      "The coding tool left {0} in {1}, which could make git run programs outside the sandbox. {2} Nothing was committed, the files are kept. Look at them before you use git there.",
      moved.length === 1 ? asWritten("a git directory") : asWritten("{0} git directories", moved.length),
      path,
      shown.join(" "),
    ),
  );
}
