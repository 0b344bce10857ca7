import { threadProgramOf } from "../core/providers";
import { isLive, workerPhase, type SessionPhase, type SessionView, type WorkerState } from "../core/state";
import { answersFor } from "./questionModel";
import { canPublish } from "./runModel";
import { sessionVerbs, type SessionVerb } from "./commandIds";

/** Phases whose claim is alive here, so that it can be given back. Finishing is past that: the report is on its way. */
const held: ReadonlySet<SessionPhase> = new Set(["claiming", "preparing", "running", "awaitingInput"]);
const ended: ReadonlySet<SessionPhase> = new Set([
  "complete",
  "failed",
  "cancelled",
  "released",
  "claimLost",
  "interrupted",
  "elsewhere",
]);

/** Nothing goes on in its worktree by itself. */
const atRest: ReadonlySet<SessionPhase> = new Set([
  "complete",
  "failed",
  "cancelled",
  "released",
  "claimLost",
]);

/** What can be done with a session now, in the order of the command list. Menus, quick picks and handlers all ask this. */
export function sessionAbilities(
  session: SessionView,
  worker: Pick<WorkerState, "phase">,
): readonly SessionVerb[] {
  return sessionVerbs.filter((verb) => isPossible(verb, session, worker));
}

export function isPossible(
  verb: SessionVerb,
  session: SessionView,
  worker: Pick<WorkerState, "phase">,
): boolean {
  switch (verb) {
    case "claim":
      return (
        session.claimable &&
        !held.has(session.phase) &&
        session.phase !== "finishing" &&
        workerPhase(worker.phase).kind === "online"
      );
    case "release":
    case "fail":
      return held.has(session.phase);
    case "resume":
      return session.questions.length > 0;
    case "approve":
    case "approveForSession":
    case "deny":
    case "answer":
      return session.questions.some((one) => answersFor(one).includes(verb));
    case "delegate":
      // The platform takes it from an active session only.
      return session.phase === "running";
    case "publishBranch":
      // The worker commits when the tool is done, so before that there is nothing whole to publish.
      return canPublish(session) && ended.has(session.phase);
    case "showChanges":
    case "showFile":
    case "openFile":
    case "compare":
    case "copyPatch":
      return session.worktreePath !== undefined && session.baseCommit !== undefined;
    case "revertFile":
      // Elsewhere the worker may write there, now or as soon as it goes on.
      return canRevert(session);
    case "checkOut":
      return session.branch !== undefined && ended.has(session.phase);
    case "openWorktree":
      return session.worktreePath !== undefined;
    case "openThread":
      // Two processes writing one thread would tear its record.
      return hasThread(session) && threadProgramOf(session.provider) !== undefined;
    case "openUrl":
      return session.externalUrl !== undefined;
    case "archive":
      return ended.has(session.phase);
    case "show":
    case "openLog":
    case "copyId":
      return true;
  }
}

/** A thread at rest. */
export function hasThread({ threadId, phase }: SessionView): boolean {
  return threadId !== undefined && !isLive(phase);
}

/** Can its files be made what they were when it began? */
export function canRevert({ worktreePath, baseCommit, phase }: SessionView): boolean {
  return worktreePath !== undefined && baseCommit !== undefined && atRest.has(phase);
}
