import type { WorkerPath } from "./ports/platform";
import type { WorkerIdentity } from "./session";

export function pathOf(identity: WorkerIdentity): WorkerPath {
  return { workspaceId: identity.workspaceId, agentId: identity.agentId, workerId: identity.workerId };
}
