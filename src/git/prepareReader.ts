import type { PrepareRequest, Worktree } from "../core/ports/worktrees";
import type { Base } from "./baseBranch";
import { trustCheckout } from "./checkoutTrust";
import { callOf, ensureWorktree, type PlaceJob, type PlaceTools } from "./ensureWorktree";
import { handOut } from "./handOut";
import { isPristine } from "./pristine";
import { commitOf, type Repository } from "./repository";
import { readerKey } from "./sessionKey";
import { whatIsAt, worktreeFolder } from "./worktreeFolder";
import { isHalfMade, listedAt } from "./worktreeList";

export interface ReaderPlace {
  readonly tools: PlaceTools;
  readonly repository: Repository;
  readonly request: PrepareRequest;
  readonly base: Base;
  /** What is read. */
  readonly tip: { readonly branch: string; readonly commit: string; readonly notes: readonly string[] };
  readonly signal: AbortSignal;
}

/**
 * Makes the session's checkout to read in, on no branch. One of an earlier attempt that is at another commit, or that
 * somebody has changed, is taken away with a snapshot and made anew. Runs alone in its repository.
 */
export async function prepareReaderWorktree(place: ReaderPlace): Promise<Worktree> {
  const { tools, repository, request, base, tip, signal } = place;
  const path = await worktreeFolder(request.root, repository, readerKey(request.sessionId));
  const notes = [...base.notes, ...tip.notes];
  const job: PlaceJob = {
    ...{ ...tools, repository, request, path, signal },
    ...{ branch: undefined, start: tip.commit },
  };
  notes.push(...(await clearTheWay(job)));
  const found = await ensureWorktree(job, notes);
  // One that was cut short may be at another commit.
  notes.push(...(await clearTheWay(job)));
  const reused = found && (await whatIsAt(path)) === "something";
  if (!reused) await ensureWorktree(job, notes);
  const trusted = await trustCheckout(tools.git, path, signal);
  const left = await tools.git.tryRun(["merge-base", base.commit, tip.commit], callOf(job));
  const made = await handOut(job, trusted, {
    ...{ branch: tip.branch, headCommit: tip.commit, reused, notes },
    ...{ baseCommit: left?.trim() ?? base.commit, baseBranch: base.branch },
  });
  return { ...made, detached: true };
}

async function clearTheWay(job: PlaceJob): Promise<readonly string[]> {
  const { git, repository, path, start, signal } = job;
  const listed = await listedAt(git, repository, path, signal);
  if (listed === undefined || (await whatIsAt(path)) !== "something") return [];
  // Git was cut short while it wrote the files; it writes them again before anybody looks.
  if (isHalfMade(listed)) return [];
  const trusted = await trustCheckout(git, path, signal);
  const there = await commitOf(git, "HEAD", { cwd: repository.topLevel, gitDir: trusted.gitDir }, signal);
  if (listed.branch === undefined && there === start && (await isPristine(git, trusted, signal))) return [];
  return await job.setAside(path);
}
