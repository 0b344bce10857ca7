import type { WorkerState } from "../core/state";

/** After this long without an accepted beat the platform calls a worker stale. */
const staleMs = 12_000;
/** After this long it is offline and its claims expire. */
const offlineMs = 300_000;

/** How the platform sees this worker, told from the last beat it accepted. */
export type Connection =
  | { readonly kind: "none" }
  | { readonly kind: "live" }
  | { readonly kind: "reconnecting"; readonly forMs: number }
  | { readonly kind: "offline"; readonly forMs: number };

export function connection(state: Pick<WorkerState, "lastBeatAt">, now: number): Connection {
  if (state.lastBeatAt === undefined) return { kind: "none" };
  const forMs = now - state.lastBeatAt;
  if (forMs <= staleMs) return { kind: "live" };
  return { kind: forMs > offlineMs ? "offline" : "reconnecting", forMs };
}
