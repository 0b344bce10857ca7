import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { GitClient } from "./gitClient";

/**
 * `-c` values that switch every clean and smudge program off that the user's config names. Attributes in a tree that a
 * tool has written decide which file goes through which program, and a snapshot has to hold the bytes as they are.
 */
export async function withoutFilters(
  git: GitClient,
  at: { readonly cwd: string; readonly gitDir: string; readonly workTree: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const output = await git.tryRun(["config", "--name-only", "--get-regexp", "^filter\\."], { ...at, signal });
  const drivers = new Set<string>();
  for (const key of (output ?? "").split(/\r?\n/)) {
    const driver = /^filter\.(.+)\.[^.]+$/s.exec(key)?.[1];
    if (driver !== undefined) drivers.add(driver);
  }
  return [
    "core.autocrlf=false",
    "core.quotePath=true",
    "core.splitIndex=false",
    ...[...drivers].flatMap((driver) => switchedOff(driver)),
  ];
}

/** `-c` values that switch one filter off. */
export function switchedOff(driver: string): readonly string[] {
  if (driver.includes("=")) {
    throw new WorktreeError(
      "failed",
      asWritten(
        "The git filter {0} has a name that cannot be switched off, so the worktree was not looked into. Everything is kept. Rename the filter in your git config.",
        JSON.stringify(driver),
      ),
    );
  }
  return [
    ...["clean=", "smudge=", "process="].map((value) => `filter.${driver}.${value}`),
    `filter.${driver}.required=false`,
  ];
}
