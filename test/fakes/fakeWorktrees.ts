import { untilAborted } from "../../src/base/background";
import type {
  CommitResult,
  DiffStat,
  NotedWorktree,
  PrepareRequest,
  Verified,
  Worktree,
  Worktrees,
} from "../../src/core/ports/worktrees";
import { WorktreeError } from "../../src/core/ports/worktrees";

/** Worktrees that exist on paper; repository mode lends the one checkout to one session at a time. */
export class FakeWorktrees implements Worktrees {
  readonly prepared: PrepareRequest[] = [];
  readonly commits: { readonly sessionId: string; readonly message: string }[] = [];
  readonly released: string[] = [];
  readonly verified: NotedWorktree[] = [];
  verdict: Verified = { kind: "asNoted" };
  readonly #heads = new Map<string, string>();
  readonly #lentTo = new Set<string>();
  readonly #known = new Set<string>();
  /** Sessions whose worktree is set up. */
  readonly #ready = new Set<string>();
  prepareFailure: Error | undefined;
  /** Awaited before a checkout is handed out. */
  beforePrepare: () => Promise<void> = () => Promise.resolve();
  commitFailure: Error | undefined;
  stat: DiffStat = { files: 1, added: 2, deleted: 1 };
  committed: string | undefined = "c".repeat(40);

  async prepare(request: PrepareRequest, signal: AbortSignal): Promise<Worktree> {
    await untilAborted(this.beforePrepare(), signal);
    signal.throwIfAborted();
    if (this.prepareFailure !== undefined) throw this.prepareFailure;
    if (request.mode === "repository") {
      if (this.#lentTo.size > 0) throw new WorktreeError("locked", "Another session uses the checkout.");
      this.#lentTo.add(request.sessionId);
    }
    this.prepared.push(request);
    const path = request.mode === "task" ? `${request.root}/${request.sessionId}` : request.folder;
    const reused = this.#known.has(request.sessionId);
    this.#known.add(request.sessionId);
    return {
      mode: request.mode,
      path,
      workingDirectory: path,
      branch: `one-horizon/${request.sessionId}`,
      baseCommit: "a".repeat(40),
      baseBranch: "main",
      headCommit: this.head(request.sessionId),
      reused,
      fresh: request.mode === "task" && !this.#ready.has(request.sessionId),
      notes: [],
    };
  }

  async setUp(worktree: Pick<Worktree, "path">): Promise<void> {
    await Promise.resolve();
    this.#ready.add(worktree.path.slice(worktree.path.lastIndexOf("/") + 1));
  }

  /** The tip of a session's branch. */
  head(sessionId: string): string {
    return this.#heads.get(sessionId) ?? "a".repeat(40);
  }

  /** A count of changed lines waits for this. */
  counting: Promise<void> = Promise.resolve();

  async verify(noted: NotedWorktree, signal: AbortSignal): Promise<Verified> {
    await Promise.resolve();
    signal.throwIfAborted();
    this.verified.push(noted);
    return this.verdict;
  }

  async commit(
    _worktree: Worktree,
    options: { readonly sessionId: string; readonly message: string },
    signal: AbortSignal,
  ): Promise<CommitResult> {
    await Promise.resolve();
    signal.throwIfAborted();
    if (this.commitFailure !== undefined) throw this.commitFailure;
    this.commits.push({ sessionId: options.sessionId, message: options.message });
    if (this.committed !== undefined) this.#heads.set(options.sessionId, this.committed);
    const headCommit = this.head(options.sessionId);
    return { commit: this.committed, headCommit, stat: this.stat, notes: [] };
  }

  async diffStat(_worktree: Pick<Worktree, "path" | "baseCommit">, signal: AbortSignal): Promise<DiffStat> {
    await this.counting;
    signal.throwIfAborted();
    return this.stat;
  }

  async publish(): Promise<string> {
    await Promise.resolve();
    return "origin";
  }

  async release(_worktree: Pick<Worktree, "path" | "mode">, sessionId: string): Promise<void> {
    await Promise.resolve();
    this.#lentTo.delete(sessionId);
    this.released.push(sessionId);
  }

  async check(): Promise<void> {
    await Promise.resolve();
  }
}
