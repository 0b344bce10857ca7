import { GitError } from "simple-git";
import { WorktreeError } from "../core/ports/worktrees";

const shownLength = 600;

/**
 * git ended with an exit code other than 0. Extends simple-git's error, which it would be wrapped in otherwise. The message is git's own words, without
 * credentials of remote addresses.
 */
export class GitFailure extends GitError {
  override readonly name = "GitFailure";
  readonly exitCode: number;
  /** Everything git wrote, bounded, credentials removed. */
  readonly output: string;
  constructor(command: string, exitCode: number, output: string) {
    const clean = withoutCredentials(output.slice(0, 20_000));
    super(undefined, `git ${command} ended with ${exitCode}: ${shorten(clean)}`);
    this.exitCode = exitCode;
    this.output = clean;
  }
}

/** Remote addresses may carry a user name and a token; neither may reach a log or a message. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/]+@/gi, "$1");
}

/** Git's words as part of a sentence: hints left out, one line, bounded. */
export function shorten(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("hint:"));
  const text = lines.join(" ").replace(/\s+/g, " ").trim();
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}

/** Another git process holds a lock file, or one died and left it. */
export function isLockFailure(error: unknown): boolean {
  return (
    error instanceof GitFailure &&
    /\.lock': File exists|could not lock config file|Unable to create '.*\.lock'|cannot lock ref/i.test(
      error.output,
    )
  );
}

/** Gives every error that leaves this room a reason; `what` begins the sentence, `kept` ends it. */
export function toWorktreeError(error: unknown, what: string, kept: string): unknown {
  if (!(error instanceof GitFailure)) return error;
  if (isLockFailure(error)) {
    return new WorktreeError(
      "locked",
      `${what} because another git process holds a lock: ${shorten(error.output)} ${kept} Wait until it ends; if none is running, delete the lock file and try again.`,
      error,
    );
  }
  if (error.output.includes("dubious ownership")) {
    return new WorktreeError(
      "failed",
      `${what} because another user owns the repository and git does not trust it. ${kept} Run "git config --global --add safe.directory <folder>" if you do.`,
      error,
    );
  }
  return new WorktreeError("failed", `${what}: ${shorten(error.output)} ${kept}`, error);
}
