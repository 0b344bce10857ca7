// Bodies the worker sends. Clients send no field that openapi.yaml does not list, so each type is that list.
// What is undefined is left out of the JSON.

export interface RuntimeFactsBody {
  readonly provider: string;
  readonly version?: string | undefined;
}

export interface RegisterWorkerBody {
  readonly executionMode: "local";
  readonly name: string;
  readonly runtime: RuntimeFactsBody;
  readonly policy: { readonly sandbox: string; readonly approvals: string; readonly network: boolean };
  readonly worktreeMode: string;
  readonly maxConcurrentSessions: number;
  readonly instructions?: string | undefined;
  readonly groupId?: string | undefined;
  readonly idempotencyKey: string;
}

export interface HeartbeatBody {
  readonly state: "idle" | "busy" | "paused" | "stopping";
  readonly activeSessions: number;
  readonly awaitingInputSessions: number;
  readonly maxConcurrentSessions: number;
  readonly runtime: RuntimeFactsBody;
  readonly workerVersion?: string | undefined;
  readonly platform?: "linux" | "darwin" | "win32" | undefined;
  readonly uptimeSeconds: number;
}

export interface ClaimBody {
  readonly leaseSeconds: number;
  readonly claimId?: string | undefined;
}

export interface SessionPatchBody {
  readonly claimId: string;
  readonly providerThreadId?: string | undefined;
  readonly providerTurnId?: string | undefined;
  readonly providerProcessId?: string | undefined;
  readonly providerStatus?: string | undefined;
  readonly plan?: string | undefined;
  readonly externalUrl?: string | undefined;
  readonly model?: string | undefined;
  readonly modelProvider?: string | undefined;
  readonly workingDirectory?: string | undefined;
  readonly worktreePath?: string | undefined;
  readonly usage?:
    | {
        readonly inputTokens: number;
        readonly cachedInputTokens: number;
        readonly outputTokens: number;
        readonly reasoningOutputTokens: number;
        readonly totalTokens: number;
        readonly contextWindow?: number | undefined;
      }
    | undefined;
  readonly status?: "active" | "awaiting_input" | undefined;
  readonly inputRequest?: string | undefined;
  readonly consumedResumeInputId?: string | undefined;
  readonly reviewVerdict?: "approve" | "feedback" | "reject" | undefined;
  readonly workflowPushConfirmed?: boolean | undefined;
  readonly workflowBranchName?: string | undefined;
}

export interface ActivityBody {
  readonly claimId: string;
  readonly activityId: string;
  readonly sequence: number;
  readonly type: string;
  readonly message: string;
  readonly url?: string | undefined;
  /** RFC 3339. */
  readonly occurredAt: string;
}

export interface CompleteBody {
  readonly claimId: string;
  readonly summary?: string | undefined;
}
export interface FailBody {
  readonly claimId: string;
  readonly errorMessage: string;
  readonly errorReason: string;
}
export interface ReleaseBody {
  readonly claimId: string;
  readonly reason: string;
}
export interface CommentBody {
  readonly content: string;
  readonly fileIds?: readonly string[] | undefined;
}
/** The part of the upload's form that holds the file. */
export const filePart = "file";

export interface DocumentBody {
  readonly taskId: string;
  readonly title: string;
  readonly content: string;
  readonly workflowRunId?: string | undefined;
  readonly workflowStepId?: string | undefined;
}
export interface CreateSessionBody {
  readonly prompt: string;
  readonly title?: string | undefined;
  readonly taskId?: string | undefined;
  readonly delegatingSessionId: string;
  readonly claimId: string;
  readonly targetWorkerId?: string | undefined;
  readonly targetGroupId?: string | undefined;
}
