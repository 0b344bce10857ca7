import type { Session, Worker } from "../state/schema";

/** Owner, workspace, agent, execution mode and target all have to be this worker's. */
export function isEligible(session: Session, worker: Worker): boolean {
  return (
    session.ownerUserId === worker.ownerUserId &&
    session.workspaceId === worker.workspaceId &&
    session.agentId === worker.agentId &&
    session.executionMode === "local" &&
    (session.targetWorkerId === null || session.targetWorkerId === worker.workerId) &&
    (session.targetGroupId === null || session.targetGroupId === worker.facts.groupId)
  );
}

/** What a poll offers: queued and eligible, held, or stale and last owned. */
export function isOffered(session: Session, worker: Worker): boolean {
  if (session.offeredToAll) return session.status === "queued";
  switch (session.status) {
    case "queued":
      return isEligible(session, worker);
    case "active":
    case "awaiting_input":
      return session.claim?.workerId === worker.workerId;
    case "stale":
      return session.lastOwnerId === worker.workerId && isEligible(session, worker);
    case "pending":
    case "complete":
    case "error":
    case "cancelled":
      return false;
  }
}
