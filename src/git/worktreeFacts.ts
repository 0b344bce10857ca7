import { basename, dirname } from "node:path";
import { messageOf } from "../base/log";
import type { WorktreeFacts } from "../core/ports/worktreeCleanUp";
import { isSessionWorktree, trustCheckout, type TrustedCheckout } from "./checkoutTrust";
import type { GitCall } from "./gitClient";
import { processesIn } from "./processesIn";
import { linesOf, shownPath, unquoted } from "./rawPath";
import { commitOf, mainFolder, type Repository } from "./repository";
import { isFolderOf } from "./sessionKey";
import { openContents, withScratch, type OpenedContents, type SnapshotJob } from "./snapshot";
import { unfinishedWork } from "./snapshotState";
import { whatIsAt } from "./worktreeFolder";
import { listWorktrees, type ListedWorktree } from "./worktreeList";

interface FactsJob extends SnapshotJob {
  readonly repository: Repository;
}

const examples = 3;

/** What every session's worktree of the repository holds. One that cannot be looked into says so and hides no other. */
export async function listSessionWorktrees(job: FactsJob): Promise<WorktreeFacts[]> {
  const { git, repository, signal } = job;
  const listed = (await listWorktrees(git, repository, signal)).filter(
    (one) => isSessionWorktree(one.path) && isFolderOf(basename(dirname(one.path)), repository.commonDir),
  );
  const stashes = await stashSubjects(job);
  const facts: WorktreeFacts[] = [];
  for (const one of listed) {
    signal.throwIfAborted();
    facts.push(await factsOf(job, one, stashes));
  }
  return facts;
}

async function factsOf(
  job: FactsJob,
  listed: ListedWorktree,
  stashSubjectsHere: readonly string[],
): Promise<WorktreeFacts> {
  const mark = ` on ${listed.branch ?? ""}:`.toLowerCase();
  const plain: WorktreeFacts = {
    ...nothingKnown,
    path: listed.path,
    sessionKey: basename(listed.path),
    branch: listed.branch,
    locked: listed.locked,
    stashes: stashSubjectsHere.filter((subject) => subject.toLowerCase().includes(mark)).length,
  };
  try {
    if ((await whatIsAt(listed.path)) === "nothing") return { ...plain, gone: true };
    const checkout = await trustCheckout(job.git, listed.path, job.signal);
    const inUseBy = await processesIn(checkout.path);
    return await withScratch(job, async (scratch) => {
      const opened = await openContents(job, checkout, true, scratch);
      return { ...plain, inUseBy, ...(await counts(job, checkout, opened)) };
    });
  } catch (error) {
    job.signal.throwIfAborted();
    return { ...plain, problem: messageOf(error) };
  }
}

async function counts(
  job: FactsJob,
  checkout: TrustedCheckout,
  { contents, call }: OpenedContents,
): Promise<Partial<WorktreeFacts>> {
  const { found } = contents;
  const size = (path: string): number => found.get(path)?.sizeBytes ?? 0;
  const sum = (paths: Iterable<string>): number => [...paths].reduce((total, path) => total + size(path), 0);
  const staged = linesOf(
    await job.git.run(
      ["diff-index", "--cached", "--name-only", "--ignore-submodules=all", "HEAD", "--"],
      call,
    ),
  ).map(unquoted);
  const conflicts = contents.conflicts.map((one) => one.path);
  return {
    sizeBytes: sum(found.keys()),
    changedAt: newest([...found.values()].map((one) => one.changedAt)),
    changed: new Set([...staged, ...contents.changed, ...contents.deleted, ...conflicts]).size,
    untracked: contents.untracked.length,
    ignored: contents.ignored.length,
    ignoredBytes: sum(contents.ignored),
    ignoredExamples: topFolders(contents.ignored).slice(0, examples),
    unpushed: await unpushedCommits(job, checkout),
    unfinished: await unfinishedWork(checkout.gitDir),
    submodules: contents.submodules.length,
  };
}

/** Commits since the session's base that no remote has. */
async function unpushedCommits(job: FactsJob, checkout: TrustedCheckout): Promise<number> {
  const { git, signal } = job;
  const at = { cwd: checkout.commonDir, gitDir: checkout.gitDir };
  const base = await commitOf(git, `refs/one-horizon/base/${basename(checkout.path)}`, at, signal);
  const not = ["--remotes", ...(base === undefined ? [] : [base])];
  const args = ["rev-list", "--count", "HEAD", "--not", ...not, "--"];
  return Number(await git.run(args, { ...at, signal }));
}

async function stashSubjects(job: FactsJob): Promise<string[]> {
  const { git, repository, signal } = job;
  const call: GitCall = { cwd: mainFolder(repository.commonDir), gitDir: repository.commonDir, signal };
  return linesOf((await git.tryRun(["log", "-g", "--format=%gs", "refs/stash", "--"], call)) ?? "");
}

function newest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : times.reduce((one, other) => Math.max(one, other), 0);
}

/** `node_modules/` instead of its thousand files; the most often met first. */
function topFolders(paths: readonly string[]): string[] {
  const times = new Map<string, number>();
  for (const path of paths) {
    const slash = path.indexOf("/");
    const top = slash < 0 ? shownPath(path) : `${shownPath(path.slice(0, slash))}/`;
    times.set(top, (times.get(top) ?? 0) + 1);
  }
  return [...times].sort(([, one], [, other]) => other - one).map(([top]) => top);
}

const nothingKnown = {
  ...{ gone: false, inUseBy: [], sizeBytes: 0, changedAt: undefined, changed: 0, untracked: 0 },
  ...{ ignored: 0, ignoredBytes: 0, ignoredExamples: [], unpushed: 0, unfinished: undefined },
  ...{ submodules: 0, problem: undefined },
} as const;
