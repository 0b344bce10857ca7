import { asWritten } from "../base/words";
import { initialState, isLive, type SessionView, type WorkerState } from "./state";

/** The state of a window that shows what another one, the owner, runs. */
export function mirrored(owner: WorkerState): WorkerState {
  return { ...owner, phase: { kind: "otherWindow", owner: owner.phase } };
}

/** How many sessions this window executes. A window that shows another one's worker executes none. */
export function executingHere({ phase, sessions }: WorkerState): number {
  if (phase.kind === "otherWindow") return 0;
  return [...sessions.values()].filter((session) => isLive(session.phase)).length;
}

const lostDetail = asWritten(
  "Interrupted: the window that ran it has closed. It goes on by itself when the worker runs again.",
);

/** The owner is gone, and with it what it ran: nothing shows as running until somebody runs it again. */
export function withoutOwner(state: WorkerState): WorkerState {
  if (state.phase.kind !== "otherWindow" || state.phase.owner === undefined) return state;
  const { agentName, workspaceName, workerName, maxConcurrentSessions, maxActiveExecutions } = state;
  return {
    ...initialState,
    phase: { kind: "otherWindow" },
    agentName,
    workspaceName,
    workerName,
    maxConcurrentSessions,
    maxActiveExecutions,
    sessions: new Map([...state.sessions].map(([id, view]) => [id, ofNobody(view)])),
  };
}

function ofNobody(view: SessionView): SessionView {
  if (!isLive(view.phase)) return view.claimable ? { ...view, claimable: false } : view;
  return {
    ...view,
    phase: "interrupted",
    detail: lostDetail,
    liveStep: undefined,
    questions: [],
    leaseEndsAt: undefined,
    claimable: false,
  };
}
