import * as z from "zod/mini";
import { listOf, maybe, maybeText, textOrEmpty } from "./tolerant";

export const claim = z.object({
  claimId: z.string(),
  leaseSeconds: maybe(z.number()),
  expiresAt: maybeText,
});

export const comment = z.object({ commentId: textOrEmpty, content: textOrEmpty });
export const document = z.object({ documentId: textOrEmpty, title: textOrEmpty, content: maybeText });
const task = z.object({
  taskId: textOrEmpty,
  kind: textOrEmpty,
  title: textOrEmpty,
  description: maybeText,
  status: maybeText,
});
const trustedInstructions = z.object({ policy: maybeText, agent: maybeText, worker: maybeText });
const untrustedContext = z.object({
  task: maybe(task),
  comments: listOf(comment),
  documents: listOf(document),
});
const resumeInput = z.object({ inputId: z.string(), text: textOrEmpty });

export const session = z.object({
  sessionId: z.string(),
  workspaceId: textOrEmpty,
  agentId: textOrEmpty,
  workerId: maybeText,
  executionMode: textOrEmpty,
  ownerUserId: maybeText,
  status: z.string(),
  title: textOrEmpty,
  prompt: textOrEmpty,
  taskId: maybeText,
  trustedInstructions: maybe(trustedInstructions),
  untrustedContext: maybe(untrustedContext),
  claim: maybe(claim),
  pendingResumeInput: maybe(resumeInput),
  workflowRunId: maybeText,
  workflowStepId: maybeText,
  workflowTaskMode: maybeText,
  workflowBranchName: maybeText,
  workflowPushConfirmed: maybe(z.boolean()),
  workflowNextTarget: maybe(z.object({ targetWorkerId: maybeText, targetGroupId: maybeText })),
  reviewVerdict: maybeText,
  delegatingSessionId: maybeText,
  externalUrl: maybeText,
  createdAt: maybeText,
  updatedAt: maybeText,
});
export type WireSession = z.infer<typeof session>;

export const sessionEnvelope = z.object({ session });
/** Read one by one, so that one odd session does not hide the others. */
export const sessionList = z.object({ sessions: z.array(z.unknown()) });
export const claimAnswer = z.object({ claim, session });
