import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { GitFailure, shorten } from "./gitFailure";

/** What a remote said no to, as far as its words tell. */
type Refusal = "moved" | "refused" | "noAccess" | "gone" | "other";

const signs: readonly (readonly [Refusal, RegExp])[] = [
  [
    "moved",
    /non-fast-forward|fetch first|stale info|cannot lock ref|failed to update ref|incorrect old value/i,
  ],
  ["refused", /\[(remote )?rejected\]|hook declined/i],
  [
    "noAccess",
    /could not read (username|password)|authentication failed|permission (to .* )?denied|access denied|host key verification failed|error: 40[13]/i,
  ],
  [
    "gone",
    /does not appear to be a git repository|repository .*not found|could not resolve|unable to (access|connect)|connection (refused|reset|timed out|closed)|no route to host|network is unreachable|could not read from remote repository|not a git repository/i,
  ],
];

function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof GitFailure)) return undefined;
  return signs.find(([, sign]) => sign.test(error.output))?.[0] ?? "other";
}

/** True when a push came too late: the remote has something that was not known here. */
export function remoteMoved(error: unknown): boolean {
  return refusalOf(error) === "moved";
}

/** The sentences of an error: what was to be done, what is kept and how to go on. */
export interface RemoteWork {
  /** As the object of "could not", for example "push main to origin". */
  readonly what: string;
  readonly remote: string;
  readonly kept: string;
  readonly again: string;
}

/** A clear error for a call that needed the remote; any other error is returned as it is. */
export function remoteError(error: unknown, { what, remote, kept, again }: RemoteWork): unknown {
  if (WorktreeError.is(error, "timeout")) {
    const message = asWritten(
      "{0} did not answer in time, so git could not {1}. {2} {3}",
      remote,
      what,
      kept,
      again,
    );
    return new WorktreeError("timeout", message, error);
  }
  const refusal = refusalOf(error);
  if (refusal === undefined || !(error instanceof GitFailure)) return error;
  const said = shorten(error.output).replace(/[.\s]*$/, "");
  const could = asWritten("Git could not {0}", what);
  if (refusal === "moved" || refusal === "refused") {
    const advice = asWritten(
      "Nothing is ever pushed with force; look at what the remote has, and at its rules for this branch.",
    );
    return new WorktreeError(
      "pushRefused",
      asWritten("{0}: {1} refused it ({2}). {3} {4}", could, remote, said, kept, advice),
      error,
    );
  }
  if (refusal === "noAccess") {
    const advice = asWritten(
      'Sign in with git in a terminal once ("git fetch {0}"), or ask for the right to push. {1}',
      remote,
      again,
    );
    return new WorktreeError(
      "pushRefused",
      asWritten("{0}: {1} did not let you in ({2}). {3} {4}", could, remote, said, kept, advice),
      error,
    );
  }
  if (refusal === "gone") {
    const advice = asWritten(
      'See with "git remote -v" where it should be, and whether the network is there. {0}',
      again,
    );
    return new WorktreeError(
      "remoteGone",
      asWritten("{0}: {1} cannot be reached ({2}). {3} {4}", could, remote, said, kept, advice),
      error,
    );
  }
  return new WorktreeError("failed", asWritten("{0}: {1}. {2} {3}", could, said, kept, again), error);
}
