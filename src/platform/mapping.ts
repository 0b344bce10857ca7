import type * as z from "zod/mini";
import type {
  Agent,
  ControlSignal,
  ControlType,
  ListedWorker,
  UploadedFile,
  User,
  WorkerRecord,
  Workspace,
} from "../core/ports/platform";
import type { Claim, ReviewVerdict, Session, SessionStatus, WorkflowFacts } from "../core/session";
import type * as bodies from "./wire/bodies";
import type { claim as wireClaim, WireSession } from "./wire/sessions";

const statuses: ReadonlySet<string> = new Set<SessionStatus>([
  "queued",
  "pending",
  "active",
  "awaiting_input",
  "complete",
  "error",
  "stale",
  "cancelled",
]);
const controls: ReadonlySet<string> = new Set<ControlType>(["stop", "pause", "resume", "restart"]);

const isStatus = (text: string): text is SessionStatus => statuses.has(text);
const verdicts: ReadonlySet<string> = new Set<ReviewVerdict>(["approve", "feedback", "reject"]);
const isVerdict = (text: string): text is ReviewVerdict => verdicts.has(text);
const isControl = (text: string): text is ControlType => controls.has(text);

export function toUser(wire: z.infer<typeof bodies.user>): User {
  return { userId: wire.userId, name: wire.name };
}

export function toWorkspace(wire: z.infer<typeof bodies.workspace>): Workspace {
  return { workspaceId: wire.workspaceId, name: wire.name === "" ? wire.workspaceId : wire.name };
}

export function toAgent(wire: z.infer<typeof bodies.agent>): Agent {
  return {
    agentId: wire.agentId,
    name: wire.name === "" ? wire.agentId : wire.name,
    executionModes: wire.executionModes,
  };
}

export function toWorker(wire: z.infer<typeof bodies.worker>): WorkerRecord {
  return {
    workerId: wire.workerId,
    name: wire.name,
    ownerUserId: wire.ownerUserId,
    status: wire.status,
    controlSignal: wire.controlSignal === undefined ? undefined : toControlSignal(wire.controlSignal),
  };
}

export function toListedWorker({
  workerId,
  name,
  status,
  groupId,
}: z.infer<typeof bodies.worker>): ListedWorker {
  return {
    workerId,
    name: name === "" ? workerId : name,
    status,
    groupId: groupId === "" ? undefined : groupId,
  };
}

function toControlSignal(wire: z.infer<typeof bodies.controlSignal>): ControlSignal {
  return { signalId: wire.signalId, type: isControl(wire.type) ? wire.type : "unknown" };
}

export function toUploadedFile(wire: z.infer<typeof bodies.file>): UploadedFile {
  return { fileId: wire.fileId, url: wire.url === undefined ? undefined : webAddress(wire.url) };
}

/** An http(s) address of a bearable length; anything else is none that a person may be sent to. */
function webAddress(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  return isWeb && url.href.length <= 500 ? url.href : undefined;
}

export function toClaim(wire: z.infer<typeof wireClaim>): Claim {
  const { leaseSeconds } = wire;
  return {
    claimId: wire.claimId,
    expiresAt: instant(wire.expiresAt),
    leaseSeconds: leaseSeconds !== undefined && leaseSeconds > 0 ? leaseSeconds : undefined,
  };
}

export function toSession(wire: WireSession): Session {
  return {
    sessionId: wire.sessionId,
    workspaceId: wire.workspaceId,
    agentId: wire.agentId,
    workerId: wire.workerId,
    executionMode: wire.executionMode,
    ownerUserId: wire.ownerUserId === "" ? undefined : wire.ownerUserId,
    status: isStatus(wire.status) ? wire.status : "unknown",
    title: wire.title,
    prompt: wire.prompt,
    taskId: wire.taskId,
    trusted: wire.trustedInstructions ?? { policy: undefined, agent: undefined, worker: undefined },
    untrusted: wire.untrustedContext ?? { task: undefined, comments: [], documents: [] },
    claim: wire.claim === undefined ? undefined : toClaim(wire.claim),
    pendingResumeInput: wire.pendingResumeInput,
    workflow: toWorkflow(wire),
    delegatingSessionId: wire.delegatingSessionId,
    reviewVerdict:
      wire.reviewVerdict !== undefined && isVerdict(wire.reviewVerdict) ? wire.reviewVerdict : undefined,
    externalUrl: wire.externalUrl,
    createdAt: instant(wire.createdAt) ?? 0,
  };
}

/** A session belongs to a workflow run when any of the run's fields is there. */
function toWorkflow(wire: WireSession): WorkflowFacts | undefined {
  const facts: WorkflowFacts = {
    runId: wire.workflowRunId,
    stepId: wire.workflowStepId,
    taskMode: wire.workflowTaskMode,
    branchName: wire.workflowBranchName,
    pushConfirmed: wire.workflowPushConfirmed,
    nextTarget: wire.workflowNextTarget,
  };
  return Object.values(facts).every((fact) => fact === undefined) ? undefined : facts;
}

function instant(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
