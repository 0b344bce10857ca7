import type { Session, SessionStatus, State, Worker } from "../state/schema";

/** 12 s without a beat: stale. */
const staleAfterMs = 12_000;
/** 5 min without a beat: offline, and the worker's claims expire. */
const offlineAfterMs = 300_000;

export type WorkerStatus = "online" | "stale" | "offline";

/** A registration counts as a sign of life, as a beat does. */
export function workerStatus(worker: Worker, now: number): WorkerStatus {
  const silentMs = now - lastSignOfLife(worker);
  if (silentMs >= offlineAfterMs) return "offline";
  return silentMs >= staleAfterMs ? "stale" : "online";
}

const lastSignOfLife = (worker: Worker): number => Math.max(worker.registeredAt, worker.lastBeatAt ?? 0);

/** The one way a session changes its status. */
export function setStatus(session: Session, status: SessionStatus, now: number): void {
  if (session.status !== status) session.history.push({ at: now, status });
  session.status = status;
  session.updatedAt = now;
}

/** Takes the claim away, remembering who held it. */
export function dropClaim(session: Session): void {
  if (session.claim) session.lastOwnerId = session.claim.workerId;
  session.claim = null;
}

/** Expires leases and the claims of offline workers. True when something changed. */
export function settle(state: State, now: number): boolean {
  const offline = new Set(
    state.workers.filter((one) => workerStatus(one, now) === "offline").map((one) => one.workerId),
  );
  const lost = state.sessions.filter(
    ({ claim }) => claim !== null && (now >= claim.expiresAt || offline.has(claim.workerId)),
  );
  for (const session of lost) {
    dropClaim(session);
    setStatus(session, "stale", now);
  }
  return lost.length > 0;
}

/** The next instant at which time alone changes what the dashboard shows. */
export function nextDeadlineAt(state: State, now: number): number | undefined {
  const instants = state.workers.flatMap((one) => [
    lastSignOfLife(one) + staleAfterMs,
    lastSignOfLife(one) + offlineAfterMs,
  ]);
  for (const { claim } of state.sessions) if (claim) instants.push(claim.expiresAt);
  const ahead = instants.filter((at) => at > now);
  return ahead.length > 0 ? Math.min(...ahead) : undefined;
}
