/** What a session works on. */
export type Checkout =
  /** A branch of its own. */
  | { readonly kind: "own" }
  /**
   * The branch of a workflow run, brought to what the remote has. `mergeBase`: the base branch is merged into it, and
   * the merge is left begun, with its conflicts in the files.
   */
  | { readonly kind: "run"; readonly branch: string; readonly mergeBase: boolean }
  /**
   * A checkout without a branch, to read in and then to `discard`: the branch as the remote has it now. Where that is
   * undefined, or is not there and not `required`: the base branch.
   */
  | { readonly kind: "detached"; readonly branch: string | undefined; readonly required: boolean };

export interface PrepareRequest {
  readonly sessionId: string;
  /** Any path inside the user's repository: the opened folder. */
  readonly folder: string;
  readonly mode: "task" | "repository";
  /** Absolute folder under which worktrees are made (task mode). */
  readonly root: string;
  /** From the workflow; undefined: origin/HEAD, then main, then master. */
  readonly baseBranch: string | undefined;
  /** Globs of ignored files of the opened folder that a new worktree gets (task mode). */
  readonly copy: readonly string[];
  readonly gitHooks: boolean;
  /** Absent: `own`. `run` and `detached` get a worktree in every mode. */
  readonly checkout?: Checkout;
  /** Called often while git fetches the base and writes the files; not in repository mode. */
  readonly onProgress?: OnProgress | undefined;
}

/** How far a long step of git is. */
export interface WorkProgress {
  readonly work: "fetching" | "checkingOut" | "pushing";
  /** From 0 to 100. */
  readonly percent: number;
}

export type OnProgress = (told: WorkProgress) => void;

/** Where a session works. */
export interface Worktree {
  readonly mode: "task" | "repository";
  /** Absolute path of the checkout. */
  readonly path: string;
  /** The folder inside it that corresponds to the opened folder. */
  readonly workingDirectory: string;
  readonly branch: string;
  /** Where the session began; of a run's branch and of a detached checkout: where it left the base branch. */
  readonly baseCommit: string;
  readonly baseBranch: string;
  /** No branch is checked out; `branch` says whose tip it is. */
  readonly detached?: true;
  /** Paths in the repository that the begun merge left in conflict; present with a begun merge only. */
  readonly conflicts?: readonly string[];
  /** The branch's tip when the checkout was handed out. */
  readonly headCommit: string;
  /** True when it was made by an earlier attempt of the same session and is used again. */
  readonly reused: boolean;
  /** Until `setUp` was called for it: what a new worktree needs has still to be done. Never in repository mode. */
  readonly fresh: boolean;
  /** Sentences for the user, for example that the fetch failed and the local base was used. */
  readonly notes: readonly string[];
}

export interface DiffStat {
  readonly files: number;
  readonly added: number;
  readonly deleted: number;
}

export interface CommitResult {
  /** Undefined when there was nothing to commit. */
  readonly commit: string | undefined;
  /** The branch's tip afterwards. */
  readonly headCommit: string;
  /** Everything between the base commit and the branch's tip. */
  readonly stat: DiffStat;
  readonly notes: readonly string[];
}

/** A run's branch as the remote was seen to have it, after it was pushed. */
export interface Published {
  /** The remote's name. */
  readonly remote: string;
  /** What was pushed; the remote shows this commit or one that contains it. */
  readonly commit: string;
  /** Sentences for the user, for example that others' commits were merged. */
  readonly notes: readonly string[];
}

/** Why git work failed; `hostileTree` means that the tool left something git must not touch. */
export type WorktreeErrorReason =
  | "noGit"
  | "gitTooOld"
  | "diskFull"
  | "readOnly"
  /** Git's own files cannot be read. */
  | "damaged"
  | "noRepository"
  | "noCommit"
  | "bareRepository"
  | "noBaseBranch"
  | "dirtyCheckout"
  | "detachedHead"
  | "branchInUse"
  | "locked"
  | "pathInUse"
  | "hostileTree"
  | "unsafePath"
  | "noRemote"
  /** The remote cannot be reached, or is there no more. */
  | "remoteGone"
  | "pushRefused"
  /** No name of a branch, of one that is never pushed, or of one that is needed and not on the remote. */
  | "badBranch"
  /** Two sides changed the same; the message names the files. */
  | "conflict"
  /** A commit could not be signed. */
  | "signing"
  | "timeout"
  /** More than a snapshot may hold. */
  | "tooLarge"
  | "failed";

/** A git step failed. The message says what happened, what was kept and what to do. */
export class WorktreeError extends Error {
  override readonly name = "WorktreeError";
  readonly reason: WorktreeErrorReason;
  constructor(reason: WorktreeErrorReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
  static is(error: unknown, reason?: WorktreeErrorReason): error is WorktreeError {
    return error instanceof WorktreeError && (reason === undefined || error.reason === reason);
  }
}

/** No session could be worked on here now: the machine or the repository as a whole is at fault, not the session. */
const forAll: ReadonlySet<WorktreeErrorReason> = new Set<WorktreeErrorReason>([
  "noGit",
  "gitTooOld",
  "diskFull",
  "readOnly",
  "noRepository",
  "bareRepository",
]);

export function concernsEverySession(error: WorktreeError): boolean {
  return forAll.has(error.reason);
}

/** What an earlier process noted of a session's checkout. */
export interface NotedWorktree {
  readonly sessionId: string;
  /** The opened folder. */
  readonly folder: string;
  readonly path: string;
  readonly branch: string;
  readonly headCommit: string;
}

/** `gone`: the folder is missing, but the branch holds all that was committed, so it can be made anew. */
export type Verified =
  | { readonly kind: "asNoted" | "gone" }
  /** What differs, what was kept and what to do. */
  | { readonly kind: "differs"; readonly message: string };

export interface Worktrees {
  /** Makes or finds the session's checkout. The main checkout is never touched in task mode. */
  prepare(request: PrepareRequest, signal: AbortSignal): Promise<Worktree>;
  /** Notes for good that all a new worktree needs was done. */
  setUp(worktree: Pick<Worktree, "path" | "mode">, signal: AbortSignal): Promise<void>;
  /** Before work of an earlier process goes on: is the checkout still the one that was noted? Changes nothing. */
  verify(noted: NotedWorktree, signal: AbortSignal): Promise<Verified>;
  /** Commits what the tool left. Call only after every process of the tool is gone. */
  commit(
    worktree: Worktree,
    options: {
      readonly sessionId: string;
      /** The subject; the session is named in a trailer below it. */
      readonly message: string;
      readonly gitHooks: boolean;
      readonly quarantine: string;
    },
    signal: AbortSignal,
  ): Promise<CommitResult>;
  /** Lines added and deleted so far, committed or not; safe in a tree that a tool has written. */
  diffStat(worktree: Pick<Worktree, "path" | "baseCommit">, signal: AbortSignal): Promise<DiffStat>;
  /** Pushes the branch to the remote, never with force. Returns the remote's name. */
  publish(
    worktree: Pick<Worktree, "path" | "branch">,
    options: { readonly gitHooks: boolean; readonly onProgress?: OnProgress | undefined },
    signal: AbortSignal,
  ): Promise<string>;
  /**
   * Pushes a run's branch, never with force, and reads it back from the remote. What others pushed meanwhile is merged
   * where that is clean, else WorktreeError `conflict`. Resolves only when the remote shows the commit; may be called
   * again after any end. Call only after every process of the tool is gone, and after `commit`.
   */
  publishRun(
    worktree: Worktree,
    options: {
      readonly sessionId: string;
      readonly gitHooks: boolean;
      /** Absolute path of a folder to which git entries go that the tool has left. */
      readonly quarantine: string;
    },
    signal: AbortSignal,
  ): Promise<Published>;
  /**
   * Removes the session's detached worktree; changes in it, which nobody expects, are snapshotted first.
   * @param before called once it is known to be there; where it rejects, nothing is removed.
   */
  discard(
    worktree: Pick<Worktree, "path">,
    sessionId: string,
    signal: AbortSignal,
    before?: () => Promise<void>,
  ): Promise<void>;
  /** The session works here no longer. In repository mode another session may have the checkout then; nothing is removed. */
  release(worktree: Pick<Worktree, "path" | "mode">, sessionId: string): Promise<void>;
  /** Can sessions run in this folder at all? Throws WorktreeError when not. */
  check(folder: string, signal: AbortSignal): Promise<void>;
}
