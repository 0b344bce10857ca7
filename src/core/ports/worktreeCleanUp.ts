/** What one of the worker's worktrees holds now. */
export interface WorktreeFacts {
  /** Absolute path. */
  readonly path: string;
  /** The worktree's folder: the session's name in folders and branches, or a name of the run's branch. */
  readonly sessionKey: string;
  /** Undefined on a detached head. */
  readonly branch: string | undefined;
  /** The folder was deleted by somebody; only git's entry is left. */
  readonly gone: boolean;
  /** The reason of git's lock, "" for none given, undefined when not locked. */
  readonly locked: string | undefined;
  /** Processes that work in it, as far as this system tells. */
  readonly inUseBy: readonly number[];
  readonly sizeBytes: number;
  /** When a file was written last, milliseconds since the epoch; undefined when it has none. */
  readonly changedAt: number | undefined;
  /** Tracked files that differ from the last commit, staged or not. */
  readonly changed: number;
  readonly untracked: number;
  readonly ignored: number;
  readonly ignoredBytes: number;
  /** A few paths of ignored files, for people. */
  readonly ignoredExamples: readonly string[];
  /** Commits of the session that no remote has. A removal keeps their branch. */
  readonly unpushed: number;
  /** Stashes made on its branch. A removal keeps them. */
  readonly stashes: number;
  /** "merge", "rebase" and so on when one is half done. */
  readonly unfinished: string | undefined;
  /** Submodules that are checked out in it. */
  readonly submodules: number;
  /** Why it could not be looked into; the counts say nothing then. */
  readonly problem: string | undefined;
}

export interface RemovalRequest {
  /** Any path inside the user's repository: the opened folder. */
  readonly folder: string;
  readonly path: string;
  /** Ignored files are snapshotted too; else they are dropped. */
  readonly includeIgnored: boolean;
  /** For the snapshot's message; undefined where no record names the session. */
  readonly session: { readonly sessionId: string; readonly title: string } | undefined;
}

export interface RemovedWorktree {
  readonly path: string;
  readonly branch: string | undefined;
  /** The snapshot's ref; undefined when everything was committed on the branch. */
  readonly snapshot: string | undefined;
  /** Further refs: work in submodules. */
  readonly moduleSnapshots: readonly string[];
  /** Ignored files that were dropped. */
  readonly dropped: number;
  /** A command line that brings the worktree back as it was. */
  readonly restore: string;
}

/** Looks after worktrees that are not needed any more. */
export interface WorktreeCleanUp {
  /** All worktrees of sessions in the folder's repository. Reads only. */
  listWorktrees(folder: string, signal: AbortSignal): Promise<readonly WorktreeFacts[]>;
  /**
   * The only way a worktree goes: what is not on its branch is snapshotted and verified first. Rejects with
   * WorktreeError, and then nothing was removed. The caller makes sure that no session needs it.
   */
  removeWorktree(request: RemovalRequest, signal: AbortSignal): Promise<RemovedWorktree>;
  /** The name of a session in folders and branches. */
  keyOf(sessionId: string): string;
}
