import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import * as z from "zod/mini";
import { asWritten } from "../base/words";
import { WorktreeError, type Worktree } from "../core/ports/worktrees";
import type { GitClient } from "./gitClient";
import { findGitEntries } from "./hostileTree";
import { readHead, type Repository } from "./repository";
import { unfinishedWork } from "./snapshotState";
import { isMissing } from "./worktreeFolder";

/** Who works in a shared checkout, and how it looked before. */
const recordSchema = z.object({
  sessionId: z.string(),
  branch: z.string(),
  baseCommit: z.string(),
  /** HEAD as the worker left it last; anything else is another's work. */
  head: z.string(),
  /** `.git` entries that were there before the tool began: the user's own, never moved. */
  gitEntries: z.array(z.string()),
});
export type SharedCheckoutRecord = z.infer<typeof recordSchema>;

/** One note per shared checkout, outside of it, so that a tool in it cannot write them. */
export class SharedCheckouts {
  readonly #folder: string;
  /** Sessions of this process by checkout; the note on disk alone may be of a process that died. */
  readonly #live = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  liveSession(topLevel: string): string | undefined {
    return this.#live.get(topLevel);
  }

  async read(topLevel: string): Promise<SharedCheckoutRecord | undefined> {
    try {
      const text = await readFile(this.#file(topLevel), "utf8");
      return recordSchema.safeParse(JSON.parse(text)).data;
    } catch (error) {
      if (isMissing(error) || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async save(topLevel: string, record: SharedCheckoutRecord): Promise<void> {
    this.#live.set(topLevel, record.sessionId);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#file(topLevel);
    await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  async forget(topLevel: string, sessionId: string): Promise<void> {
    if (this.#live.get(topLevel) === sessionId) this.#live.delete(topLevel);
    if ((await this.read(topLevel))?.sessionId === sessionId) await rm(this.#file(topLevel), { force: true });
  }

  #file(topLevel: string): string {
    const hash = createHash("sha256").update(topLevel).digest("hex").slice(0, 32);
    return join(this.#folder, `${hash}.json`);
  }
}

/**
 * Hands the opened checkout itself to a session: one at a time, on a branch, clean. The session's own earlier changes
 * are no reason to refuse. No branch is switched. Throws WorktreeError `branchInUse`, `detachedHead`, `noCommit`,
 * `dirtyCheckout`.
 */
export async function prepareSharedCheckout(
  git: GitClient,
  checkouts: SharedCheckouts,
  repository: Repository,
  folder: string,
  sessionId: string,
  signal: AbortSignal,
): Promise<Worktree> {
  const { topLevel } = repository;
  const live = checkouts.liveSession(topLevel);
  if (live !== undefined && live !== sessionId) {
    throw new WorktreeError(
      "branchInUse",
      asWritten(
        "Another session works in {0}, and in repository mode it is one at a time. Nothing was changed. Wait until it ends, or set worktree.mode to task.",
        topLevel,
      ),
    );
  }
  const { branch, commit } = await requireBranchHead(git, repository, signal);
  const earlier = await checkouts.read(topLevel);
  const reused = earlier?.sessionId === sessionId && earlier.branch === branch && earlier.head === commit;
  if (!reused) await requireClean(git, repository, signal);
  const record = reused
    ? earlier
    : { sessionId, branch, baseCommit: commit, head: commit, gitEntries: await entriesIn(topLevel, signal) };
  await checkouts.save(topLevel, record);
  const { baseCommit } = record;
  return {
    mode: "repository",
    path: topLevel,
    workingDirectory: folder,
    branch,
    baseCommit,
    baseBranch: branch,
    headCommit: commit,
    reused,
    fresh: false,
    notes: [asWritten("The session works in {0} itself, on {1}.", topLevel, branch)],
  };
}

async function entriesIn(topLevel: string, signal: AbortSignal): Promise<string[]> {
  return (await findGitEntries(topLevel, signal)).map((entry) => entry.toString("utf8"));
}

async function requireBranchHead(
  git: GitClient,
  repository: Repository,
  signal: AbortSignal,
): Promise<{ branch: string; commit: string }> {
  const { topLevel, gitDir } = repository;
  const { branch, commit } = await readHead(git, { cwd: topLevel, gitDir }, signal);
  if (branch === undefined) {
    throw new WorktreeError(
      "detachedHead",
      asWritten(
        "{0} is on no branch (detached head), so a commit would belong to none. Nothing was changed. Check out a branch, or set worktree.mode to task.",
        topLevel,
      ),
    );
  }
  if (commit === undefined) {
    throw new WorktreeError(
      "noCommit",
      asWritten(
        "The branch {0} of {1} has no commit yet. Make a first commit, then claim the session again.",
        branch,
        topLevel,
      ),
    );
  }
  return { branch, commit };
}

async function requireClean(git: GitClient, repository: Repository, signal: AbortSignal): Promise<void> {
  const { topLevel, gitDir } = repository;
  const call = { cwd: topLevel, gitDir, workTree: topLevel, signal };
  const status = await git.run(
    ["status", "--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=all"],
    call,
  );
  const changed = status.split("\0").filter((entry) => entry !== "").length;
  const halfDone = await unfinishedWork(gitDir);
  if (changed === 0 && halfDone === undefined) return;
  const what =
    halfDone === undefined
      ? changed === 1
        ? asWritten("has 1 changed or untracked file")
        : asWritten("has {0} changed or untracked files", changed)
      : asWritten("is in the middle of a {0}", halfDone);
  throw new WorktreeError(
    "dirtyCheckout",
    asWritten(
      "{0} {1}, and in repository mode the worker would commit that as the session's. Nothing was changed. Commit or stash it first, or set worktree.mode to task.",
      topLevel,
      what,
    ),
  );
}
