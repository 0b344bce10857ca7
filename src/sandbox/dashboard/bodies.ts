import * as z from "zod/mini";
import { executionModes, signalTypes } from "../state/schema";

const text = z.string();
const id = text.check(z.minLength(1), z.maxLength(200));

/** What the dashboard API takes. Unknown fields are refused: a misspelt one would test nothing. */
const taskBody = z.strictObject({
  kind: z._default(z.enum(["initiative", "bug", "task"]), "task"),
  title: text.check(z.minLength(1)),
  description: z._default(text, ""),
  status: z._default(text, "open"),
});

export const newSessionBody = z.strictObject({
  title: z.optional(text.check(z.maxLength(300))),
  prompt: text.check(z.minLength(1), z.maxLength(100_000)),
  workspaceId: z.optional(id),
  agentId: z.optional(id),
  /** `null`: a session without an owner, which no worker may take. */
  ownerUserId: z.optional(z.nullable(id)),
  executionMode: z.optional(text),
  status: z.optional(z.enum(["queued", "pending"])),
  targetWorkerId: z.optional(z.nullable(id)),
  targetGroupId: z.optional(z.nullable(id)),
  /** Polled by every worker, whoever it is for. */
  offeredToAll: z.optional(z.boolean()),
  taskId: z.optional(id),
  task: z.optional(taskBody),
  workflowRunId: z.optional(id),
  workflowStepId: z.optional(id),
  workflowTaskMode: z.optional(text),
  workflowBranchName: z.optional(text),
  workflowPushConfirmed: z.optional(z.boolean()),
  workflowNextTarget: z.optional(
    z.strictObject({ targetWorkerId: z.optional(id), targetGroupId: z.optional(id) }),
  ),
});

/** A step names a worker, a group, or neither: then any worker of the agent takes it. */
const templateStepBody = z.strictObject({
  mode: z.nullable(text.check(z.minLength(1), z.maxLength(60))),
  agentId: z.optional(id),
  targetWorkerId: z.optional(id),
  targetGroupId: z.optional(id),
});

export const newRunBody = z.strictObject({
  title: z.optional(text.check(z.minLength(1), z.maxLength(300))),
  prompt: text.check(z.minLength(1), z.maxLength(100_000)),
  template: z.array(templateStepBody).check(z.minLength(1), z.maxLength(20)),
  /** Absent: the platform makes a name. `null`: the run has none. Nothing is checked: workers have to judge it. */
  branch: z.optional(z.nullable(text.check(z.maxLength(300)))),
  taskId: z.optional(id),
  /** Absent: made from title and prompt. `null`: none, and so no documents either. */
  task: z.optional(z.nullable(taskBody)),
});

export const answerBody = z.strictObject({ text: text.check(z.minLength(1), z.maxLength(100_000)) });
export const signalBody = z.strictObject({ type: z.enum(signalTypes) });
/** `status: null` takes the worker back. */
export const rejectBody = z.strictObject({ status: z._default(z.nullable(z.literal([403, 404])), 404) });
export const clockBody = z.strictObject({ advanceMs: z.number().check(z.int(), z.nonnegative()) });
export const commentBody = z.strictObject({
  taskId: id,
  content: text.check(z.minLength(1)),
  userId: z.optional(id),
});

export const settingsBody = z.strictObject({
  clientId: z.optional(id),
  accessTokenSeconds: z.optional(z.number().check(z.int(), z.positive())),
  callbacks: z.optional(z.array(z.url())),
  currentUserId: z.optional(id),
  policy: z.optional(text),
  renewal: z.optional(z.enum(["supported", "405", "409"])),
});

export const userBody = z.strictObject({ userId: id, name: text, email: z._default(text, "") });
export const workspaceBody = z.strictObject({ workspaceId: id, name: text, memberIds: z.array(id) });
export const agentBody = z.strictObject({
  agentId: id,
  workspaceId: id,
  name: text,
  description: z._default(text, ""),
  executionModes: z._default(z.array(z.enum(executionModes)), ["local"]),
  instructions: z._default(text.check(z.maxLength(2000)), ""),
});

/** Which tokens die: every access token, or the whole sign-ins. */
export const revokeBody = z.strictObject({ what: z.enum(["access", "all"]) });
/** `host:port` as a browser sends it. */
export const hostBody = z.strictObject({
  host: text.check(z.regex(/^[\w.:[\]-]{1,255}$/)),
});
export const releaseGateBody = z.strictObject({ gate: id });
