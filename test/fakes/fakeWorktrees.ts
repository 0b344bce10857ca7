import { untilAborted } from "../../src/base/background";
import type {
  Checkout,
  CommitResult,
  DiffStat,
  NotedWorktree,
  PrepareRequest,
  Published,
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
  /** Branches of runs on the remote, by name, with their commits. */
  readonly remote = new Map<string, string>();
  readonly pushes: { readonly sessionId: string; readonly branch: string; readonly commit: string }[] = [];
  /** Paths of detached worktrees that were removed. */
  readonly discarded: string[] = [];
  verdict: Verified = { kind: "asNoted" };
  /** Tips by branch. */
  readonly #heads = new Map<string, string>();
  readonly #lentTo = new Set<string>();
  /** Names of worktrees' folders. */
  readonly #known = new Set<string>();
  /** The branch of each session. */
  readonly #branches = new Map<string, string>();
  /** Names of worktrees that are set up. */
  readonly #ready = new Set<string>();
  prepareFailure: Error | undefined;
  publishFailure: Error | undefined;
  discardFailure: Error | undefined;
  /** What the merge of the base leaves in conflict. */
  conflicts: readonly string[] = [];
  /** Awaited before a push. */
  beforePush: () => Promise<void> = () => Promise.resolve();
  /** Awaited before a checkout is handed out. */
  beforePrepare: () => Promise<void> = () => Promise.resolve();
  commitFailure: Error | undefined;
  stat: DiffStat = { files: 1, added: 2, deleted: 1 };
  committed: string | undefined = "c".repeat(40);

  async prepare(request: PrepareRequest, signal: AbortSignal): Promise<Worktree> {
    await untilAborted(this.beforePrepare(), signal);
    signal.throwIfAborted();
    if (this.prepareFailure !== undefined) throw this.prepareFailure;
    const { sessionId, folder, root, checkout = { kind: "own" } } = request;
    const mode = checkout.kind === "own" ? request.mode : "task";
    if (mode === "repository") {
      if (this.#lentTo.size > 0) throw new WorktreeError("locked", "Another session uses the checkout.");
      this.#lentTo.add(sessionId);
    }
    const at = this.#placeOf(checkout, sessionId);
    this.prepared.push(request);
    const path = mode === "task" ? `${root}/${at.name}` : folder;
    const reused = this.#known.has(at.name);
    this.#known.add(at.name);
    this.#branches.set(sessionId, at.branch);
    return {
      mode,
      path,
      workingDirectory: path,
      branch: at.branch,
      baseCommit: "a".repeat(40),
      baseBranch: "main",
      headCommit: this.head(sessionId),
      reused,
      fresh: mode === "task" && !this.#ready.has(at.name),
      notes: [],
      ...(checkout.kind === "detached" ? { detached: true } : {}),
      ...(checkout.kind === "run" && checkout.mergeBase ? { conflicts: this.conflicts } : {}),
    };
  }

  /** The worktree's folder and its branch. */
  #placeOf(checkout: Checkout, sessionId: string): { readonly name: string; readonly branch: string } {
    if (checkout.kind === "own") return { name: sessionId, branch: `one-horizon/${sessionId}` };
    if (checkout.kind === "run") {
      return { name: `run-${checkout.branch.replaceAll("/", "-")}`, branch: checkout.branch };
    }
    const { branch, required } = checkout;
    const there = branch !== undefined && this.remote.has(branch);
    if (required && !there) {
      throw new WorktreeError("badBranch", `The branch ${branch ?? ""} is not on origin.`);
    }
    return { name: `read-${sessionId}`, branch: there ? branch : "main" };
  }

  async setUp(worktree: Pick<Worktree, "path">): Promise<void> {
    await Promise.resolve();
    this.#ready.add(worktree.path.slice(worktree.path.lastIndexOf("/") + 1));
  }

  /** The tip of a session's branch. */
  head(sessionId: string): string {
    const branch = this.#branchOf(sessionId);
    return this.#heads.get(branch) ?? this.remote.get(branch) ?? "a".repeat(40);
  }

  #branchOf(sessionId: string): string {
    return this.#branches.get(sessionId) ?? `one-horizon/${sessionId}`;
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
    if (this.committed !== undefined) this.#heads.set(this.#branchOf(options.sessionId), this.committed);
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

  async publishRun(
    worktree: Pick<Worktree, "branch">,
    options: { readonly sessionId: string },
    signal: AbortSignal,
  ): Promise<Published> {
    await untilAborted(this.beforePush(), signal);
    signal.throwIfAborted();
    if (this.publishFailure !== undefined) throw this.publishFailure;
    const { branch } = worktree;
    const commit = this.head(options.sessionId);
    this.pushes.push({ sessionId: options.sessionId, branch, commit });
    this.remote.set(branch, commit);
    return { remote: "origin", commit, notes: [] };
  }

  async discard(
    worktree: Pick<Worktree, "path">,
    _sessionId: string,
    signal: AbortSignal,
    before?: () => Promise<void>,
  ): Promise<void> {
    await Promise.resolve();
    signal.throwIfAborted();
    const name = worktree.path.slice(worktree.path.lastIndexOf("/") + 1);
    if (this.#known.has(name)) await before?.();
    if (this.discardFailure !== undefined) throw this.discardFailure;
    this.#known.delete(name);
    this.#ready.delete(name);
    this.discarded.push(worktree.path);
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
