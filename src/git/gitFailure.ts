import { GitError } from "simple-git";

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
