import type { HttpReply, HttpRequest } from "../http/call";
import { forbidden, notFound, Refusal } from "../refusal";
import type { Platform } from "../state/platform";
import type { Agent, Session, User, Worker, Workspace } from "../state/schema";
import type { Uploads } from "../state/uploads";

/** One call of the contract, judged and authenticated. */
export interface Call {
  readonly platform: Platform;
  readonly user: User;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** The parsed JSON body; undefined where the operation has none. */
  readonly body: unknown;
  readonly request: HttpRequest;
  readonly uploads: Uploads;
}

export type Handler = (call: Call) => HttpReply;

/** The workspace of the path, where the caller belongs to it. */
export function workspaceOf(call: Call): Workspace {
  const workspace = call.platform.state.workspaces.find(
    (one) => one.workspaceId === call.params["workspaceId"],
  );
  if (!workspace) throw notFound("workspace");
  if (!workspace.memberIds.includes(call.user.userId)) throw forbidden("The workspace is another user's.");
  return workspace;
}

export function agentOf(call: Call): Agent {
  const workspace = workspaceOf(call);
  const agent = call.platform.state.agents.find(
    (one) => one.agentId === call.params["agentId"] && one.workspaceId === workspace.workspaceId,
  );
  if (!agent) throw notFound("agent");
  return agent;
}

/** The caller's own worker of the path. Throws 404 for none, 403 for another user's, what a test set for a rejected one. */
export function workerOf(call: Call): Worker {
  const agent = agentOf(call);
  const worker = call.platform.state.workers.find(
    (one) => one.workerId === call.params["workerId"] && one.agentId === agent.agentId,
  );
  if (!worker) throw notFound("worker");
  if (worker.ownerUserId !== call.user.userId) throw forbidden("This worker is another user's.");
  if (worker.rejected !== null) throw new Refusal(worker.rejected, "This worker was removed. Register anew.");
  return worker;
}

/** The session of the path. Throws 404 for none in this agent, 403 for another user's. */
export function sessionOf(call: Call): Session {
  const session = call.platform.state.sessions.find(
    (one) => one.sessionId === call.params["sessionId"] && one.agentId === call.params["agentId"],
  );
  if (!session) throw notFound("session");
  if (session.ownerUserId !== null && session.ownerUserId !== call.user.userId) {
    throw forbidden("This session is another user's.");
  }
  return session;
}
