import { basename } from "node:path";
import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import {
  WorktreeError,
  type Checkout,
  type PrepareRequest,
  type Published,
  type Worktree,
} from "../core/ports/worktrees";
import { resolveBase } from "./baseBranch";
import type { BaseFetches } from "./baseFetches";
import { trustCheckout, type TrustedCheckout } from "./checkoutTrust";
import { refuseDefault, requireBranchName } from "./defaultBranches";
import type { PlaceTools } from "./ensureWorktree";
import type { GitClient } from "./gitClient";
import { prepareReaderWorktree, type ReaderPlace } from "./prepareReader";
import { prepareRunWorktree, requireRoomFor, runFolder } from "./prepareRun";
import { publishRunBranch } from "./publishRun";
import { fetchBranch, lookAtRemote, remotePlace, requireRemote, type RemoteLook } from "./remoteBranch";
import { remoteError } from "./remoteTrouble";
import { defaultRemote } from "./remotes";
import { commitOf, type Repository } from "./repository";
import { readRunNote } from "./runNote";
import type { RunUsers } from "./runUsers";
import { runKey } from "./sessionKey";
import { guardTree } from "./treeGuard";

/** What work for workflow runs needs of the room around it. */
export interface RunTools {
  readonly git: GitClient;
  readonly clock: Clock;
  readonly fetches: BaseFetches;
  readonly users: RunUsers;
  /** Runs work that changes the repository, one after another. */
  readonly queued: <T>(commonDir: string, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;
  readonly placeTools: (repository: Repository, signal: AbortSignal) => PlaceTools;
}

type Of<Kind extends Checkout["kind"]> = Extract<Checkout, { kind: Kind }>;

const unchanged = asWritten("Nothing was changed.");
const again = asWritten("Then start the session again.");

/** A worktree on the run's branch. The remote is asked before the repository is taken. */
export async function prepareForRun(
  tools: RunTools,
  repository: Repository,
  request: PrepareRequest,
  checkout: Of<"run">,
  signal: AbortSignal,
): Promise<Worktree> {
  const { git, fetches, users } = tools;
  const { branch } = checkout;
  const { sessionId } = request;
  requireBranchName(branch);
  const path = await runFolder(request.root, repository, branch);
  const taken = users.take(path, branch, sessionId);
  try {
    const remote = await requireRemote(git, repository.commonDir, branch, signal);
    const base = await resolveBase(git, fetches, repository, request.baseBranch, signal, request.onProgress);
    if (checkout.mergeBase && base.failure !== undefined) {
      const what = asWritten("fetch {0}, which was to be merged into {1}", base.branch, branch);
      throw remoteError(base.failure, { what, remote, kept: unchanged, again });
    }
    const look = await lookAt(tools, repository, remote, branch, signal);
    refuseDefault(branch, [base.branch, look.head]);
    const remoteTip =
      look.tip === undefined ? undefined : await fetched(tools, repository, remote, branch, signal);
    return await tools.queued(repository.commonDir, signal, async () => {
      await requireRoomFor(git, repository, branch, signal);
      const placeTools = tools.placeTools(repository, signal);
      return await prepareRunWorktree({
        ...{ tools: placeTools, users, repository, request, checkout, base, remoteTip, path, signal },
      });
    });
  } catch (error) {
    if (taken) users.drop(path, sessionId);
    throw error;
  }
}

/** A checkout to read in: the branch as the remote has it now, else the base. */
export async function prepareForReading(
  tools: RunTools,
  repository: Repository,
  request: PrepareRequest,
  checkout: Of<"detached">,
  signal: AbortSignal,
): Promise<Worktree> {
  const { git, fetches } = tools;
  const { branch, required } = checkout;
  if (branch !== undefined || required) requireBranchName(branch ?? "");
  const base = await resolveBase(git, fetches, repository, request.baseBranch, signal, request.onProgress);
  const tip =
    (branch === undefined ? undefined : await tipToRead(tools, repository, branch, required, signal)) ??
    ({ branch: base.branch, commit: base.commit, notes: [] } satisfies ReaderPlace["tip"]);
  return await tools.queued(repository.commonDir, signal, async () => {
    const placeTools = tools.placeTools(repository, signal);
    return await prepareReaderWorktree({ tools: placeTools, repository, request, base, tip, signal });
  });
}

/** The branch as it is on the remote; undefined where it is not there and need not be. */
async function tipToRead(
  tools: RunTools,
  repository: Repository,
  branch: string,
  required: boolean,
  signal: AbortSignal,
): Promise<ReaderPlace["tip"] | undefined> {
  const { git } = tools;
  const { commonDir } = repository;
  if (required) {
    const remote = await requireRemote(git, commonDir, branch, signal);
    const look = await lookAt(tools, repository, remote, branch, signal);
    if (look.tip === undefined) throw notThere(branch, remote);
    return { branch, commit: await fetched(tools, repository, remote, branch, signal), notes: [] };
  }
  const remote = await defaultRemote(git, remotePlace(commonDir), signal);
  if (remote === undefined) return undefined;
  try {
    const look = await lookAt(tools, repository, remote, branch, signal);
    if (look.tip === undefined) return undefined;
    return { branch, commit: await fetched(tools, repository, remote, branch, signal), notes: [] };
  } catch (error) {
    signal.throwIfAborted();
    if (!WorktreeError.is(error)) throw error;
    const known = await commitOf(git, `refs/remotes/${remote}/${branch}`, remotePlace(commonDir), signal);
    if (known === undefined) return undefined;
    const notes = [
      asWritten("{0} could not be fetched from {1}; its last fetched state was used.", branch, remote),
    ];
    return { branch, commit: known, notes };
  }
}

async function lookAt(
  { git }: RunTools,
  { commonDir }: Repository,
  remote: string,
  branch: string,
  signal: AbortSignal,
): Promise<RemoteLook> {
  try {
    return await lookAtRemote(git, commonDir, remote, branch, signal);
  } catch (error) {
    const what = asWritten("look at {0} on {1}", branch, remote);
    throw remoteError(error, { what, remote, kept: unchanged, again });
  }
}

async function fetched(
  { git, clock, fetches }: RunTools,
  repository: Repository,
  remote: string,
  branch: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await fetchBranch([git, clock, fetches], repository, remote, branch, signal);
  } catch (error) {
    const what = `fetch ${branch} from ${remote}`;
    throw remoteError(error, { what, remote, kept: unchanged, again });
  }
}

function notThere(branch: string, remote: string): WorktreeError {
  return new WorktreeError(
    "badBranch",
    asWritten(
      "The branch {0} is not on {1}, so there is nothing to read. Nothing was changed. Push the branch, or correct its name on the platform, then start the session again.",
      branch,
      remote,
    ),
  );
}

/** Pushes what the session has committed, as the one that works in the run's worktree. */
export async function publishForRun(
  tools: RunTools,
  worktree: Worktree,
  options: { readonly sessionId: string; readonly gitHooks: boolean; readonly quarantine: string },
  signal: AbortSignal,
): Promise<Published> {
  const { users } = tools;
  const { path, branch } = worktree;
  const { sessionId, gitHooks, quarantine } = options;
  const checkout = await trustCheckout(tools.git, path, signal);
  requireRunWorktree(path, branch);
  const taken = users.take(path, branch, sessionId);
  try {
    const note = await readRunNote(checkout.gitDir);
    await users.requireFree(note, path, branch, sessionId);
    const inTree = async (work: () => Promise<void>): Promise<void> => {
      await guardTree(tools.git, worktree, quarantine, new Set(), signal);
      await tools.queued(checkout.commonDir, signal, () => moving(tools, checkout, sessionId, work));
    };
    const { git, clock, fetches } = tools;
    const job = { git, clock, fetches, checkout, worktree, sessionId, gitHooks, inTree, signal };
    return await publishRunBranch(job);
  } finally {
    if (taken) users.drop(path, sessionId);
  }
}

/** A process that dies meanwhile leaves files between two commits: the note says so to the next one. */
async function moving(
  { users }: RunTools,
  checkout: TrustedCheckout,
  sessionId: string,
  work: () => Promise<void>,
): Promise<void> {
  const before = await readRunNote(checkout.gitDir);
  const conflicts = before?.conflicts;
  await users.note(checkout, { sessionId, moving: true, conflicts });
  const done = (): Promise<void> => users.note(checkout, { sessionId, moving: false, conflicts });
  try {
    await work();
  } catch (error) {
    // After these all is as it was; a git that was killed leaves what nobody knows.
    if (wholeAfter.some((reason) => WorktreeError.is(error, reason))) await done();
    throw error;
  }
  await done();
}

const wholeAfter = ["conflict", "signing", "dirtyCheckout"] as const;

function requireRunWorktree(path: string, branch: string): void {
  if (basename(path) === runKey(branch)) return;
  throw new WorktreeError(
    "failed",
    asWritten(
      "{0} is not the worktree of the run's branch {1}, so nothing was pushed. Everything is kept. Start the session again.",
      path,
      branch,
    ),
  );
}
