import type { AttemptRecord } from "../../src/core/ports/journal";
import type { Session, WorkerIdentity } from "../../src/core/session";
import type { WorkflowConfig } from "../../src/core/workflowConfig";

export const us: WorkerIdentity = {
  userId: "user-1",
  workspaceId: "workspace-1",
  agentId: "agent-1",
  workerId: "worker-1",
};

/** A queued session that is ours, unless said otherwise. */
export function aSession(facts: Partial<Session> = {}): Session {
  return {
    sessionId: "s1",
    workspaceId: us.workspaceId,
    agentId: us.agentId,
    workerId: undefined,
    executionMode: "local",
    ownerUserId: us.userId,
    status: "queued",
    title: `Title of ${facts.sessionId ?? "s1"}`,
    prompt: "Do the work",
    taskId: undefined,
    trusted: { policy: undefined, agent: undefined, worker: undefined },
    untrusted: { task: undefined, comments: [], documents: [] },
    claim: undefined,
    pendingResumeInput: undefined,
    workflow: undefined,
    externalUrl: undefined,
    createdAt: Date.UTC(2030, 0, 1),
    ...facts,
  };
}

export function aConfig(facts: Partial<WorkflowConfig> = {}): WorkflowConfig {
  return {
    maxConcurrentSessions: 6,
    maxActiveExecutions: 3,
    maxRetryAttempts: 0,
    pollIntervalMs: 30_000,
    leaseSeconds: 900,
    worktree: { mode: "task", root: "/worktrees", baseBranch: undefined, copy: [] },
    runtime: {
      provider: "codex",
      command: ["codex", "app-server"],
      model: undefined,
      effort: undefined,
      modes: new Map(),
      environment: [],
      turnTimeoutMs: 3_600_000,
      stallTimeoutMs: 300_000,
    },
    policy: { sandbox: "workspace-write", approvals: "never", network: false },
    hooks: {
      ...{ afterCreate: undefined, beforeRun: undefined, afterRun: undefined, beforeRemove: undefined },
      ...{ timeoutMs: 60_000, unsandboxed: false },
    },
    gitHooks: false,
    instructions: "",
    ...facts,
  };
}

/** What an earlier process left of a running attempt, unless said otherwise. */
export function aRecord(facts: Partial<AttemptRecord> = {}): AttemptRecord {
  const sessionId = facts.sessionId ?? "s1";
  return {
    sessionId,
    claimId: `claim-${sessionId}`,
    title: `Title of ${sessionId}`,
    startedAt: Date.UTC(2030, 0, 1),
    worktreePath: `/worktrees/${sessionId}`,
    workingDirectory: `/worktrees/${sessionId}`,
    branch: `one-horizon/${sessionId}`,
    baseCommit: "a".repeat(40),
    baseBranch: "main",
    threadId: `thread-${sessionId}`,
    step: "executing",
    headCommit: "a".repeat(40),
    marker: undefined,
    tries: 1,
    outcome: "running",
    ran: undefined,
    ending: undefined,
    endedAt: undefined,
    detail: undefined,
    stat: undefined,
    releasedByPerson: false,
    archived: false,
    ...facts,
  };
}
