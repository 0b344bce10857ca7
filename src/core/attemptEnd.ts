import { asWritten } from "../base/words";
import type { RunFailureReason } from "./ports/runtime";

/** Why an attempt is aborted from outside. The reason decides what may still be sent for the claim. */
export type AbortCause =
  | { readonly kind: "leaseLost"; readonly message: string }
  | { readonly kind: "cancelled" }
  | { readonly kind: "released"; readonly byPerson: boolean; readonly message: string }
  | { readonly kind: "failed"; readonly message: string }
  /** The platform does not renew the claim and it ends soon: the session fails while that can still be told. */
  | { readonly kind: "outOfTime"; readonly message: string }
  /** This process ends: the claim stays, a later process goes on. */
  | { readonly kind: "processEnds" };

/** What a session shows that a person gave back. */
export const releasedByHand = asWritten("Released by hand. The worktree is kept.");

/** The typed reason that travels with an attempt's abort signal. */
export class AttemptAborted extends Error {
  override readonly name = "AttemptAborted";
  readonly why: AbortCause;
  constructor(why: AbortCause) {
    super(`attempt aborted: ${why.kind}`);
    this.why = why;
  }
}

/** Why the work of an attempt failed. */
export type WorkFailureReason =
  | RunFailureReason
  | "git" // the worktree or the commit
  | "hookFailed" // a command of the owner, without which the tool must not work
  | "run" // the workflow run cannot go on from this session
  | "storage" // the attempt cannot be noted down, or its folders cannot be made
  | "notExecutable" // a session of a kind that this worker must not run
  | "internal"; // a mistake of ours

/** What follows a failure of the work. */
interface AfterFailure {
  /** Another start of the tool may mend it: tried again within the claim, as often as agent.max_retry_attempts allows. */
  readonly retry: boolean;
  /**
   * What is told in the end. `release`: the worker itself is at fault, the session goes back to the queue and claiming stops
   * until a probe passes. `fail`: the session ends.
   */
  readonly end: "release" | "fail";
}

/** The one table of what each failure leads to. */
export const afterFailure: Readonly<Record<WorkFailureReason, AfterFailure>> = {
  // No other start on this machine would do better before a person mends it, or time does.
  notFound: { retry: false, end: "release" },
  wrongVersion: { retry: false, end: "release" },
  notSignedIn: { retry: false, end: "release" },
  outOfQuota: { retry: false, end: "release" },
  sandboxUnavailable: { retry: false, end: "release" },
  keeperUnavailable: { retry: false, end: "release" },
  // The tool's configuration, or a version that speaks another language: every session would meet the same.
  protocol: { retry: false, end: "release" },
  storage: { retry: false, end: "release" },
  // May pass by itself within minutes; when it does not, it is no fault of the session.
  modelUnreachable: { retry: true, end: "release" },
  startTimeout: { retry: true, end: "release" },
  // May be chance or may be the session's own doing.
  crashed: { retry: true, end: "fail" },
  stalled: { retry: true, end: "fail" },
  turnFailed: { retry: true, end: "fail" },
  // The same work would take as long again, or meet the same state.
  turnTimeout: { retry: false, end: "fail" },
  git: { retry: false, end: "fail" },
  hookFailed: { retry: false, end: "fail" },
  run: { retry: false, end: "fail" },
  // A person has decided, and would only be asked again.
  turnCancelled: { retry: false, end: "fail" },
  notExecutable: { retry: false, end: "fail" },
  internal: { retry: false, end: "fail" },
};

/** The session goes back to the queue, and claiming stops until a probe passes. */
export function isWorkerFault(reason: WorkFailureReason): boolean {
  return afterFailure[reason].end === "release";
}
