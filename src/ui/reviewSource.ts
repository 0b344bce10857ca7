import type { ChangedFile, CheckOutLook, CompareWith, FileNow, RevertedFile } from "../core/ports/review";
import type { OnProgress } from "../core/ports/worktrees";
import type { SessionView } from "../core/state";

/** What a person sees of a session's work, and does with it. Rejects with UserError or WorktreeError. */
export interface ReviewSource {
  /** Every file that differs between the commit and the worktree, committed or not. Safe in a tree that a tool wrote. */
  changedFiles(worktreePath: string, baseCommit: string): Promise<readonly ChangedFile[]>;
  /** A file's bytes at a commit; undefined when it is not there. */
  fileAt(worktreePath: string, commit: string, rawPath: string): Promise<Uint8Array | undefined>;
  /** A file as it is now; undefined when it is not there. */
  fileNow(worktreePath: string, rawPath: string): Promise<FileNow | undefined>;
  /** All changes as a patch; empty without any. */
  patch(session: SessionView, signal: AbortSignal): Promise<string>;
  /** As the base commit has it; what it was before is kept. Rejects while the session works. */
  revertFile(session: SessionView, rawPath: string): Promise<RevertedFile>;
  /** What stands in the way of the session's branch in the opened folder, when nothing else does. */
  lookAtCheckOut(session: SessionView): Promise<CheckOutLook>;
  checkOut(
    session: SessionView,
    detached: boolean,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<void>;
  /** The commit to compare with. The base branch is the session's, and is fetched. */
  compareCommit(
    session: SessionView,
    other: Exclude<CompareWith, { kind: "base" }> | { readonly kind: "base" },
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<{ readonly commit: string; readonly name: string }>;
}
