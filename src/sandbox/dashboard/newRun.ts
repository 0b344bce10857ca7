import type * as z from "zod/mini";
import { badRequest } from "../refusal";
import { queueStep } from "../rules/runs";
import type { Platform } from "../state/platform";
import type { Agent, Run, State, TemplateStep } from "../state/schema";
import type { newRunBody } from "./bodies";
import { addTask, checkTask } from "./newSession";

type NewRun = z.infer<typeof newRunBody>;

/** Starts a run and queues its first step. Throws 400 for a target that is not there, and then starts nothing. */
export function startRun(platform: Platform, body: NewRun): Run {
  const { state, clock } = platform;
  const [agent] = state.agents;
  if (!agent) throw badRequest("There is no agent.");
  if (body.taskId !== undefined && body.task !== undefined) {
    throw badRequest("Only one of taskId and task can be given.");
  }
  checkTask(platform, body.taskId);
  const template = body.template.map((one) => templateStep(state, agent, one));
  const { workspaceId } = state.agents.find((one) => one.agentId === template[0]?.agentId) ?? agent;
  const title = body.title ?? body.prompt.split("\n", 1)[0]?.slice(0, 80) ?? "";
  const task = { kind: "task", title, description: body.prompt, status: "open" } as const;
  const now = clock.now();
  const runId = platform.nextId("run");
  const run: Run = {
    runId,
    workspaceId,
    ownerUserId: state.settings.currentUserId,
    title,
    prompt: body.prompt,
    taskId: body.taskId ?? addTask(platform, workspaceId, body.task === undefined ? task : body.task),
    branchName: body.branch === undefined ? `one/${runId.replaceAll("_", "-")}` : body.branch,
    pushConfirmed: false,
    template,
    steps: [],
    status: "running",
    reason: null,
    pullRequest: null,
    createdAt: now,
    updatedAt: now,
  };
  state.runs.push(run);
  queueStep(platform, run, 0);
  return run;
}

/** The step with the agent of its target; without a target that of the agent it names, or of the first one. */
function templateStep(state: State, first: Agent, given: NewRun["template"][number]): TemplateStep {
  const { mode, targetWorkerId = null, targetGroupId = null } = given;
  const workers = state.workers.filter((one) => one.rejected === null);
  if (targetWorkerId !== null && targetGroupId !== null) throw badRequest("A step has at most one target.");
  const agentId = given.agentId ?? first.agentId;
  if (!state.agents.some((one) => one.agentId === agentId)) throw badRequest("There is no such agent.");
  if (targetWorkerId !== null) {
    const worker = workers.find((one) => one.workerId === targetWorkerId);
    if (!worker) throw badRequest(`There is no worker ${targetWorkerId}.`);
    return { mode, agentId: worker.agentId, targetWorkerId, targetGroupId };
  }
  if (targetGroupId !== null) {
    const members = workers.filter((one) => one.facts.groupId === targetGroupId);
    const member = members.find((one) => one.agentId === agentId) ?? members[0];
    if (!member) throw badRequest(`The group ${targetGroupId} has no worker.`);
    return { mode, agentId: member.agentId, targetWorkerId, targetGroupId };
  }
  return { mode, agentId, targetWorkerId, targetGroupId };
}
