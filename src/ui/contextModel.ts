import { defaultProvider } from "../core/providers";
import { workerPhase, type WorkerFault, type WorkerPhase, type WorkerState } from "../core/state";
import { sessionVerbs } from "./commandIds";
import { connection } from "./connection";
import { isPossible } from "./sessionAbilities";
import { visibleSessions } from "./sessionTreeModel";

/** Which welcome the empty sessions view shows. */
export type WelcomeState =
  | "signedOut"
  | "notConfigured"
  | "untrusted"
  | RepositoryWelcome
  | ToolWelcome
  | "unreachable"
  | "rejected"
  | "stopped"
  | "paused"
  | "otherWindow"
  | "starting"
  | "stopping"
  | "ready";

type RepositoryWelcome = "noFolder" | "noRepository" | "noCommit" | "noGit" | "oldGit" | "repositoryTrouble";
type ToolWelcome =
  "agentTrouble" | "noRuntime" | "otherRuntime" | "runtimeSignedOut" | "noRuntimeSandbox" | "runtimeTrouble";

export function welcomeState(state: WorkerState, now: number): WelcomeState {
  const { phase } = state;
  switch (phase.kind) {
    case "online":
      return onlineWelcome(state, now);
    case "noRepository":
      return repositoryWelcome(phase);
    case "starting":
      return state.lastPollError === undefined ? "starting" : "unreachable";
    case "signedOut":
    case "notConfigured":
    case "untrusted":
    case "rejected":
    case "stopped":
    case "paused":
    case "otherWindow":
    case "stopping":
      return phase.kind;
  }
}

function onlineWelcome(state: WorkerState, now: number): WelcomeState {
  const { fault } = state;
  // What is said of the workflow file stands above the rows, in the welcome's place.
  if (fault !== undefined && fault.reason !== "workflow") return toolWelcome(fault);
  const isCutOff = state.lastPollError !== undefined && connection(state, now).kind !== "live";
  return isCutOff ? "unreachable" : "ready";
}

/** What is wrong with Codex has words of its own; of another tool diagnostics know its name and how to get it. */
function toolWelcome({ reason, provider = defaultProvider }: WorkerFault): ToolWelcome {
  if (provider !== defaultProvider) return "agentTrouble";
  switch (reason) {
    case "notFound":
      return "noRuntime";
    case "wrongVersion":
      return "otherRuntime";
    case "notSignedIn":
      return "runtimeSignedOut";
    case "sandboxUnavailable":
      return "noRuntimeSandbox";
    default:
      return "runtimeTrouble";
  }
}

function repositoryWelcome({ reason }: Extract<WorkerPhase, { kind: "noRepository" }>): RepositoryWelcome {
  switch (reason) {
    case "noFolder":
    case "noRepository":
    case "noCommit":
    case "noGit":
      return reason;
    case "gitTooOld":
      return "oldGit";
    default:
      return "repositoryTrouble";
  }
}

/** The editor's context keys that our `when` clauses read, all under `oneHorizon.`. */
export function contextKeys(
  state: WorkerState,
  now: number,
  sandbox: boolean,
): ReadonlyMap<string, string | boolean> {
  const keys = new Map<string, string | boolean>([
    ["oneHorizon.state", welcomeState(state, now)],
    // What can be asked of the worker, whichever window runs it.
    ["oneHorizon.phase", workerPhase(state.phase).kind],
    ["oneHorizon.signedIn", isSignedIn(state)],
    ["oneHorizon.sandbox", sandbox],
    // What the walkthrough ticks off, for good: only what is known for sure.
    ["oneHorizon.reached.signIn", hasReached(state, "signIn")],
    ["oneHorizon.reached.agent", hasReached(state, "agent")],
    ["oneHorizon.worked", [...state.sessions.values()].some((one) => one.startedAt !== undefined)],
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

/** Before the worker has looked it counts as stopped or starts, which says nothing of what there is. */
function hasReached(state: WorkerState, step: "signIn" | "agent"): boolean {
  switch (state.phase.kind) {
    case "signedOut":
    case "untrusted":
    case "noRepository":
    case "stopped":
    case "starting":
      return false;
    case "notConfigured":
      return step === "signIn";
    case "rejected":
    case "otherWindow":
    case "online":
    case "paused":
    case "stopping":
      return true;
  }
}
