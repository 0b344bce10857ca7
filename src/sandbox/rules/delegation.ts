import * as z from "zod/mini";
import { badRequest, claimInactive, forbidden, notFound } from "../refusal";
import type { Platform } from "../state/platform";
import type { Session, User, Worker } from "../state/schema";
import { addSession, type NewSession } from "./sessions";

const text = z.optional(z.string());

/** What a caller says about a new session, after the contract has judged it. */
export const createBody = z.object({
  prompt: z.string(),
  title: text,
  taskId: text,
  delegatingSessionId: text,
  claimId: text,
  targetWorkerId: text,
  targetGroupId: text,
  workflowTaskMode: text,
});

export type CreateBody = z.infer<typeof createBody>;

/** Queues work for an agent, or the next step of a workflow run. Throws 400, 403, 404 or 409 and adds nothing. */
export function createSession(
  platform: Platform,
  caller: User,
  workspaceId: string,
  agentId: string,
  body: CreateBody,
): Session {
  const { state } = platform;
  if (body.targetWorkerId !== undefined && body.targetGroupId !== undefined) {
    throw badRequest("Only one target can be given.");
  }
  if (
    body.taskId !== undefined &&
    !state.tasks.some((one) => one.taskId === body.taskId && one.workspaceId === workspaceId)
  ) {
    throw notFound("task");
  }
  const parent =
    body.delegatingSessionId === undefined
      ? undefined
      : delegatingSession(platform, caller, body, body.delegatingSessionId);
  const target = targetOf(platform, workspaceId, agentId, body);
  const base: NewSession = {
    workspaceId,
    agentId: target?.agentId ?? agentId,
    ownerUserId: target?.ownerUserId ?? caller.userId,
    title: body.title ?? body.prompt.split("\n", 1)[0]?.slice(0, 80) ?? "Session",
    prompt: body.prompt,
    taskId: body.taskId ?? parent?.taskId ?? null,
    targetWorkerId: body.targetWorkerId ?? null,
    targetGroupId: body.targetGroupId ?? null,
  };
  const workflow = parent?.workflow;
  const waits =
    workflow?.taskMode === "code" && workflow.branchName !== null && workflow.pushConfirmed !== true;
  return addSession(platform, {
    ...base,
    status: waits ? "pending" : "queued",
    delegatingSessionId: parent?.sessionId ?? null,
    workflow: {
      runId: workflow?.runId ?? null,
      stepId: (workflow?.runId ?? null) === null ? null : platform.nextId("step"),
      taskMode: body.workflowTaskMode ?? null,
      branchName: workflow?.branchName ?? null,
      pushConfirmed: workflow?.pushConfirmed ?? null,
      nextTarget: null,
    },
  });
}

function delegatingSession(platform: Platform, caller: User, body: CreateBody, parentId: string): Session {
  if (body.targetWorkerId === undefined && body.targetGroupId === undefined) {
    throw badRequest("A delegated session needs exactly one of targetWorkerId and targetGroupId.");
  }
  const parent = platform.state.sessions.find((one) => one.sessionId === parentId);
  if (!parent) throw notFound("delegating session");
  if (parent.ownerUserId !== caller.userId) throw forbidden("The delegating session is another user's.");
  if (parent.status !== "active" || parent.claim === null || parent.claim.claimId !== body.claimId) {
    throw claimInactive();
  }
  return parent;
}

/** The worker, or one worker of the group, that the session is routed to. */
function targetOf(
  platform: Platform,
  workspaceId: string,
  agentId: string,
  body: CreateBody,
): Worker | undefined {
  const here = platform.state.workers.filter((one) => one.workspaceId === workspaceId);
  if (body.targetWorkerId !== undefined) {
    const worker = here.find((one) => one.workerId === body.targetWorkerId);
    if (!worker) throw badRequest("The target worker is not in this workspace.");
    return worker;
  }
  if (body.targetGroupId === undefined) return undefined;
  const group = here.filter((one) => one.facts.groupId === body.targetGroupId);
  const worker = group.find((one) => one.agentId === agentId) ?? group[0];
  if (!worker) throw badRequest("The target group has no worker in this workspace.");
  return worker;
}
