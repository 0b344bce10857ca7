import { asWritten } from "../base/words";
import type { Session, WorkerIdentity } from "./session";

/** Why a session is not ours to run; undefined when it is. A poll's word alone is never enough. */
export function whyNotOurs(session: Session, us: WorkerIdentity): string | undefined {
  if (session.ownerUserId === undefined) return asWritten("it names no owner");
  if (session.ownerUserId !== us.userId) return asWritten("it belongs to another person");
  if (session.workspaceId !== us.workspaceId) return asWritten("it belongs to another workspace");
  if (session.agentId !== us.agentId) return asWritten("it is for another agent");
  if (session.executionMode !== "local") return asWritten("it is not meant for a local worker");
  return undefined;
}
