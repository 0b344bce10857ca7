import { say } from "../base/words";
import { UserError } from "../core/actions";
import type {
  ChangedFile,
  CheckOutLook,
  CompareWith,
  FileNow,
  RevertedFile,
  Review,
} from "../core/ports/review";
import type { OnProgress } from "../core/ports/worktrees";
import type { SessionView } from "../core/state";
import { isLive } from "../core/state";
import type { Store } from "../core/store";
import type { WorkflowConfig } from "../core/workflowConfig";

const readMs = 30_000;
/** A large tree is compared or written. */
const workMs = 300_000;

export interface SessionReviewOptions {
  readonly review: Review;
  readonly store: Store;
  readonly life: AbortSignal;
  /** The opened folder. */
  readonly folder: () => string | undefined;
  /** @throws UserError in Restricted Mode. */
  readonly requireTrust: () => void;
  /** The workflow as it may take effect now. @throws UserError when it may not. */
  readonly workflow: () => Promise<WorkflowConfig>;
  /** The branch that the session began from, where a record tells. */
  readonly baseBranchOf: (sessionId: string) => Promise<string | undefined>;
}

/** What a person sees of sessions' work, and takes of it. Only worktrees that a session has are read, whoever asks. */
export class SessionReview {
  readonly #options: SessionReviewOptions;

  constructor(options: SessionReviewOptions) {
    this.#options = options;
  }

  async changedFiles(path: string, baseCommit: string): Promise<readonly ChangedFile[]> {
    this.#requireKnown(path);
    return await this.#options.review.changedFiles({ path, baseCommit }, this.#within(readMs));
  }

  async fileAt(path: string, commit: string, rawPath: string): Promise<Uint8Array | undefined> {
    this.#requireKnown(path);
    return await this.#options.review.fileAt(path, commit, rawPath, this.#within(readMs));
  }

  async fileNow(path: string, rawPath: string): Promise<FileNow | undefined> {
    this.#requireKnown(path);
    return await this.#options.review.fileNow(path, rawPath, this.#within(readMs));
  }

  async patch(session: SessionView, signal: AbortSignal): Promise<string> {
    return await this.#options.review.patch(placeOf(session), this.#within(workMs, signal));
  }

  async revertFile(session: SessionView, rawPath: string): Promise<RevertedFile> {
    this.#options.requireTrust();
    const now = this.#options.store.state.sessions.get(session.sessionId);
    if (now === undefined || isLive(now.phase)) {
      throw new UserError(say("The session works again, so no file was reverted. Wait until it has ended."));
    }
    return await this.#options.review.revertFile(placeOf(session), rawPath, this.#within(workMs));
  }

  async lookAtCheckOut(session: SessionView): Promise<CheckOutLook> {
    const { review } = this.#options;
    return await review.lookAtCheckOut(this.#folder(), branchOf(session), this.#within(workMs));
  }

  async checkOut(
    session: SessionView,
    detached: boolean,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<void> {
    const folder = this.#folder();
    // Where the workflow may not take effect, nothing of it is allowed.
    const gitHooks = await this.#options.workflow().then(
      (config) => config.gitHooks,
      () => false,
    );
    const request = { folder, branch: branchOf(session), detached, gitHooks, onProgress };
    await this.#options.review.checkOut(request, this.#within(workMs, signal));
  }

  async compareCommit(
    session: SessionView,
    other: Exclude<CompareWith, { kind: "base" }> | { readonly kind: "base" },
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<{ readonly commit: string; readonly name: string }> {
    const folder = this.#folder();
    const whole: CompareWith =
      other.kind === "base"
        ? { kind: "base", branch: await this.#options.baseBranchOf(session.sessionId) }
        : other;
    return await this.#options.review.compareCommit(folder, whole, this.#within(workMs, signal), onProgress);
  }

  #within(ms: number, signal?: AbortSignal): AbortSignal {
    const ends = [this.#options.life, AbortSignal.timeout(ms), ...(signal === undefined ? [] : [signal])];
    return AbortSignal.any(ends);
  }

  #folder(): string {
    this.#options.requireTrust();
    const opened = this.#options.folder();
    if (opened === undefined) {
      throw new UserError(say("No folder is open, so nothing can be checked out."));
    }
    return opened;
  }

  #requireKnown(path: string): void {
    const sessions = [...this.#options.store.state.sessions.values()];
    if (sessions.some((session) => session.worktreePath === path)) return;
    throw new UserError(say("No session has this worktree, so it is not read."));
  }
}

function placeOf({ worktreePath, baseCommit }: SessionView): {
  readonly path: string;
  readonly baseCommit: string;
} {
  if (worktreePath === undefined || baseCommit === undefined) {
    throw new UserError(say("This session has no worktree, so it has changed no file."));
  }
  return { path: worktreePath, baseCommit };
}

function branchOf({ branch }: SessionView): string {
  if (branch === undefined) {
    throw new UserError(say("This session has no branch, so none can be checked out."));
  }
  return branch;
}
