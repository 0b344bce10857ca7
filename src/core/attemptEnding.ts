import { asWritten } from "../base/words";
import { AttemptAborted, isWorkerFault, type AbortCause } from "./attemptEnd";
import type { WorkResult } from "./work";
import type { EndPhase } from "./events";
import { allowed, type Finish } from "./finish";
import { LeaseLost } from "./lease";
import { troubleWith } from "./platformWords";
import type { AttemptRecord, PendingEnding } from "./ports/journal";

/** How an attempt ended, for the record and the views. */
export interface Ending {
  readonly phase: EndPhase;
  readonly detail: string | undefined;
  readonly outcome: AttemptRecord["outcome"];
  readonly byPerson: boolean;
  readonly fault?: { readonly reason: string; readonly message: string };
}

/** Does this cause also end what may be told with the claim? */
export function endsTelling(cause: AbortCause): boolean {
  return cause.kind === "leaseLost" || cause.kind === "cancelled" || cause.kind === "processEnds";
}

function abortedEnding(cause: AbortCause): Ending {
  switch (cause.kind) {
    case "cancelled":
      return {
        phase: "cancelled",
        detail: asWritten("Cancelled on the platform. The work so far is kept in its worktree."),
        outcome: "cancelled",
        byPerson: false,
      };
    case "leaseLost":
      return {
        phase: "claimLost",
        detail: asWritten(
          "The claim on this session was lost: {0}. The work stopped; what was done is kept in its worktree.",
          cause.message,
        ),
        outcome: "abandoned",
        byPerson: false,
      };
    case "processEnds":
      return {
        phase: "interrupted",
        detail: asWritten("Interrupted. It goes on by itself when the worker runs again."),
        outcome: "running",
        byPerson: false,
      };
    case "released":
      return { phase: "released", detail: cause.message, outcome: "released", byPerson: cause.byPerson };
    case "failed":
      return { phase: "failed", detail: cause.message, outcome: "failed", byPerson: true };
    case "outOfTime":
      return { phase: "failed", detail: cause.message, outcome: "failed", byPerson: false };
  }
}

export interface EndPlan {
  readonly finish: Finish;
  readonly ending: Ending;
}

/** What the last activity before a finish says. */
export function lastWords(finish: Finish): {
  readonly type: "completion" | "failure" | "release";
  readonly text: string;
} {
  switch (finish.kind) {
    case "complete":
      return { type: "completion", text: finish.summary ?? "Completed." };
    case "fail":
      return { type: "failure", text: finish.message };
    case "release":
      return { type: "release", text: finish.reason };
  }
}

/** As it is noted before it is told. */
export function pendingOf({ finish, ending }: EndPlan, activityId: string): PendingEnding {
  const { byPerson, detail, fault } = ending;
  return { finish, activityId, byPerson, detail, fault };
}

/** The end that an earlier process had begun to tell. */
export function planOf({ finish, byPerson, detail, fault }: PendingEnding): EndPlan {
  const shown = { byPerson, detail, ...(fault === undefined ? {} : { fault }) };
  switch (finish.kind) {
    case "complete":
      return { finish, ending: { phase: "complete", outcome: "completed", ...shown } };
    case "fail":
      return { finish, ending: { phase: "failed", outcome: "failed", ...shown } };
    case "release":
      return { finish, ending: { phase: "released", outcome: "released", ...shown } };
  }
}

/** From how the work ended to what is told and shown. */
export function planEnd(work: WorkResult | AttemptAborted): EndPlan {
  if (work instanceof AttemptAborted) return planAborted(work.why);
  if (work.kind === "done") {
    return {
      finish: { kind: "complete", summary: work.summary },
      ending: { phase: "complete", detail: undefined, outcome: "completed", byPerson: false },
    };
  }
  if (isWorkerFault(work.reason)) {
    // The session did nothing wrong: it goes back to the queue for a worker that can run it.
    const message = asWritten(
      "Given back to the queue, since this worker cannot run it now: {0}",
      work.message,
    );
    return {
      finish: { kind: "release", reason: message },
      ending: {
        phase: "released",
        detail: message,
        outcome: "released",
        byPerson: false,
        fault: { reason: work.reason, message: work.message },
      },
    };
  }
  return {
    finish: { kind: "fail", message: work.message, reason: work.reason },
    ending: { phase: "failed", detail: work.message, outcome: "failed", byPerson: false },
  };
}

function planAborted(cause: AbortCause): EndPlan {
  const ending = abortedEnding(cause);
  const message = "message" in cause ? cause.message : asWritten("The attempt ended.");
  if (cause.kind === "failed" || cause.kind === "outOfTime") {
    const reason = cause.kind === "failed" ? "stopped_by_person" : "claim_ended";
    return { finish: { kind: "fail", message, reason }, ending };
  }
  return { finish: { kind: "release", reason: message }, ending };
}

/** A completion that would stall a workflow run becomes a failure with the reason, wherever it was decided. */
export function allowedPlan(plan: EndPlan, whyNotComplete: string | undefined): EndPlan {
  const finish = allowed(plan.finish, whyNotComplete);
  if (finish === plan.finish) return plan;
  return { finish, ending: { phase: "failed", detail: whyNotComplete, outcome: "failed", byPerson: false } };
}

/** The ending as it really was told: a finish that was refused gave way to a plainer one. */
export function endingAsTold(plan: EndPlan, told: Finish): Ending {
  if (told.kind === plan.finish.kind) return plan.ending;
  const work = asWritten("What was done is kept in its worktree.");
  return told.kind === "fail"
    ? {
        phase: "failed",
        detail: asWritten("The platform refused the completion, so the session was marked failed. {0}", work),
        outcome: "failed",
        byPerson: false,
      }
    : {
        phase: "released",
        detail: asWritten(
          "The platform refused how the session ended, so it was given back to the queue. {0}",
          work,
        ),
        outcome: "released",
        byPerson: false,
      };
}

/** What an error that ended the whole attempt means. */
export function endingOf(error: unknown): Ending {
  if (error instanceof AttemptAborted) return abortedEnding(error.why);
  if (error instanceof LeaseLost) return abortedEnding({ kind: "leaseLost", message: error.message });
  return {
    phase: "claimLost",
    detail: asWritten(
      "How it ended could not be reported: {0}. What was done is kept in its worktree. Look at the session on the platform.",
      troubleWith(error),
    ),
    outcome: "abandoned",
    byPerson: false,
  };
}
