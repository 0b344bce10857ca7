import { join } from "node:path";
import type { Clock } from "../base/clock";
import { KeyedQueue } from "../base/keyedQueue";
import type { Log } from "../base/log";
import { asWritten } from "../base/words";
import type {
  RemovalRequest,
  RemovedWorktree,
  WorktreeCleanUp,
  WorktreeFacts,
} from "../core/ports/worktreeCleanUp";
import {
  WorktreeError,
  type CommitResult,
  type DiffStat,
  type NotedWorktree,
  type OnProgress,
  type PrepareRequest,
  type Published,
  type Verified,
  type Worktree,
  type Worktrees,
} from "../core/ports/worktrees";
import { resolveBase } from "./baseBranch";
import { BaseFetches } from "./baseFetches";
import { trustCheckout } from "./checkoutTrust";
import { commitTree, type CommitOptions } from "./commit";
import { noteSetUp } from "./copiedNote";
import { workingTreeStat } from "./diffStat";
import { defaultGitLimits, GitClient, type GitLimits } from "./gitClient";
import type { Environment } from "./gitEnvironment";
import { GitReview } from "./gitReview";
import { requireGitVersion } from "./gitVersion";
import { guardTree } from "./treeGuard";
import { prepareTaskWorktree } from "./prepare";
import { publishBranch } from "./publish";
import { forgetGoneWorktree, removeWorktree, type RemovalJob } from "./removeWorktree";
import { discardReader, readerRepository } from "./discardReader";
import type { PlaceTools } from "./ensureWorktree";
import { openRepository, requireCommit, type Repository } from "./repository";
import { verifyNoted } from "./verify";
import { prepareSharedCheckout, SharedCheckouts } from "./repositoryMode";
import { prepareForReading, prepareForRun, publishForRun, type RunTools } from "./runWork";
import { refuseUsed, RunUsers } from "./runUsers";
import { sessionKey } from "./sessionKey";
import { setAside } from "./setAside";
import { defaultSnapshotLimits, type SnapshotLimits } from "./snapshotTree";
import { withReason } from "./withReason";
import { listSessionWorktrees } from "./worktreeFacts";

export interface GitWorktreesOptions {
  /** Absolute path of a folder of ours outside every repository; an empty hooks folder and small notes live in it. */
  readonly stateFolder: string;
  /** The editor's environment; an allow-list of it reaches git. */
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<GitLimits>;
  readonly snapshotLimits?: Partial<SnapshotLimits>;
}

type Place = Pick<Worktree, "path" | "baseCommit">;

/** Worktrees of real git repositories. Work that changes one repository runs one after another. */
export class GitWorktrees implements Worktrees, WorktreeCleanUp {
  /** For a person who looks at what sessions did in the same repositories. */
  readonly review: GitReview;
  readonly #git: GitClient;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #fetches: BaseFetches;
  readonly #shared: SharedCheckouts;
  readonly #users: RunUsers;
  readonly #runTools: RunTools;
  readonly #queue = new KeyedQueue();
  readonly #scratch: string;
  #versionKnown = false;
  readonly #snapshotLimits: SnapshotLimits;

  constructor(options: GitWorktreesOptions) {
    const folder = join(options.stateFolder, "git");
    this.#git = new GitClient(options.environment, folder, { ...defaultGitLimits, ...options.limits });
    this.#clock = options.clock;
    this.#log = options.log;
    this.#fetches = new BaseFetches(this.#git);
    this.#shared = new SharedCheckouts(join(folder, "shared"));
    this.#users = new RunUsers(options.clock);
    this.#runTools = {
      ...{ git: this.#git, clock: this.#clock, fetches: this.#fetches, users: this.#users },
      queued: (commonDir, signal, work) => this.#queued(commonDir, signal, work),
      placeTools: (repository, signal) => this.#placeTools(repository, signal),
    };
    this.#scratch = join(folder, "scratch");
    this.review = new GitReview({
      ...{ git: this.#git, clock: this.#clock, fetches: this.#fetches },
      ...{ queue: this.#queue, scratch: this.#scratch },
    });
    this.#snapshotLimits = { ...defaultSnapshotLimits, ...options.snapshotLimits };
  }

  async prepare(request: PrepareRequest, signal: AbortSignal): Promise<Worktree> {
    return await withReason(
      asWritten("The worktree could not be made"),
      asWritten("Your checkout is unchanged."),
      async () => {
        const { folder, sessionId } = request;
        const repository = await this.#open(folder, signal);
        const made = await this.#make(repository, request, signal);
        const { branch, reused } = made;
        if (made.mode === "task") this.#log.info("worktree ready", { sessionId, branch, reused });
        return made;
      },
    );
  }

  async #make(repository: Repository, request: PrepareRequest, signal: AbortSignal): Promise<Worktree> {
    const { folder, sessionId, checkout = { kind: "own" } } = request;
    if (checkout.kind === "run") {
      return await prepareForRun(this.#runTools, repository, request, checkout, signal);
    }
    if (checkout.kind === "detached") {
      return await prepareForReading(this.#runTools, repository, request, checkout, signal);
    }
    if (request.mode === "repository") {
      return await this.#queued(repository.commonDir, signal, () =>
        prepareSharedCheckout(this.#git, this.#shared, repository, folder, sessionId, signal),
      );
    }
    const base = await resolveBase(
      this.#git,
      this.#fetches,
      repository,
      request.baseBranch,
      signal,
      request.onProgress,
    );
    return await this.#queued(repository.commonDir, signal, () =>
      prepareTaskWorktree(this.#placeTools(repository, signal), repository, request, base, signal),
    );
  }

  async setUp(worktree: Pick<Worktree, "path" | "mode">, signal: AbortSignal): Promise<void> {
    if (worktree.mode === "repository") return;
    await this.#reading(worktree, signal, ({ gitDir }) => noteSetUp(gitDir));
  }

  async verify(noted: NotedWorktree, signal: AbortSignal): Promise<Verified> {
    return await withReason(
      asWritten("The worktree could not be checked"),
      asWritten("Nothing was changed."),
      () => verifyNoted(this.#git, noted, signal),
    );
  }

  async commit(
    worktree: Worktree,
    options: CommitOptions & { readonly quarantine: string },
    signal: AbortSignal,
  ): Promise<CommitResult> {
    return await withReason(
      asWritten("The work could not be committed"),
      asWritten("The files are kept in the worktree."),
      async () => {
        const record = worktree.mode === "repository" ? await this.#shared.read(worktree.path) : undefined;
        if (worktree.mode === "repository") requireOwner(record, options.sessionId, worktree.path);
        const known = new Set(record?.gitEntries ?? []);
        const checkout = await guardTree(this.#git, worktree, options.quarantine, known, signal);
        const expected = record === undefined ? {} : { expectedHead: record.head };
        const result = await this.#queued(checkout.commonDir, signal, () =>
          commitTree(this.#git, this.#clock, checkout, worktree, { ...options, ...expected }, signal),
        );
        if (record !== undefined && result.commit !== undefined) {
          await this.#shared.save(worktree.path, { ...record, head: result.commit });
        }
        this.#log.info("worktree committed", { sessionId: options.sessionId, commit: result.commit });
        return result;
      },
    );
  }

  async diffStat(worktree: Place, signal: AbortSignal): Promise<DiffStat> {
    return await this.#reading(worktree, signal, (checkout) =>
      workingTreeStat(this.#git, checkout, worktree.baseCommit, signal),
    );
  }

  async publish(
    worktree: Pick<Worktree, "path" | "branch">,
    options: { readonly gitHooks: boolean; readonly onProgress?: OnProgress | undefined },
    signal: AbortSignal,
  ): Promise<string> {
    return await this.#reading(worktree, signal, (checkout) =>
      publishBranch(this.#git, checkout, worktree, options, signal),
    );
  }

  async publishRun(
    worktree: Worktree,
    options: { readonly sessionId: string; readonly gitHooks: boolean; readonly quarantine: string },
    signal: AbortSignal,
  ): Promise<Published> {
    const kept = asWritten("The session's commits are kept in the worktree and on its branch.");
    return await withReason(asWritten("The run's branch could not be pushed"), kept, async () => {
      const published = await publishForRun(this.#runTools, worktree, options, signal);
      this.#log.info("branch pushed", { sessionId: options.sessionId, commit: published.commit });
      return published;
    });
  }

  async discard(
    worktree: Pick<Worktree, "path">,
    sessionId: string,
    signal: AbortSignal,
    before?: () => Promise<void>,
  ): Promise<void> {
    await withReason(
      asWritten("The worktree was not removed"),
      asWritten("Everything is kept."),
      async () => {
        const find = (): Promise<Repository | undefined> =>
          readerRepository(this.#git, worktree.path, sessionId, signal);
        if (before !== undefined && (await find()) !== undefined) await before();
        // Whatever ran meanwhile may have changed it.
        const repository = await find();
        if (repository === undefined) return;
        const removed = await this.#queued(repository.commonDir, signal, () =>
          discardReader(this.#removalJob(repository, signal), worktree.path),
        );
        if (removed?.snapshot === undefined) return;
        this.#log.warn("a checkout to read in was changed", { sessionId, snapshot: removed.snapshot });
      },
    );
  }

  async release(worktree: Pick<Worktree, "path" | "mode">, sessionId: string): Promise<void> {
    if (worktree.mode === "repository") await this.#shared.forget(worktree.path, sessionId);
    else await this.#users.release(worktree.path, sessionId);
  }

  async check(folder: string, signal: AbortSignal): Promise<void> {
    await withReason(
      asWritten("The repository cannot be read"),
      asWritten("Nothing was changed."),
      async () => {
        const repository = await this.#open(folder, signal);
        await requireCommit(this.#git, repository, signal);
      },
    );
  }

  async listWorktrees(folder: string, signal: AbortSignal): Promise<readonly WorktreeFacts[]> {
    return await withReason(
      asWritten("The worktrees cannot be listed"),
      asWritten("Nothing was changed."),
      async () => {
        const repository = await this.#open(folder, signal);
        return await listSessionWorktrees(this.#removalJob(repository, signal));
      },
    );
  }

  async removeWorktree(request: RemovalRequest, signal: AbortSignal): Promise<RemovedWorktree> {
    return await withReason(
      asWritten("The worktree was not removed"),
      asWritten("Everything is kept."),
      async () => {
        const repository = await this.#open(request.folder, signal);
        const removed = await this.#queued(repository.commonDir, signal, async () => {
          await refuseUsed(this.#users, repository, request.path);
          return await removeWorktree(this.#removalJob(repository, signal), request);
        });
        this.#log.info("worktree removed", { path: removed.path, snapshot: removed.snapshot });
        return removed;
      },
    );
  }

  keyOf(sessionId: string): string {
    return sessionKey(sessionId);
  }

  #placeTools(repository: Repository, signal: AbortSignal): PlaceTools {
    const job = this.#removalJob(repository, signal);
    return {
      git: this.#git,
      clock: this.#clock,
      forgetGone: (one) => forgetGoneWorktree(job, one),
      setAside: (path) => setAside(job, path),
    };
  }

  #removalJob(repository: Repository, signal: AbortSignal): RemovalJob {
    return {
      ...{ git: this.#git, clock: this.#clock, log: this.#log, repository, signal },
      ...{ scratch: this.#scratch, limits: this.#snapshotLimits },
    };
  }

  async #reading<T>(
    worktree: Pick<Worktree, "path">,
    signal: AbortSignal,
    work: (checkout: Awaited<ReturnType<typeof trustCheckout>>) => Promise<T>,
  ): Promise<T> {
    return await withReason(
      asWritten("Git failed in the worktree"),
      asWritten("Nothing was changed."),
      async () => work(await trustCheckout(this.#git, worktree.path, signal)),
    );
  }

  /** Finds the repository, with a git that is new enough. */
  async #open(folder: string, signal: AbortSignal): Promise<Repository> {
    if (!this.#versionKnown) await requireGitVersion(this.#git, signal);
    this.#versionKnown = true;
    return await openRepository(this.#git, folder, signal);
  }

  async #queued<T>(commonDir: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return await this.#queue.run(commonDir, async () => {
      signal.throwIfAborted();
      return await work();
    });
  }
}

function requireOwner(record: { sessionId: string } | undefined, sessionId: string, path: string): void {
  if (record?.sessionId === sessionId) return;
  throw new WorktreeError(
    "failed",
    asWritten(
      "{0} was not prepared for this session, so its changes may be someone else's and were not committed. They are kept. Commit them by hand.",
      path,
    ),
  );
}
