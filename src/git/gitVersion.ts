import { tmpdir } from "node:os";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { GitClient } from "./gitClient";

/** The first whose list of worktrees tells which are locked. */
const oldest = [2, 31] as const;

/**
 * What git says of its version. Throws WorktreeError `gitTooOld` or `noGit`. A version that cannot be read passes: it is
 * newer than we are.
 */
export async function requireGitVersion(git: GitClient, signal: AbortSignal): Promise<string> {
  const said = (await git.run(["version"], { cwd: tmpdir(), signal })).trim();
  const [, major, minor] = /(\d+)\.(\d+)/.exec(said) ?? [];
  if (major === undefined || minor === undefined) return said;
  const found = [Number(major), Number(minor)] as const;
  if (found[0] > oldest[0] || (found[0] === oldest[0] && found[1] >= oldest[1])) return said;
  throw new WorktreeError(
    "gitTooOld",
    asWritten(
      "Git {0}.{1} is installed, and the worker needs {2} or newer. Nothing was changed. Install a newer git, make sure that it comes first on the PATH, and reload the window.",
      major,
      minor,
      oldest.join("."),
    ),
  );
}
