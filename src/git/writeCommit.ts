import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import { treeCall } from "./diffStat";
import type { GitCall, GitClient } from "./gitClient";
import { retryLocked } from "./lockRetry";
import { asSigningError, signingSetup } from "./signing";
import { ownLocks } from "./staleLock";
import { filtersOff, treeFilters } from "./treeFilters";

const messageLength = 10_000;
const fallbackIdentity = ["user.name=One Horizon Worker", "user.email=worker@onehorizon.invalid"];

export interface CommitJob {
  readonly git: GitClient;
  readonly clock: Clock;
  readonly checkout: TrustedCheckout;
  /** What the checkout is on. */
  readonly branch: string;
  readonly gitHooks: boolean;
  readonly signal: AbortSignal;
}

/**
 * Commits what is staged, as the user and signed where the user's config asks for it. Returns sentences for the user. Throws
 * WorktreeError `signing` or `timeout`; what was staged stays so.
 */
export async function writeCommit(
  job: CommitJob,
  message: Parameters<typeof commitMessage>[0],
): Promise<readonly string[]> {
  const { git, clock, checkout, branch, gitHooks, signal } = job;
  const call = treeCall(checkout, signal);
  const identity = await identityConfig(git, call);
  const signing = await signingSetup(git, checkout, signal);
  const filters = gitHooks ? [] : filtersOff(await treeFilters(git, checkout, signal));
  const args = ["commit", "--quiet", "--cleanup=whitespace", "--no-status", "--file=-"];
  const run = (): Promise<string> =>
    git.run(args, {
      ...call,
      config: [...identity, ...signing.config, ...filters],
      environment: signing.environment,
      hooks: gitHooks,
      input: commitMessage(message),
      limitMs: gitHooks ? git.limits.treeMs : git.limits.commitMs,
    });
  try {
    await retryLocked(clock, signal, run, ownLocks({ ...checkout, branch }));
  } catch (error) {
    throw commitError(error, signing.signs);
  }
  if (identity.length === 0) return [];
  return [asWritten("git has no user.name and user.email here, so the commit is by One Horizon Worker.")];
}

/** The caller's message and a trailer that names the session. */
export function commitMessage(options: { readonly sessionId: string; readonly message: string }): string {
  const text = options.message.replaceAll("\0", "").slice(0, messageLength).trim();
  const id = options.sessionId.replace(/[^\x21-\x7e]+/g, "-").slice(0, 200);
  return `${text === "" ? "Work of a session" : text}\n\nOne-Horizon-Session: ${id}\n`;
}

/** `-c` values for a user without a name or an address in git's config; else none. */
async function identityConfig(git: GitClient, call: GitCall): Promise<readonly string[]> {
  for (const key of ["user.name", "user.email"]) {
    const value = await git.tryRun(["config", "--get", key], call);
    if (value === undefined || value.trim() === "") return fallbackIdentity;
  }
  return [];
}

function commitError(error: unknown, signs: boolean): unknown {
  const kept = asWritten("The changes are kept in the worktree and are staged.");
  const unsigned = asSigningError(error, signs, kept);
  if (unsigned !== undefined) return unsigned;
  if (!WorktreeError.is(error, "timeout")) return error;
  return new WorktreeError(
    "timeout",
    asWritten(
      "The commit did not finish in time; it may wait for a hook. {0} Look at what the hooks do, then claim the session again.",
      kept,
    ),
    error,
  );
}
