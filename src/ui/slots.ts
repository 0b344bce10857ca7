import { isExecuting, isLive, type WorkerState } from "../core/state";

/** How many attempts execute. */
export function executingCount({ sessions }: Pick<WorkerState, "sessions">): number {
  return [...sessions.values()].filter((session) => isExecuting(session.phase)).length;
}

/** How many attempts execute or wait for a person: what ends with the worker. */
export function liveCount({ sessions }: Pick<WorkerState, "sessions">): number {
  return [...sessions.values()].filter((session) => isLive(session.phase)).length;
}

/** How many may execute at once. */
export function slotCount(state: Pick<WorkerState, "maxActiveExecutions" | "maxConcurrentSessions">): number {
  return Math.min(state.maxActiveExecutions, state.maxConcurrentSessions);
}
