import { asWritten } from "../base/words";
import { WorktreeError, type WorktreeErrorReason } from "../core/ports/worktrees";
import { GitFailure, shorten } from "./gitFailure";

interface Trouble {
  readonly reason: WorktreeErrorReason;
  /** In git's own words, or a system error's code. */
  readonly sign: RegExp;
  readonly because: string;
  readonly advice: string;
}

/** What the machine or the repository may lack, from the plainest sign to the vaguest. */
const troubles: readonly Trouble[] = [
  {
    reason: "diskFull",
    sign: /No space left on device|Disk quota exceeded|File too large|\bENOSPC\b|\bEDQUOT\b|\bEFBIG\b/i,
    because: asWritten("the disk is full"),
    advice: asWritten("Make room on it, then try again."),
  },
  {
    reason: "readOnly",
    sign: /Read-only file system|\bEROFS\b/i,
    because: asWritten("the disk is read-only"),
    advice: asWritten("Make it writable, then try again."),
  },
  {
    reason: "failed",
    sign: /not a git repository|\bnot a directory: '.*\.git'|directory that does not exist|Unable to read current working directory/i,
    because: asWritten("the repository or the worktree is not there any more"),
    advice: asWritten("Bring the folder back to where it was, or open it where it is now."),
  },
  {
    reason: "damaged",
    sign: /index file corrupt|bad signature|index file smaller than expected|bad index file sha1|index uses .* extension/i,
    because: asWritten("git's index of the checkout is damaged"),
    advice: asWritten('Run "git read-tree HEAD" in the checkout, which keeps its files, then try again.'),
  },
  {
    reason: "damaged",
    sign: /object file .* is empty|loose object .* is corrupt|missing blob|missing tree|unable to read (sha1|tree)|packfile .* cannot be (accessed|mapped)|bad (tree )?object|inflate: data stream error/i,
    because: asWritten("objects of the repository are damaged or missing"),
    advice: asWritten('Run "git fsck" in it, and fetch what it misses.'),
  },
  {
    reason: "readOnly",
    sign: /Permission denied|Operation not permitted|insufficient permission|\bEACCES\b|\bEPERM\b/i,
    because: asWritten("a file or folder may not be written"),
    advice: asWritten("Make it writable for you, then try again."),
  },
];

function troubleOf(error: unknown): { readonly trouble: Trouble; readonly said: string } | undefined {
  const said =
    error instanceof GitFailure
      ? error.output
      : error instanceof Error && ("code" in error || error.name === "GitConstructError")
        ? error.message
        : "";
  const trouble = said === "" ? undefined : troubles.find((one) => one.sign.test(said));
  return trouble === undefined ? undefined : { trouble, said };
}

/** True when git did not say no, but could not do its work. */
export function isMachineTrouble(error: unknown): boolean {
  return troubleOf(error) !== undefined;
}

/** A clear error where the machine is at fault; `what` begins the sentence, `kept` ends it. */
function machineTrouble(error: unknown, what: string, kept: string): WorktreeError | undefined {
  const found = troubleOf(error);
  if (found === undefined) return undefined;
  const { reason, because, advice } = found.trouble;
  return new WorktreeError(
    reason,
    asWritten(
      "{0} because {1}: {2}. {3} {4}",
      what,
      because,
      shorten(found.said).replace(/\.$/u, ""),
      kept,
      advice,
    ),
    error,
  );
}

/** Another git process holds a lock file, or one died and left it. */
export function isLockFailure(error: unknown): boolean {
  return (
    error instanceof GitFailure &&
    !isMachineTrouble(error) &&
    /\.lock': File exists|could not lock config file|Unable to create '.*\.lock'|cannot lock ref/i.test(
      error.output,
    )
  );
}

/** Gives every error that leaves this room a reason; `what` begins the sentence, `kept` ends it. */
export function toWorktreeError(error: unknown, what: string, kept: string): unknown {
  if (error instanceof WorktreeError) return error;
  const trouble = machineTrouble(error, what, kept);
  if (trouble !== undefined) return trouble;
  if (error instanceof Error && "syscall" in error) {
    return new WorktreeError(
      "failed",
      asWritten("{0} ({1}). {2} Look at that path, then try again.", what, error.message, kept),
      error,
    );
  }
  if (!(error instanceof GitFailure)) return error;
  if (error.output.includes("dubious ownership")) {
    return new WorktreeError(
      "failed",
      asWritten(
        '{0} because another user owns the repository and git does not trust it. {1} Run "git config --global --add safe.directory <folder>" if you do.',
        what,
        kept,
      ),
      error,
    );
  }
  return new WorktreeError("failed", asWritten("{0}: {1} {2}", what, shorten(error.output), kept), error);
}
