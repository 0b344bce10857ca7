import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { BaseFetches } from "./baseFetches";
import type { GitClient } from "./gitClient";
import { retryLocked } from "./lockRetry";
import { defaultRemote, quietSsh } from "./remotes";
import { commitOf, mainFolder, type Repository } from "./repository";
import { fetchLocks } from "./staleLock";

/** A branch as its remote has it. */
export interface RemoteLook {
  /** Undefined where the remote has no such branch. */
  readonly tip: string | undefined;
  /** The branch that the remote itself begins with; undefined where it does not say. */
  readonly head: string | undefined;
}

/** A repository whose remotes are asked. Relative addresses of remotes count from the main checkout. */
export function remotePlace(commonDir: string): { readonly cwd: string; readonly gitDir: string } {
  return { cwd: mainFolder(commonDir), gitDir: commonDir };
}

/** The remote to which runs' branches go. Throws WorktreeError `noRemote`. */
export async function requireRemote(
  git: GitClient,
  commonDir: string,
  branch: string,
  signal: AbortSignal,
): Promise<string> {
  const remote = await defaultRemote(git, remotePlace(commonDir), signal);
  if (remote !== undefined) return remote;
  throw new WorktreeError(
    "noRemote",
    asWritten(
      'The repository has no remote named origin, nor just one, to which the run\'s branch {0} could go. What is here is kept. Add one with "git remote add origin <address>".',
      branch,
    ),
  );
}

/** Asks the remote itself. Rejects with what git said, see `remoteError`. */
export async function lookAtRemote(
  git: GitClient,
  commonDir: string,
  remote: string,
  branch: string,
  signal: AbortSignal,
): Promise<RemoteLook> {
  const at = remotePlace(commonDir);
  const ref = `refs/heads/${branch}`;
  const output = await git.run(["ls-remote", "--quiet", "--symref", "--", remote, "HEAD", ref], {
    ...at,
    signal,
    limitMs: git.limits.fetchMs,
    environment: await quietSsh(git, at, signal),
  });
  return parseLook(output, ref);
}

/** Reads `ls-remote --symref`; the patterns it was asked for match more than the one ref. */
function parseLook(output: string, ref: string): RemoteLook {
  let tip: string | undefined;
  let head: string | undefined;
  for (const line of output.split(/\r?\n/)) {
    const [value, name] = line.split("\t");
    if (value === undefined || name === undefined) continue;
    if (name === ref && /^[0-9a-f]{40,64}$/.test(value)) tip = value;
    if (name === "HEAD" && value.startsWith("ref: refs/heads/")) {
      head = value.slice("ref: refs/heads/".length);
    }
  }
  return { tip, head };
}

/** Brings the branch here, under the name of the remote; its commit. Rejects with what git said. */
export async function fetchBranch(
  [git, clock, fetches]: readonly [GitClient, Clock, BaseFetches],
  repository: Pick<Repository, "commonDir">,
  remote: string,
  branch: string,
  signal: AbortSignal,
): Promise<string> {
  const { commonDir } = repository;
  const at = remotePlace(commonDir);
  const from = { commonDir, topLevel: at.cwd, gitDir: at.gitDir };
  const own = fetchLocks(commonDir, remote, branch);
  await retryLocked(clock, signal, () => fetches.fetch(from, remote, branch, signal), own);
  const commit = await commitOf(git, `refs/remotes/${remote}/${branch}`, at, signal);
  if (commit !== undefined) return commit;
  throw new WorktreeError(
    "failed",
    asWritten(
      "The branch {0} was fetched from {1}, and is not here. Nothing was changed. Try again.",
      branch,
      remote,
    ),
  );
}
