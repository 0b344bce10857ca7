import type { HeartbeatFacts } from "../core/ports/heartbeat";
import type { Activity, Registration, RuntimeFacts, SessionMetadata } from "../core/ports/platform";
import type {
  ActivityBody,
  HeartbeatBody,
  RegisterWorkerBody,
  RuntimeFactsBody,
  SessionPatchBody,
} from "./wire/requests";

/** Each body is written field by field: what is not named here can never be sent. */
export function registrationBody(facts: Registration): RegisterWorkerBody {
  return {
    executionMode: "local",
    name: facts.name,
    runtime: runtimeBody(facts.runtime),
    policy: {
      sandbox: facts.policy.sandbox,
      approvals: facts.policy.approvals,
      network: facts.policy.network,
    },
    worktreeMode: facts.worktreeMode,
    maxConcurrentSessions: facts.maxConcurrentSessions,
    instructions: facts.instructions,
    groupId: facts.groupId,
    idempotencyKey: facts.idempotencyKey,
  };
}

function runtimeBody(runtime: RuntimeFacts): RuntimeFactsBody {
  return { provider: runtime.provider, version: runtime.version };
}

export interface BeatContext {
  /** The extension's version; left out when it is no version. */
  readonly workerVersion: string;
  /** `process.platform`; left out when the platform's list does not have it. */
  readonly platform: string;
  readonly uptimeMs: number;
}

/** The allow-list of a beat: no machine, user or repository name, no path, no address. */
export function heartbeatBody(facts: HeartbeatFacts, context: BeatContext): HeartbeatBody {
  const { workerVersion, platform } = context;
  return {
    state: facts.state,
    activeSessions: count(facts.activeSessions),
    awaitingInputSessions: count(facts.awaitingInputSessions),
    maxConcurrentSessions: Math.max(1, count(facts.maxConcurrentSessions)),
    runtime: runtimeBody(facts.runtime),
    workerVersion: /^\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?$/u.test(workerVersion) ? workerVersion : undefined,
    platform: platform === "linux" || platform === "darwin" || platform === "win32" ? platform : undefined,
    uptimeSeconds: count(context.uptimeMs / 1000),
  };
}

const count = (value: number): number => Math.max(0, Math.floor(value));

export function patchBody(claimId: string, facts: SessionMetadata): SessionPatchBody {
  return {
    claimId,
    providerThreadId: facts.providerThreadId,
    providerTurnId: facts.providerTurnId,
    providerProcessId: facts.providerProcessId,
    providerStatus: facts.providerStatus,
    plan: facts.plan,
    externalUrl: facts.externalUrl,
    model: facts.model,
    modelProvider: facts.modelProvider,
    workingDirectory: facts.workingDirectory,
    worktreePath: facts.worktreePath,
    usage: facts.usage === undefined ? undefined : usageBody(facts.usage),
    status: facts.status,
    inputRequest: facts.inputRequest,
    consumedResumeInputId: facts.consumedResumeInputId,
    reviewVerdict: facts.reviewVerdict,
    workflowPushConfirmed: facts.workflowPushConfirmed,
    workflowBranchName: facts.workflowBranchName,
  };
}

function usageBody(usage: NonNullable<SessionMetadata["usage"]>): NonNullable<SessionPatchBody["usage"]> {
  return {
    inputTokens: count(usage.inputTokens),
    cachedInputTokens: count(usage.cachedInputTokens),
    outputTokens: count(usage.outputTokens),
    reasoningOutputTokens: count(usage.reasoningOutputTokens),
    totalTokens: count(usage.totalTokens),
    contextWindow: usage.contextWindow === undefined ? undefined : count(usage.contextWindow),
  };
}

export function activityBody(claimId: string, activity: Activity): ActivityBody {
  return {
    claimId,
    activityId: activity.activityId,
    sequence: activity.sequence,
    type: activity.type,
    message: activity.message,
    url: activity.url,
    occurredAt: new Date(activity.occurredAt).toISOString(),
  };
}
