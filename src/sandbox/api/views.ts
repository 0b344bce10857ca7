import type { Platform } from "../state/platform";
import type { Agent, Claim, Session, Worker } from "../state/schema";
import { workerStatus } from "../rules/time";

const iso = (at: number): string => new Date(at).toISOString();

export const agentView = (agent: Agent): object => ({
  agentId: agent.agentId,
  name: agent.name,
  description: agent.description,
  executionModes: agent.executionModes,
  ...(agent.instructions === "" ? {} : { instructions: agent.instructions }),
});

export function workerView(platform: Platform, worker: Worker): object {
  const { facts, signal } = worker;
  return {
    workerId: worker.workerId,
    agentId: worker.agentId,
    workspaceId: worker.workspaceId,
    executionMode: "local",
    ownerUserId: worker.ownerUserId,
    name: facts.name,
    status: workerStatus(worker, platform.clock.now()),
    worktreeMode: facts.worktreeMode,
    maxConcurrentSessions: facts.maxConcurrentSessions,
    ...(facts.instructions === undefined ? {} : { instructions: facts.instructions }),
    groupId: facts.groupId ?? null,
    controlSignal: signal && {
      signalId: signal.signalId,
      type: signal.type,
      requestedAt: iso(signal.requestedAt),
    },
  };
}

export const claimView = (claim: Claim): object => ({
  claimId: claim.claimId,
  workerId: claim.workerId,
  leaseSeconds: claim.leaseSeconds,
  expiresAt: iso(claim.expiresAt),
});

/** A session as `worker` may see it: the claim only where that worker holds it. `null`: nobody's worker looks. */
export function sessionView(platform: Platform, session: Session, worker: Worker | null): object {
  const { workflow, claim } = session;
  const mine = claim !== null && claim.workerId === worker?.workerId;
  return {
    sessionId: session.sessionId,
    workspaceId: session.workspaceId,
    agentId: session.agentId,
    workerId: claim?.workerId ?? session.targetWorkerId,
    executionMode: session.executionMode,
    ...(session.ownerUserId === null ? {} : { ownerUserId: session.ownerUserId }),
    status: session.status,
    title: session.title,
    prompt: session.prompt,
    taskId: session.taskId,
    trustedInstructions: trusted(platform, session, worker),
    untrustedContext: untrusted(platform, session),
    claim: mine ? claimView(claim) : null,
    pendingResumeInput:
      mine && session.input
        ? {
            inputId: session.input.inputId,
            text: session.input.text,
            submittedAt: iso(session.input.submittedAt),
          }
        : null,
    workflowRunId: workflow.runId,
    workflowStepId: workflow.stepId,
    workflowTaskMode: workflow.taskMode,
    workflowBranchName: workflow.branchName,
    workflowPushConfirmed: workflow.pushConfirmed,
    workflowNextTarget: workflow.nextTarget,
    reviewVerdict: session.reviewVerdict,
    delegatingSessionId: session.delegatingSessionId,
    plan: session.plan,
    externalUrl: session.externalUrl,
    errorMessage: session.errorMessage,
    createdAt: iso(session.createdAt),
    updatedAt: iso(session.updatedAt),
  };
}

function trusted(platform: Platform, session: Session, worker: Worker | null): object {
  const agent = platform.state.agents.find((one) => one.agentId === session.agentId);
  return {
    policy: platform.state.settings.policy,
    ...(agent && agent.instructions !== "" ? { agent: agent.instructions } : {}),
    ...(worker?.facts.instructions === undefined ? {} : { worker: worker.facts.instructions }),
  };
}

function untrusted({ state }: Platform, session: Session): object {
  const task = state.tasks.find((one) => one.taskId === session.taskId);
  if (!task) return { task: null, comments: [], documents: [] };
  const { taskId, kind, title, description, status } = task;
  return {
    task: { taskId, kind, title, description, status },
    comments: state.comments
      .filter((one) => one.taskId === taskId)
      .map(({ commentId, userId, content }) => ({ commentId, userId, content })),
    documents: state.documents
      .filter((one) => one.taskId === taskId)
      .map(({ documentId, title: name, content }) => ({ documentId, title: name, content })),
  };
}
