import { workerPhase, type WorkerState } from "../core/state";
import { sessionVerbs } from "./commandIds";
import { isPossible } from "./sessionAbilities";
import { visibleSessions } from "./sessionTreeModel";

/** Which welcome the empty sessions view shows. */
export type WelcomeState =
  | "signedOut"
  | "notConfigured"
  | "untrusted"
  | "noRepository"
  | "noRuntime"
  | "rejected"
  | "stopped"
  | "paused"
  | "otherWindow"
  | "starting"
  | "stopping"
  | "ready";

export function welcomeState(state: WorkerState): WelcomeState {
  switch (state.phase.kind) {
    case "online":
      return state.fault?.reason === "notFound" ? "noRuntime" : "ready";
    case "signedOut":
    case "notConfigured":
    case "untrusted":
    case "noRepository":
    case "rejected":
    case "stopped":
    case "paused":
    case "otherWindow":
    case "starting":
    case "stopping":
      return state.phase.kind;
  }
}

/** The editor's context keys that our `when` clauses read, all under `oneHorizon.`. */
export function contextKeys(
  state: WorkerState,
  now: number,
  sandbox: boolean,
): ReadonlyMap<string, string | boolean> {
  const keys = new Map<string, string | boolean>([
    ["oneHorizon.state", welcomeState(state)],
    // What can be asked of the worker, whichever window runs it.
    ["oneHorizon.phase", workerPhase(state.phase).kind],
    ["oneHorizon.signedIn", isSignedIn(state)],
    ["oneHorizon.sandbox", sandbox],
  ]);
  const sessions = visibleSessions(state, now);
  for (const verb of sessionVerbs) {
    keys.set(
      `oneHorizon.can.${verb}`,
      sessions.some((session) => isPossible(verb, session, state)),
    );
  }
  return keys;
}

/** What to tell the editor: the keys whose value is another than before. */
export function changedKeys(
  before: ReadonlyMap<string, string | boolean>,
  after: ReadonlyMap<string, string | boolean>,
): readonly (readonly [string, string | boolean])[] {
  return [...after].filter(([key, value]) => before.get(key) !== value);
}

function isSignedIn(state: WorkerState): boolean {
  switch (state.phase.kind) {
    case "signedOut":
    case "untrusted":
    case "noRepository":
      // In the last two the worker has not looked, and both commands make sense: sign-in is offered.
      return false;
    case "notConfigured":
    case "rejected":
    case "stopped":
    case "otherWindow":
    case "starting":
    case "online":
    case "paused":
    case "stopping":
      return true;
  }
}
