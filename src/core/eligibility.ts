import type { Session, WorkerIdentity } from "./session";

/** Why a session is not ours to run; undefined when it is. A poll's word alone is never enough. */
export function whyNotOurs(session: Session, us: WorkerIdentity): string | undefined {
  if (session.ownerUserId === undefined) return "it names no owner";
  if (session.ownerUserId !== us.userId) return "it belongs to another person";
  if (session.workspaceId !== us.workspaceId) return "it belongs to another workspace";
  if (session.agentId !== us.agentId) return "it is for another agent";
  if (session.executionMode !== "local") return "it is not meant for a local worker";
  return undefined;
}

/** No workflow mode is executed yet: each is claimed and failed, never run as if it were ordinary work. */
export function whyModeUnsupported(session: Session): string | undefined {
  const { workflow } = session;
  if (workflow === undefined) return undefined;
  const { taskMode, runId, stepId } = workflow;
  if (taskMode === undefined && runId === undefined && stepId === undefined) return undefined;
  const mode = taskMode === undefined ? "a workflow step without a mode" : `the workflow mode “${taskMode}”`;
  return `This worker cannot run ${mode}, so nothing was executed. Send the work to a worker that can, or as a session of its own.`;
}
