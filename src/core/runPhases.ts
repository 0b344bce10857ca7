import { say } from "../base/words";
import type { WorkerPhase } from "./state";
import type { RunEnd } from "./workerRun";

/** What is shown after a run ended so; undefined when something else comes at once. */
export function phaseAfter(end: RunEnd): WorkerPhase | undefined {
  switch (end.kind) {
    case "aborted":
    case "startAgain":
    case "superseded":
      return undefined;
    case "stopped":
    case "restart":
    case "processEnds":
      return { kind: "stopped" };
    case "signedOut":
      return { kind: "signedOut" };
    case "rejected":
      return {
        kind: "rejected",
        message: say(
          "The platform does not accept this worker any more: {0}. Nothing was deleted. Configure it anew.",
          end.message,
        ),
      };
    case "otherAccount":
      return {
        kind: "notConfigured",
        message: say(
          "You are signed in with another account than this folder's worker belongs to. Configure a worker for this account, or sign in with the other one.",
        ),
      };
    case "refused":
      return { kind: "rejected", message: end.message };
    case "failed":
      return broken(end.message);
  }
}

/** A fault of this machine that a person must mend. @param trouble a clause without a full stop. */
export function broken(trouble: string): WorkerPhase {
  return {
    kind: "rejected",
    message: say(
      "The worker could not run: {0}. Nothing was deleted. Start it again when this is mended.",
      trouble,
    ),
  };
}

/** Why a start that a person asked for did not begin; undefined when it did. */
export function whyNotStarted(phase: WorkerPhase): string | undefined {
  switch (phase.kind) {
    case "untrusted":
      return say("This folder is in Restricted Mode, where the worker does not run. Trust the folder first.");
    case "signedOut":
      return say("You are not signed in, so the worker was not started. Sign in first.");
    case "notConfigured":
      return phase.message === undefined
        ? say("This folder has no worker yet. Configure it first.")
        : say("{0} Configure it first.", phase.message);
    case "noRepository":
    case "rejected":
      return phase.message;
    case "otherWindow":
      return say(
        "Another window of this machine runs this worker. It starts here when that window closes or stops it.",
      );
    case "stopped":
    case "starting":
    case "online":
    case "paused":
    case "stopping":
      return undefined;
  }
}
