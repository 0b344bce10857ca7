import type { HeartbeatFacts } from "./ports/heartbeat";
import type { RuntimeFacts } from "./ports/platform";
import { isExecuting, type WorkerState } from "./state";

/** What a beat says: the first that holds of stopping, paused, busy, idle. */
export function factsOf(
  state: WorkerState,
  mode: "open" | "paused" | "draining",
  runtime: RuntimeFacts,
): HeartbeatFacts {
  const views = [...state.sessions.values()];
  const active = views.filter((view) => isExecuting(view.phase)).length;
  return {
    state: mode === "draining" ? "stopping" : mode === "paused" ? "paused" : active > 0 ? "busy" : "idle",
    activeSessions: active,
    awaitingInputSessions: views.filter((view) => view.phase === "awaitingInput").length,
    maxConcurrentSessions: state.maxConcurrentSessions,
    runtime,
  };
}

export function sameFacts(a: HeartbeatFacts, b: HeartbeatFacts): boolean {
  return (
    a.state === b.state &&
    a.activeSessions === b.activeSessions &&
    a.awaitingInputSessions === b.awaitingInputSessions &&
    a.maxConcurrentSessions === b.maxConcurrentSessions &&
    a.runtime.provider === b.runtime.provider &&
    a.runtime.version === b.runtime.version
  );
}
