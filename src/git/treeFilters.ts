import { basename, isAbsolute } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import type { GitCall, GitClient } from "./gitClient";
import { switchedOff } from "./noFilters";
import { linesOf, quoted, shownPath, unquoted } from "./rawPath";
import { isWithin } from "./worktreeFolder";

/** Programs that filter a file and run nothing of the tree it lies in. */
const known = new Set(["git-lfs", "git-crypt", "git-annex"]);

/**
 * Filters of the user's configuration that may run what the tool has written: a script of the tree, or a program such as an
 * interpreter that looks for modules where it is started. Only those are left out of which it is known that they do not.
 */
export async function treeFilters(
  git: GitClient,
  checkout: TrustedCheckout,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const at = { cwd: checkout.commonDir, gitDir: checkout.gitDir, signal };
  const keys = "^filter\\..*\\.(clean|smudge|process)$";
  const output = await git.tryRun(["config", "-z", "--get-regexp", keys], at);
  const drivers = new Set<string>();
  for (const entry of (output ?? "").split("\0")) {
    const [, driver, command] = /^filter\.(.+)\.[a-z]+\n(.*)$/s.exec(entry) ?? [];
    if (driver !== undefined && !isKnown(command ?? "", checkout.path)) drivers.add(driver);
  }
  return [...drivers];
}

/** `-c` values that switch these filters off, for a look at the tree. */
export function filtersOff(drivers: readonly string[]): readonly string[] {
  return drivers.flatMap((driver) => switchedOff(driver));
}

/**
 * Before staging: throws WorktreeError when a file to be staged goes through such a filter. The filter left out, what is
 * committed would not be what the owner wants to have there. Returns the `-c` values to stage with: git also compares files
 * that only look changed.
 */
export async function refuseTreeFilters(
  git: GitClient,
  checkout: TrustedCheckout,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const drivers = await treeFilters(git, checkout, signal);
  if (drivers.length === 0) return [];
  const call: GitCall = {
    ...{ cwd: checkout.path, gitDir: checkout.gitDir, workTree: checkout.path, signal },
    ...{ limitMs: git.limits.treeMs, config: filtersOff(drivers) },
  };
  const input = await git.run(["ls-files", "--modified", "--others", "--exclude-standard"], call);
  const what = asWritten(
    "nothing was committed; the files are kept in {0}. Look at them and commit by hand",
    checkout.path,
  );
  await refuseFiltered(git, linesOf(input).map(unquoted), drivers, call, what);
  return filtersOff(drivers);
}

/**
 * Throws WorktreeError where one of the files, given by raw path, goes through one of the filters.
 * @param outcome what becomes of it and what to do, to go on after "So" and before "or".
 */
export async function refuseFiltered(
  git: GitClient,
  rawPaths: readonly string[],
  drivers: readonly string[],
  call: GitCall,
  outcome: string,
): Promise<void> {
  if (rawPaths.length === 0 || drivers.length === 0) return;
  const input = `${rawPaths.map(quoted).join("\n")}\n`;
  const attributes = await git.run(["check-attr", "--stdin", "filter"], { ...call, input });
  for (const line of linesOf(attributes)) {
    const [, path, driver] = /^(.*): filter: (.*)$/s.exec(line) ?? [];
    if (path === undefined || driver === undefined || !drivers.includes(driver)) continue;
    const shown = JSON.stringify(shownPath(unquoted(path)));
    throw new WorktreeError(
      "failed",
      asWritten(
        "{0} goes through the git filter {1}, which may run what the coding tool has written, outside its sandbox. So {2}, or allow git.hooks in WORKFLOW.md for work that you trust.",
        shown,
        JSON.stringify(driver),
        outcome,
      ),
    );
  }
}

/** Empty, or one of the known programs by its name alone or by a path outside the tree; nothing that a shell would read more into. */
function isKnown(command: string, tree: string): boolean {
  if (command.trim() === "") return true;
  if (!/^[\w./+%"' -]+$/.test(command)) return false;
  const [program = "", verb = ""] = command.replaceAll(/["']/g, "").trim().split(/ +/);
  const name = program === "git" ? `git-${verb}` : basename(program);
  if (!known.has(name)) return false;
  return !program.includes("/") || (isAbsolute(program) && !isWithin(tree, program));
}
