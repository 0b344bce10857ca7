import * as z from "zod/mini";

// What the sandbox keeps in its state file. The names are its own; the wire names are made in views.ts.

const text = z.string();
const maybeText = z.nullable(text);
const instant = z.number();

const sessionStatuses = [
  "queued",
  "pending",
  "active",
  "awaiting_input",
  "complete",
  "error",
  "stale",
  "cancelled",
] as const;

export const signalTypes = ["stop", "pause", "resume", "restart"] as const;
export const executionModes = ["local", "cloud"] as const;

const userSchema = z.object({ userId: text, name: text, email: text });
const workspaceSchema = z.object({ workspaceId: text, name: text, memberIds: z.array(text) });
const agentSchema = z.object({
  agentId: text,
  workspaceId: text,
  name: text,
  description: text,
  executionModes: z.array(z.enum(executionModes)),
  instructions: text,
});

const factsSchema = z.object({
  name: text,
  runtime: z.object({ provider: text, version: z.optional(text) }),
  policy: z.optional(
    z.object({ sandbox: z.optional(text), approvals: z.optional(text), network: z.optional(z.boolean()) }),
  ),
  worktreeMode: z.enum(["task", "repository"]),
  maxConcurrentSessions: z.number(),
  instructions: z.optional(text),
  groupId: z.optional(text),
});

const signalSchema = z.object({ signalId: text, type: z.enum(signalTypes), requestedAt: instant });

const workerSchema = z.object({
  workerId: text,
  agentId: text,
  workspaceId: text,
  ownerUserId: text,
  idempotencyKey: text,
  facts: factsSchema,
  registeredAt: instant,
  lastBeatAt: z.nullable(instant),
  beats: z.number(),
  lastBeat: z.nullable(z.record(text, z.unknown())),
  signal: z.nullable(signalSchema),
  acknowledged: z.array(text),
  /** Set by a test: every call of this worker is then answered with that status. */
  rejected: z.nullable(z.number()),
});

const claimSchema = z.object({
  claimId: text,
  workerId: text,
  leaseSeconds: z.number(),
  expiresAt: instant,
  lastSequence: z.number(),
});

const activitySchema = z.object({
  activityId: text,
  claimId: text,
  sequence: z.number(),
  type: text,
  message: text,
  url: z.optional(text),
  occurredAt: text,
  receivedAt: instant,
});

const patchSchema = z.object({ at: instant, fields: z.record(text, z.unknown()) });

const usageSchema = z.object({
  inputTokens: z.optional(z.number()),
  cachedInputTokens: z.optional(z.number()),
  outputTokens: z.optional(z.number()),
  reasoningOutputTokens: z.optional(z.number()),
  totalTokens: z.optional(z.number()),
  contextWindow: z.optional(z.number()),
});

const metadataSchema = z.object({
  providerThreadId: z.optional(text),
  providerTurnId: z.optional(text),
  providerProcessId: z.optional(text),
  providerStatus: z.optional(text),
  model: z.optional(text),
  modelProvider: z.optional(text),
  workingDirectory: z.optional(text),
  worktreePath: z.optional(text),
});

const targetSchema = z.object({ targetWorkerId: z.optional(text), targetGroupId: z.optional(text) });

const sessionSchema = z.object({
  sessionId: text,
  workspaceId: text,
  agentId: text,
  ownerUserId: maybeText,
  executionMode: text,
  status: z.enum(sessionStatuses),
  title: text,
  prompt: text,
  taskId: maybeText,
  targetWorkerId: maybeText,
  targetGroupId: maybeText,
  /** Set by a test: offered to every worker that polls, so that the worker's own refusal can be seen. */
  offeredToAll: z.boolean(),
  claim: z.nullable(claimSchema),
  lastOwnerId: maybeText,
  input: z.nullable(z.object({ inputId: text, text, submittedAt: instant })),
  lastConsumedInputId: maybeText,
  inputRequest: maybeText,
  workflow: z.object({
    runId: maybeText,
    stepId: maybeText,
    taskMode: maybeText,
    branchName: maybeText,
    pushConfirmed: z.nullable(z.boolean()),
    nextTarget: z.nullable(targetSchema),
  }),
  reviewVerdict: z.nullable(z.enum(["approve", "feedback", "reject"])),
  delegatingSessionId: maybeText,
  plan: maybeText,
  externalUrl: maybeText,
  errorMessage: maybeText,
  errorReason: maybeText,
  summary: maybeText,
  releaseReason: maybeText,
  metadata: metadataSchema,
  usage: usageSchema,
  activities: z.array(activitySchema),
  patches: z.array(patchSchema),
  history: z.array(z.object({ at: instant, status: z.enum(sessionStatuses) })),
  claims: z.array(z.object({ claimId: text, workerId: text, at: instant })),
  /** Breaches of the contract's prose that no status code answers, such as a missing completion activity. */
  remarks: z.array(text),
  createdAt: instant,
  updatedAt: instant,
});

/** What a person said about one step of a run when it was started. `agentId` is the target's, where there is one. */
const templateStepSchema = z.object({
  /** `null`: a step without a mode, which no worker may run. */
  mode: maybeText,
  agentId: text,
  targetWorkerId: maybeText,
  targetGroupId: maybeText,
});

const runStepSchema = z.object({
  stepId: text,
  /** Which step of the template it carries out; a step that a review sent back comes twice. */
  position: z.number(),
  sessionId: text,
});

/** A workflow run. Its current step is the last one of `steps`. */
const runSchema = z.object({
  runId: text,
  workspaceId: text,
  ownerUserId: text,
  title: text,
  prompt: text,
  taskId: maybeText,
  branchName: maybeText,
  /** The last code step said that the branch is on the remote. */
  pushConfirmed: z.boolean(),
  template: z.array(templateStepSchema),
  steps: z.array(runStepSchema),
  status: z.enum(["running", "finished", "rejected", "stalled", "stopped"]),
  /** What a stalled run lacks, or why it ended before its last step. */
  reason: maybeText,
  /** The page that stands for the pull request, once there is one. The key is what makes its address unguessable. */
  pullRequest: z.nullable(z.object({ key: text, url: text })),
  createdAt: instant,
  updatedAt: instant,
});

const taskSchema = z.object({
  taskId: text,
  workspaceId: text,
  kind: z.enum(["initiative", "bug", "task"]),
  title: text,
  description: text,
  status: text,
});

const fileSchema = z.object({
  fileId: text,
  workspaceId: text,
  userId: text,
  name: text,
  contentType: text,
  size: z.number(),
  sha256: text,
});
const commentSchema = z.object({
  commentId: text,
  workspaceId: text,
  taskId: text,
  userId: text,
  content: text,
  fileIds: z.array(text),
});
const documentSchema = z.object({
  documentId: text,
  workspaceId: text,
  taskId: text,
  userId: text,
  title: text,
  content: text,
  workflowRunId: z.optional(text),
  workflowStepId: z.optional(text),
});

/** A token is kept as its SHA-256 only. A family is one sign-in and all that was refreshed from it. */
const tokenSchema = z.object({
  hash: text,
  kind: z.enum(["access", "refresh"]),
  familyId: text,
  userId: text,
  clientId: text,
  scope: text,
  expiresAt: z.nullable(instant),
  spent: z.boolean(),
});

const settingsSchema = z.object({
  clientId: text,
  accessTokenSeconds: z.number(),
  callbacks: z.array(text),
  currentUserId: text,
  policy: text,
  renewal: z.enum(["supported", "405", "409"]),
});

export const stateSchema = z.object({
  version: z.literal(1),
  clockAheadMs: z.number(),
  nextNumber: z.number(),
  settings: settingsSchema,
  users: z.array(userSchema),
  workspaces: z.array(workspaceSchema),
  agents: z.array(agentSchema),
  workers: z.array(workerSchema),
  sessions: z.array(sessionSchema),
  /** A file of a sandbox that knew no runs has none. */
  runs: z._default(z.array(runSchema), []),
  tasks: z.array(taskSchema),
  files: z.array(fileSchema),
  comments: z.array(commentSchema),
  documents: z.array(documentSchema),
  tokens: z.array(tokenSchema),
});

export type State = z.infer<typeof stateSchema>;
export type User = z.infer<typeof userSchema>;
export type Workspace = z.infer<typeof workspaceSchema>;
export type Agent = z.infer<typeof agentSchema>;
export type Worker = z.infer<typeof workerSchema>;
export type WorkerFacts = z.infer<typeof factsSchema>;
export type Session = z.infer<typeof sessionSchema>;
export type SessionStatus = Session["status"];
export type Claim = z.infer<typeof claimSchema>;
export type Run = z.infer<typeof runSchema>;
export type RunStep = z.infer<typeof runStepSchema>;
export type TemplateStep = z.infer<typeof templateStepSchema>;
export type Task = z.infer<typeof taskSchema>;
export type Token = z.infer<typeof tokenSchema>;
export type Settings = z.infer<typeof settingsSchema>;
export type SignalType = (typeof signalTypes)[number];
