import type { Claim, ReviewVerdict, Session } from "../session";
import type { Approvals, SandboxMode } from "../policy";

export interface User {
  readonly userId: string;
  readonly name: string | undefined;
}
export interface Workspace {
  readonly workspaceId: string;
  readonly name: string;
}
export interface Agent {
  readonly agentId: string;
  readonly name: string;
  /** Empty when the platform does not say. */
  readonly executionModes: readonly string[];
}

export type ControlType = "stop" | "pause" | "resume" | "restart";
export interface ControlSignal {
  readonly signalId: string;
  /** `unknown` for a type this build does not know: logged, never acknowledged. */
  readonly type: ControlType | "unknown";
}
export interface WorkerRecord {
  readonly workerId: string;
  readonly name: string;
  readonly ownerUserId: string;
  readonly status: string;
  readonly controlSignal: ControlSignal | undefined;
}

/** A worker that work can be handed to. */
export interface ListedWorker {
  readonly workerId: string;
  readonly name: string;
  readonly status: string;
  readonly groupId: string | undefined;
}

export interface RuntimeFacts {
  readonly provider: string;
  readonly version: string | undefined;
}
/** What registration tells the platform; sent again with the same key when a fact changed. */
export interface Registration {
  readonly name: string;
  readonly runtime: RuntimeFacts;
  readonly policy: {
    readonly sandbox: SandboxMode;
    readonly approvals: Approvals;
    readonly network: boolean;
  };
  readonly worktreeMode: "task" | "repository";
  readonly maxConcurrentSessions: number;
  readonly instructions: string | undefined;
  readonly groupId: string | undefined;
  /** One per local configuration, at least 16 characters. */
  readonly idempotencyKey: string;
}

export interface AgentPath {
  readonly workspaceId: string;
  readonly agentId: string;
}
export interface WorkerPath extends AgentPath {
  readonly workerId: string;
}

export type ActivityType =
  "progress" | "plan" | "url" | "completion" | "failure" | "policy" | "release" | "cancellation";
export interface Activity {
  /** UUID; the platform stores an id once. */
  readonly activityId: string;
  /** From 1, up by one within a claim. */
  readonly sequence: number;
  readonly type: ActivityType;
  /** Markdown, 1 to 10,000 characters. */
  readonly message: string;
  readonly url?: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
}

export interface UsageTotals {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number;
  readonly totalTokens: number;
  readonly contextWindow: number | undefined;
}
/** Facts about the run; only what is present is sent. */
export interface SessionMetadata {
  readonly providerThreadId?: string;
  readonly providerTurnId?: string;
  readonly providerProcessId?: string;
  readonly providerStatus?: string;
  readonly plan?: string;
  readonly externalUrl?: string;
  readonly model?: string;
  readonly modelProvider?: string;
  readonly workingDirectory?: string;
  readonly worktreePath?: string;
  readonly usage?: UsageTotals;
  readonly status?: "active" | "awaiting_input";
  readonly inputRequest?: string;
  readonly consumedResumeInputId?: string;
  readonly reviewVerdict?: ReviewVerdict;
  readonly workflowPushConfirmed?: boolean;
  readonly workflowBranchName?: string;
}

/** A file on its way to the platform. */
export interface Upload {
  /** One line without separators of paths, at most 100 characters. */
  readonly name: string;
  /** For example `image/png`. */
  readonly mediaType: string;
  readonly content: Uint8Array;
}
/** A file that the platform took. */
export interface UploadedFile {
  readonly fileId: string;
  /** Where a browser finds it, http(s); undefined where the platform does not say. */
  readonly url: string | undefined;
}
/** A comment on a task. */
export interface TaskComment {
  /** Markdown, at least 1 character. */
  readonly content: string;
  readonly fileIds: readonly string[];
}

/** A document of a task. */
export interface NewDocument {
  readonly taskId: string;
  readonly title: string;
  /** Markdown. */
  readonly content: string;
  readonly workflowRunId: string | undefined;
  readonly workflowStepId: string | undefined;
}
/** Work that a session hands on; exactly one target. */
export interface DelegatedWork {
  readonly prompt: string;
  readonly title: string | undefined;
  readonly taskId: string | undefined;
  readonly delegatingSessionId: string;
  /** The active claim of the delegating session. */
  readonly claimId: string;
  readonly targetWorkerId: string | undefined;
  readonly targetGroupId: string | undefined;
}

/**
 * The platform as the worker needs it. Every call has its own deadline and bounded retries inside, and rejects with
 * PlatformError, or with the signal's reason when the signal aborts.
 */
export interface Platform {
  getCurrentUser(signal: AbortSignal): Promise<User>;
  listWorkspaces(signal: AbortSignal): Promise<readonly Workspace[]>;
  listAgents(workspaceId: string, signal: AbortSignal): Promise<readonly Agent[]>;
  registerWorker(path: AgentPath, registration: Registration, signal: AbortSignal): Promise<WorkerRecord>;
  getWorker(path: WorkerPath, signal: AbortSignal): Promise<WorkerRecord>;
  /** The workers that delegation may target, the caller's own included; the groups are those that they name. */
  listWorkers(path: AgentPath, signal: AbortSignal): Promise<readonly ListedWorker[]>;
  acknowledgeControlSignal(path: WorkerPath, signalId: string, signal: AbortSignal): Promise<void>;
  pollSessions(path: WorkerPath, signal: AbortSignal): Promise<readonly Session[]>;
  getSession(path: WorkerPath, sessionId: string, signal: AbortSignal): Promise<Session>;
  /** Without `claimId` a new claim; with it, a renewal of that claim. Never retried after an unknown outcome. */
  claimSession(
    path: WorkerPath,
    sessionId: string,
    options: { readonly leaseSeconds: number; readonly claimId?: string },
    signal: AbortSignal,
  ): Promise<{ readonly claim: Claim; readonly session: Session }>;
  patchSession(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    metadata: SessionMetadata,
    signal: AbortSignal,
  ): Promise<void>;
  /** `known`: this id was stored before, and nothing changed. */
  createActivity(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    activity: Activity,
    signal: AbortSignal,
  ): Promise<"stored" | "known">;
  /** The three finishes are not idempotent: never retried after an unknown outcome; read the session instead. */
  completeSession(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    summary: string | undefined,
    signal: AbortSignal,
  ): Promise<void>;
  failSession(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    error: { readonly message: string; readonly reason: string },
    signal: AbortSignal,
  ): Promise<void>;
  releaseSession(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<void>;
  /** None of the four is idempotent: never retried after an unknown outcome. */
  createDocument(workspaceId: string, document: NewDocument, signal: AbortSignal): Promise<void>;
  /** The new session's id. */
  createSession(path: AgentPath, work: DelegatedWork, signal: AbortSignal): Promise<string>;
  uploadFile(workspaceId: string, file: Upload, signal: AbortSignal): Promise<UploadedFile>;
  saveComment(workspaceId: string, taskId: string, comment: TaskComment, signal: AbortSignal): Promise<void>;
}
