import type * as z from "zod/mini";
import { badRequest } from "../refusal";
import { addSession } from "../rules/sessions";
import type { Platform } from "../state/platform";
import type { Session } from "../state/schema";
import type { newSessionBody } from "./bodies";

/** Queues a session as the product's dashboard does, for the first agent and the current user unless said otherwise. */
export function queueSession(platform: Platform, body: z.infer<typeof newSessionBody>): Session {
  const { state } = platform;
  const agent = state.agents.find((one) => one.agentId === (body.agentId ?? state.agents[0]?.agentId));
  if (!agent) throw badRequest("There is no such agent.");
  const workspaceId = body.workspaceId ?? agent.workspaceId;
  checkTask(platform, body.taskId);
  return addSession(platform, {
    workspaceId,
    agentId: agent.agentId,
    ownerUserId: body.ownerUserId === undefined ? state.settings.currentUserId : body.ownerUserId,
    title: body.title ?? body.prompt.split("\n", 1)[0]?.slice(0, 80) ?? "",
    prompt: body.prompt,
    executionMode: body.executionMode ?? "local",
    status: body.status ?? "queued",
    targetWorkerId: body.targetWorkerId ?? null,
    targetGroupId: body.targetGroupId ?? null,
    offeredToAll: body.offeredToAll ?? false,
    taskId: body.taskId ?? addTask(platform, workspaceId, body.task),
    workflow: {
      runId: body.workflowRunId ?? null,
      stepId: body.workflowStepId ?? null,
      taskMode: body.workflowTaskMode ?? null,
      branchName: body.workflowBranchName ?? null,
      pushConfirmed: body.workflowPushConfirmed ?? null,
      nextTarget: body.workflowNextTarget ?? null,
    },
  });
}

/** Throws 400 for a task that is not there. */
export function checkTask({ state }: Platform, taskId: string | undefined): void {
  if (taskId !== undefined && !state.tasks.some((one) => one.taskId === taskId)) {
    throw badRequest("There is no such task.");
  }
}

export function addTask(
  platform: Platform,
  workspaceId: string,
  task: z.infer<typeof newSessionBody>["task"] | null,
): string | null {
  if (!task) return null;
  const taskId = platform.nextId("task");
  platform.state.tasks.push({ taskId, workspaceId, ...task });
  return taskId;
}
