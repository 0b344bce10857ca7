import * as z from "zod/mini";
import { badRequest, claimInactive, forbidden, notFound } from "../refusal";
import type { Platform } from "../state/platform";
import type { Session, User, Worker } from "../state/schema";
import { addStep, standOf, type Stand } from "./runs";
import { isCodeLike, nextOf } from "./runSteps";
import { addSession, noWorkflow, type NewSession } from "./sessions";

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
  if (parent === undefined) {
    return addSession(platform, {
      ...base,
      workflow: { ...noWorkflow, taskMode: body.workflowTaskMode ?? null },
    });
  }
  const stand = standOf(state, parent);
  return stand === undefined
    ? childOutsideRuns(platform, parent, base, body)
    : childInRun(platform, parent, stand, base, body);
}

/** What builds on the branch of a code step waits until that branch is on the remote. */
const waitsFor = ({ workflow }: Session): boolean =>
  isCodeLike(workflow.taskMode) && workflow.branchName !== null && workflow.pushConfirmed !== true;

/** A child of a session whose workflow fields somebody made by hand: there is no template to judge it by. */
function childOutsideRuns(platform: Platform, parent: Session, base: NewSession, body: CreateBody): Session {
  const { workflow } = parent;
  return addSession(platform, {
    ...base,
    status: waitsFor(parent) ? "pending" : "queued",
    delegatingSessionId: parent.sessionId,
    workflow: {
      runId: workflow.runId,
      stepId: workflow.runId === null ? null : platform.nextId("step"),
      taskMode: body.workflowTaskMode ?? null,
      branchName: workflow.branchName,
      pushConfirmed: workflow.pushConfirmed,
      nextTarget: null,
    },
  });
}

/** The run's next step where it goes to another target from here; else a session of its own, which the run does not know. */
function childInRun(
  platform: Platform,
  parent: Session,
  { run, step, isCurrent }: Stand,
  base: NewSession,
  body: CreateBody,
): Session {
  const { nextTarget } = parent.workflow;
  const next = nextOf(run, step, parent);
  const given = { ...base, delegatingSessionId: parent.sessionId };
  if (!isCurrent || nextTarget === null || next.kind !== "step") {
    if (body.workflowTaskMode !== undefined) {
      throw badRequest(
        "The run has no step that could be delegated from here, so no workflowTaskMode can be given.",
      );
    }
    return addSession(platform, given);
  }
  const mode = run.template[next.position]?.mode ?? null;
  if (body.workflowTaskMode !== undefined && body.workflowTaskMode !== mode) {
    throw badRequest(`The run's next step has the workflowTaskMode ${mode ?? "null"}.`);
  }
  if (body.targetWorkerId !== nextTarget.targetWorkerId || body.targetGroupId !== nextTarget.targetGroupId) {
    parent.remarks.push("The next step was delegated to another target than workflowNextTarget names.");
  }
  parent.workflow.nextTarget = null;
  return addStep(platform, run, next.position, { ...given, status: waitsFor(parent) ? "pending" : "queued" });
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
  const here = platform.state.workers.filter(
    (one) => one.workspaceId === workspaceId && one.rejected === null,
  );
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
