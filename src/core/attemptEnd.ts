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
  | "storage" // the attempt cannot be noted down, or its folders cannot be made
  | "notExecutable" // a session of a kind that this worker must not run
  | "internal"; // a mistake of ours

/** Reasons that are the worker's own fault: the session goes back to the queue and claiming stops until a probe passes. */
const workerFaults: ReadonlySet<WorkFailureReason> = new Set<WorkFailureReason>([
  "notFound",
  "wrongVersion",
  "notSignedIn",
  "outOfQuota",
  "modelUnreachable",
  "sandboxUnavailable",
  "startTimeout",
  "storage",
]);

export function isWorkerFault(reason: WorkFailureReason): boolean {
  return workerFaults.has(reason);
}
