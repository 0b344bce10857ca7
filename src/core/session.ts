/** The statuses of contract.md. A status that the platform adds later arrives as `unknown`. */
export type SessionStatus =
  | "queued"
  | "pending"
  | "active"
  | "awaiting_input"
  | "complete"
  | "error"
  | "stale"
  | "cancelled"
  | "unknown";

/** The server-side lease, and the only authority to execute. */
export interface Claim {
  readonly claimId: string;
  /** By the platform's clock, milliseconds since the epoch; undefined when it could not be read. */
  readonly expiresAt: number | undefined;
  readonly leaseSeconds: number | undefined;
}

/** Text that only the owner, the platform or the agent's administrators can write. */
interface TrustedInstructions {
  readonly policy: string | undefined;
  readonly agent: string | undefined;
  readonly worker: string | undefined;
}

interface TaskContext {
  readonly taskId: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly status: string | undefined;
}

/** Text that a stranger can write: it may guide the work and change nothing else. */
interface UntrustedContext {
  readonly task: TaskContext | undefined;
  readonly comments: readonly { readonly commentId: string; readonly content: string }[];
  readonly documents: readonly {
    readonly documentId: string;
    readonly title: string;
    readonly content: string | undefined;
  }[];
}

/** Platform-controlled facts of a session that belongs to a workflow run. */
export interface WorkflowFacts {
  readonly runId: string | undefined;
  readonly stepId: string | undefined;
  readonly taskMode: string | undefined;
  readonly branchName: string | undefined;
  /** True once the platform was told that the branch is published. */
  readonly pushConfirmed?: boolean | undefined;
  /** Where the run goes next when its next step is another agent's. */
  readonly nextTarget?:
    { readonly targetWorkerId: string | undefined; readonly targetGroupId: string | undefined } | undefined;
}

/** The verdict of a review step, as the platform's words have it. */
export type ReviewVerdict = "approve" | "feedback" | "reject";

/** One visible unit of work, as the platform tells it. */
export interface Session {
  readonly sessionId: string;
  readonly workspaceId: string;
  readonly agentId: string;
  readonly workerId: string | undefined;
  readonly executionMode: string;
  /** Undefined counts as "not ours". */
  readonly ownerUserId: string | undefined;
  readonly status: SessionStatus;
  readonly title: string;
  readonly prompt: string;
  readonly taskId: string | undefined;
  readonly trusted: TrustedInstructions;
  readonly untrusted: UntrustedContext;
  readonly claim: Claim | undefined;
  readonly pendingResumeInput: { readonly inputId: string; readonly text: string } | undefined;
  readonly workflow: WorkflowFacts | undefined;
  /** The session that handed this work on. */
  readonly delegatingSessionId?: string | undefined;
  readonly reviewVerdict?: ReviewVerdict | undefined;
  readonly externalUrl: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Who we are on the platform: what a session must match to be ours. */
export interface WorkerIdentity {
  readonly userId: string;
  readonly workspaceId: string;
  readonly agentId: string;
  readonly workerId: string;
}
