import assert from "node:assert/strict";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import {
  WorktreeError,
  type Checkout,
  type PrepareRequest,
  type Published,
  type Worktree,
  type WorktreeErrorReason,
} from "../../../src/core/ports/worktrees";
import type { GitWorktrees } from "../../../src/git/gitWorktrees";
import { GitFixture } from "./gitFixture";

/** A fixture with a bare origin, a colleague's clone of it, and the worker's steps on a run's branch. */
export class RunFixture {
  readonly git: GitFixture;
  readonly origin: string;
  readonly colleague: string;
  readonly branch = "runs/fix-1";
  /** One worker's, for all steps of a test. */
  readonly worktrees: GitWorktrees;

  private constructor(git: GitFixture, origin: string) {
    this.git = git;
    this.origin = origin;
    this.colleague = join(git.folder, "colleague");
    this.worktrees = git.worktrees();
  }

  static async create(): Promise<RunFixture> {
    const git = await GitFixture.withCommit();
    const fixture = new RunFixture(git, await git.addOrigin());
    await git.git(git.folder, "clone", "--quiet", fixture.origin, fixture.colleague);
    return fixture;
  }

  request(sessionId: string, checkout: Checkout, more: Partial<PrepareRequest> = {}): PrepareRequest {
    return this.git.request(sessionId, { checkout, ...more });
  }

  async run(sessionId = "s1", more: Partial<PrepareRequest> = {}, mergeBase = false): Promise<Worktree> {
    const checkout = { kind: "run", branch: this.branch, mergeBase } as const;
    return await this.worktrees.prepare(this.request(sessionId, checkout, more), neverAborted);
  }

  async read(branch: string | undefined, required = true, sessionId = "r1"): Promise<Worktree> {
    const checkout = { kind: "detached", branch, required } as const;
    return await this.worktrees.prepare(this.request(sessionId, checkout), neverAborted);
  }

  async commit(made: Worktree, sessionId = "s1"): Promise<string> {
    const options = this.git.commitOptions(sessionId);
    return (await this.worktrees.commit(made, options, neverAborted)).headCommit;
  }

  async publish(
    made: Worktree,
    { sessionId = "s1", worktrees = this.worktrees, gitHooks = false } = {},
  ): Promise<Published> {
    const options = { sessionId, gitHooks, quarantine: this.git.quarantine };
    return await worktrees.publishRun(made, options, neverAborted);
  }

  /** Writes a file in the worktree and commits it as the worker. */
  async work(made: Worktree, name: string, text: string, sessionId = "s1"): Promise<string> {
    await this.git.write(join(made.path, name), text);
    return await this.commit(made, sessionId);
  }

  async release(made: Worktree, sessionId = "s1"): Promise<void> {
    await this.worktrees.release(made, sessionId);
  }

  /** A colleague pushes a file; the commit. */
  async theirs(name: string, text: string, branch = this.branch): Promise<string> {
    const { git, colleague } = this;
    await git.git(colleague, "fetch", "--quiet", "origin");
    const known = await git.git(colleague, "branch", "--remotes", "--list", `origin/${branch}`);
    const start = known === "" ? "origin/main" : `origin/${branch}`;
    await git.git(colleague, "checkout", "--quiet", "-B", "theirs", start);
    await git.write(join(colleague, name), text);
    await git.git(colleague, "add", "-A");
    await git.git(colleague, "commit", "--quiet", "-m", `Theirs: ${name}`);
    await git.git(colleague, "push", "--quiet", "origin", `HEAD:refs/heads/${branch}`);
    return await git.git(colleague, "rev-parse", "HEAD");
  }

  async tip(branch = this.branch): Promise<string> {
    return await this.git.git(this.origin, "rev-parse", `refs/heads/${branch}`);
  }

  async remove(): Promise<void> {
    await this.git.remove();
  }
}

/** Rejects with the reason, and says what happened, what is kept and what to do. */
export async function assertTold(
  work: Promise<unknown>,
  reason: WorktreeErrorReason,
  message: RegExp,
): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof WorktreeError, `it rejects: ${String(error)}`);
  assert.equal(error.reason, reason, error.message);
  assert.match(error.message, message);
  assert.match(error.message, /kept|[Nn]othing was (changed|committed)/u, "says what was kept");
}
