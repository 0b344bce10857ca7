import { asWritten } from "../base/words";
import { WorktreeError, type Checkout, type PrepareRequest, type Worktree } from "../core/ports/worktrees";
import type { Base } from "./baseBranch";
import { trustCheckout, type TrustedCheckout } from "./checkoutTrust";
import { atOf, branchTip, callOf, ensureWorktree, type PlaceJob, type PlaceTools } from "./ensureWorktree";
import type { GitClient } from "./gitClient";
import { handOut } from "./handOut";
import { noteConflicts } from "./leftConflicts";
import { beginMerge, conflictError, isAncestor, mergeInto, unmergedPaths } from "./mergeTree";
import { baseRef, writeBase } from "./prepare";
import { isPristine } from "./pristine";
import { linesOf, shownPath } from "./rawPath";
import { commitOf, type Repository } from "./repository";
import { readRunNote, type RunNote } from "./runNote";
import type { RunUsers } from "./runUsers";
import { runKey } from "./sessionKey";
import { whatIsAt, worktreeFolder } from "./worktreeFolder";
import { isHalfMade, listedAt } from "./worktreeList";
import type { CommitJob } from "./writeCommit";

type RunCheckout = Extract<Checkout, { kind: "run" }>;

export interface RunPlace {
  readonly tools: PlaceTools;
  readonly users: RunUsers;
  readonly repository: Repository;
  readonly request: PrepareRequest;
  readonly checkout: RunCheckout;
  readonly base: Base;
  /** What the remote has of the branch now; undefined for nothing. */
  readonly remoteTip: string | undefined;
  readonly path: string;
  readonly signal: AbortSignal;
}

/** The folder of a run's worktree, which is the same for every session on the branch. */
export async function runFolder(root: string, repository: Repository, branch: string): Promise<string> {
  return await worktreeFolder(root, repository, runKey(branch));
}

/** Throws WorktreeError `branchInUse` where git cannot hold the branch beside another: one is a folder of the other. */
export async function requireRoomFor(
  git: GitClient,
  repository: Repository,
  branch: string,
  signal: AbortSignal,
): Promise<void> {
  const parts = branch.split("/");
  const above = parts.slice(1).map((_part, at) => `refs/heads/${parts.slice(0, at + 1).join("/")}`);
  const call = { cwd: repository.topLevel, gitDir: repository.gitDir, signal };
  const args = ["for-each-ref", "--format=%(refname)", ...above, `refs/heads/${branch}/`];
  const names = linesOf(await git.run(args, call));
  const other = names.find((name) => above.includes(name) || name.startsWith(`refs/heads/${branch}/`));
  if (other === undefined) return;
  throw new WorktreeError(
    "branchInUse",
    asWritten(
      "The run's branch {0} cannot be made here, since there is a branch {1}, and git cannot have both. Nothing was changed. Rename or delete that one, or give the run another branch on the platform.",
      branch,
      other.slice("refs/heads/".length),
    ),
  );
}

/**
 * Makes the worktree of a run's branch, or takes over the one that an earlier session has left, and brings it to what the
 * remote has. The session's own unfinished work stays as it is; another session's is snapshotted. Runs alone in its
 * repository. Throws WorktreeError, `conflict` and `branchInUse` among them; the branch is as it was then.
 */
export async function prepareRunWorktree(place: RunPlace): Promise<Worktree> {
  const { tools, users, repository, request, checkout, base, remoteTip, path, signal } = place;
  const { sessionId } = request;
  const { branch } = checkout;
  const notes = [...base.notes];
  const job: PlaceJob = {
    ...{ ...tools, repository, request, path, branch, signal },
    start: remoteTip ?? base.commit,
  };
  const earlier = await clearTheWay(place, notes);
  await ensureWorktree(job, notes);
  const trusted = await trustCheckout(tools.git, path, signal);
  const own = earlier !== undefined;
  if (!own || (await isPristine(tools.git, trusted, signal))) {
    await users.note(trusted, { sessionId, moving: true });
    await bringOn(place, trusted, notes);
    // A merge that the session began and committed is not begun again, wherever the base is by now.
    const begun = earlier?.conflicts;
    const noted = begun ?? (checkout.mergeBase ? await mergeBase(place, trusted) : undefined);
    await users.note(trusted, { sessionId, moving: false, conflicts: noted });
  } else await users.note(trusted, earlier);
  const conflicts = checkout.mergeBase ? await unmergedPaths(commitJob(place, trusted)) : undefined;
  const baseCommit = await baseOf(job, base, checkout, own);
  return {
    ...(await handOut(job, trusted, {
      ...{ branch, baseCommit, baseBranch: base.branch, reused: own, notes },
      headCommit: (await branchTip(job, branch)) ?? baseCommit,
    })),
    ...(conflicts === undefined ? {} : { conflicts: conflicts.map(shownPath) }),
  };
}

/**
 * What is noted of the worktree where it is this session's own, as an earlier attempt left it. What another session left
 * there, or a process that died while it moved the files, is taken away with a snapshot, unless it is as its last commit
 * has it.
 */
async function clearTheWay(place: RunPlace, notes: string[]): Promise<RunNote | undefined> {
  const { tools, users, repository, request, checkout, path, signal } = place;
  const listed = await listedAt(tools.git, repository, path, signal);
  if (listed === undefined || (await whatIsAt(path)) !== "something") return undefined;
  // Git was cut short while it wrote the files; no tool has been there.
  if (isHalfMade(listed)) return undefined;
  const trusted = await trustCheckout(tools.git, path, signal);
  const note = await readRunNote(trusted.gitDir);
  await users.requireFree(note, path, checkout.branch, request.sessionId);
  if (note?.sessionId === request.sessionId && !note.moving) return note;
  // What a person has checked out there is theirs; git's own look at it follows, and says so.
  if (listed.branch !== undefined && listed.branch !== checkout.branch) return undefined;
  const whole = listed.branch === checkout.branch && note?.moving !== true;
  if (!whole || !(await isPristine(tools.git, trusted, signal))) notes.push(...(await tools.setAside(path)));
  return undefined;
}

/** To what the remote has: forward, or by a merge where both have gone on. */
async function bringOn(place: RunPlace, trusted: TrustedCheckout, notes: string[]): Promise<void> {
  const { users, request, checkout, remoteTip } = place;
  if (remoteTip === undefined) return;
  const { branch } = checkout;
  const { sessionId } = request;
  const job = commitJob(place, trusted);
  const message = `Merge what the remote has of ${branch}`;
  const conflicts = await mergeInto(job, remoteTip, { sessionId, message });
  if (conflicts.length > 0) {
    await users.note(trusted, { sessionId, moving: false });
    throw conflictError(
      asWritten(
        "The branch {0} has commits here that the remote has not, and they do not go together with the remote's in",
        branch,
      ),
      conflicts,
      asWritten(
        "Nothing was changed, and all commits are kept. Merge the remote's branch by hand in {0}, then start the session again.",
        trusted.path,
      ),
    );
  }
  if (!(await isAncestor(job, "HEAD", remoteTip))) {
    notes.push(
      asWritten(
        "{0} has commits here that the remote has not; they are kept and go with the next push.",
        branch,
      ),
    );
  }
}

/** Begins the merge of the base; what stands in conflict then. */
async function mergeBase(place: RunPlace, trusted: TrustedCheckout): Promise<RunNote["conflicts"]> {
  return await noteConflicts(trusted, await beginMerge(commitJob(place, trusted), place.base.commit));
}

/** Where the branch left the base; for a merge of the base, the base itself, so that only the run's work counts. */
async function baseOf(job: PlaceJob, base: Base, checkout: RunCheckout, own: boolean): Promise<string> {
  const key = runKey(checkout.branch);
  const known = own ? await commitOf(job.git, baseRef(key), atOf(job), job.signal) : undefined;
  if (known !== undefined) return known;
  const args = ["merge-base", base.commit, `refs/heads/${checkout.branch}`];
  const found = checkout.mergeBase ? undefined : await job.git.tryRun(args, callOf(job));
  const commit = found?.trim() ?? base.commit;
  await writeBase(job, key, commit);
  return commit;
}

function commitJob({ tools, request, checkout, signal }: RunPlace, trusted: TrustedCheckout): CommitJob {
  const { git, clock } = tools;
  return { git, clock, signal, checkout: trusted, branch: checkout.branch, gitHooks: request.gitHooks };
}
