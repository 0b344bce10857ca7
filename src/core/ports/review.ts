import type { OnProgress } from "./worktrees";

/** One file that a session touched. */
export interface ChangedFile {
  /** Relative to the checkout, with forward slashes; of a name that is no UTF-8 what can be shown of it. */
  readonly path: string;
  /** The same as git has it: each byte is one character (latin1). This names the file in further calls. */
  readonly rawPath: string;
  readonly status: "added" | "modified" | "deleted" | "renamed";
  /** Where a renamed file was. */
  readonly from?: { readonly path: string; readonly rawPath: string };
}

/** A session's checkout and the commit that its changes are counted from. */
export interface ReviewPlace {
  /** Absolute path of the checkout. */
  readonly path: string;
  readonly baseCommit: string;
}

/** A file as it is on the disk now. */
export interface FileNow {
  /** Of a symbolic link where it leads to, as text. */
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
}

export interface RevertedFile {
  /** The ref that holds the file as it was before; undefined where the session had deleted it, so that there was none. */
  readonly backup: string | undefined;
  /** A command line that brings the file back as it was before; undefined without a backup. */
  readonly restore: string | undefined;
}

/** What stands in the way of a branch in the opened folder's checkout, when nothing else does. */
export interface CheckOutLook {
  /** The branch is checked out here already. */
  readonly isHere: boolean;
  /** Absolute path of another worktree that has the branch; git checks no branch out twice. */
  readonly usedBy: string | undefined;
}

export interface CheckOutRequest {
  /** Any path inside the checkout: the opened folder. */
  readonly folder: string;
  readonly branch: string;
  /** At the branch's tip, but on no branch. */
  readonly detached: boolean;
  /** The repository's own hooks run. */
  readonly gitHooks: boolean;
  readonly onProgress?: OnProgress | undefined;
}

/** What a session's changes can be compared with. */
export type CompareWith =
  /** The base branch as it is now; it is fetched. Undefined: the repository's own. */
  | { readonly kind: "base"; readonly branch: string | undefined }
  /** The commit that the opened folder is at. */
  | { readonly kind: "head" }
  | { readonly kind: "branch"; readonly branch: string };

/** For a person who looks at what a session did. Reads are safe in a tree that a tool writes. All reject with WorktreeError. */
export interface Review {
  /** Every file that differs between the base commit and the files as they are, committed or not, by path. */
  changedFiles(place: ReviewPlace, signal: AbortSignal): Promise<readonly ChangedFile[]>;
  /** A file's bytes at a commit; undefined when it is not there. */
  fileAt(
    worktreePath: string,
    commit: string,
    rawPath: string,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined>;
  /** A file of the checkout as it is now; undefined when it is not there. Nothing that leads out of the checkout is read. */
  fileNow(worktreePath: string, rawPath: string, signal: AbortSignal): Promise<FileNow | undefined>;
  /** All changes as a patch that `git apply` takes; empty without any. Rejects with `tooLarge` past 8 MiB. */
  patch(place: ReviewPlace, signal: AbortSignal): Promise<string>;
  /**
   * Makes a file what it is in the base commit, on the disk only: nothing is staged or committed. What it was before is
   * kept under a ref first. The caller makes sure that no session works there.
   */
  revertFile(place: ReviewPlace, rawPath: string, signal: AbortSignal): Promise<RevertedFile>;
  /**
   * Can the branch be checked out in the folder's checkout? Rejects with `dirtyCheckout`, `badBranch` or `detachedHead`
   * where not; changes nothing.
   */
  lookAtCheckOut(folder: string, branch: string, signal: AbortSignal): Promise<CheckOutLook>;
  /** Looks again, then checks out. After a cancellation the checkout is as it was. */
  checkOut(request: CheckOutRequest, signal: AbortSignal): Promise<void>;
  /** The commit to compare with, and what to call it. */
  compareCommit(
    folder: string,
    other: CompareWith,
    signal: AbortSignal,
    onProgress?: OnProgress,
  ): Promise<{ readonly commit: string; readonly name: string }>;
}
