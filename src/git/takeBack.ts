import { rm } from "node:fs/promises";
import { neverAborted } from "../base/abort";
import type { Clock } from "../base/clock";
import type { GitCall, GitClient } from "./gitClient";
import { processesIn } from "./processesIn";
import type { Repository } from "./repository";
import { listedAt } from "./worktreeList";

const waits = 100;
const waitMs = 50;

interface Begun {
  readonly git: GitClient;
  readonly clock: Clock;
  readonly repository: Repository;
  /** Where the worktree was to be. */
  readonly path: string;
  readonly branch: string | undefined;
  /** The commit that a branch of its own began at. */
  readonly start: string;
}

/**
 * After a cancellation: what was begun of a worktree goes, with git's entry and the branch that was made for it. Nobody has
 * worked there: nothing stood at the path before. Where that does not work, git's lock marks the rest as half made, and the
 * next attempt goes on with it. Never rejects, since the cancellation is what is told.
 */
export async function takeBack(job: Begun, ownBranch: boolean): Promise<void> {
  const { git, clock, repository, path, branch, start } = job;
  const call: GitCall = { cwd: repository.topLevel, gitDir: repository.gitDir, signal: neverAborted };
  try {
    // A git that was ended may have called others that still write.
    for (let at = 0; at < waits && (await processesIn(path)).length > 0; at += 1) {
      await clock.sleep(waitMs, neverAborted);
    }
    await rm(path, { recursive: true, force: true, maxRetries: 10 });
    const listed = await listedAt(git, repository, path, neverAborted);
    if (listed?.locked !== undefined) await git.run(["worktree", "unlock", path], call);
    if (listed !== undefined) await git.run(["worktree", "remove", path], call);
    // Only while it is where it began.
    const ref = `refs/heads/${branch ?? ""}`;
    if (ownBranch && branch !== undefined) await git.tryRun(["update-ref", "-d", ref, start], call);
  } catch {
    // See above.
  }
}
