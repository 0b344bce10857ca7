import { staleMs } from "../core/beatHistory";
import type { WorkerState } from "../core/state";

/** After this long without an accepted beat a worker is offline on the platform and its claims expire, milliseconds. */
const offlineMs = 300_000;

/**
 * How the platform sees this worker, told from the last beat it accepted. Between live and offline it calls the worker stale:
 * `reconnecting` where beats are sent in vain, `stale` where none is known to have been sent, as after a sleep.
 */
export type Connection =
  | { readonly kind: "none" }
  | { readonly kind: "live" }
  | { readonly kind: "reconnecting" | "stale" | "offline"; readonly forMs: number };

export function connection(
  { lastBeatAt, lastBeatError }: Pick<WorkerState, "lastBeatAt" | "lastBeatError">,
  now: number,
): Connection {
  if (lastBeatAt === undefined) return { kind: "none" };
  const forMs = now - lastBeatAt;
  if (forMs > offlineMs) return { kind: "offline", forMs };
  if (lastBeatError !== undefined) return { kind: "reconnecting", forMs };
  return forMs <= staleMs ? { kind: "live" } : { kind: "stale", forMs };
}
