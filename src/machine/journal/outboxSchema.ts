import * as z from "zod/mini";
import type { OutboxState } from "../../core/outbox";
import type { ActivityType, UsageTotals } from "../../core/ports/platform";

const text = z.string();
const maybe = z.exactOptional(text);
const number = z.number();
const sequence = z.int().check(z.minimum(0));
const activityType = z.enum({
  progress: "progress",
  plan: "plan",
  url: "url",
  completion: "completion",
  failure: "failure",
  policy: "policy",
  release: "release",
  cancellation: "cancellation",
} satisfies { readonly [K in ActivityType]: K });

export const usageSchema = z.pipe(
  z.object({
    inputTokens: number,
    cachedInputTokens: number,
    outputTokens: number,
    reasoningOutputTokens: number,
    totalTokens: number,
    contextWindow: z.optional(number),
  }),
  z.transform((one): UsageTotals => ({ ...one, contextWindow: one.contextWindow })),
);
const metadataSchema = z.object({
  providerThreadId: maybe,
  providerTurnId: maybe,
  providerProcessId: maybe,
  providerStatus: maybe,
  plan: maybe,
  externalUrl: maybe,
  model: maybe,
  modelProvider: maybe,
  workingDirectory: maybe,
  worktreePath: maybe,
  usage: z.exactOptional(usageSchema),
  status: z.exactOptional(z.enum(["active", "awaiting_input"])),
  inputRequest: maybe,
  consumedResumeInputId: maybe,
  reviewVerdict: z.exactOptional(z.enum(["approve", "feedback", "reject"])),
  workflowPushConfirmed: z.exactOptional(z.boolean()),
  workflowBranchName: maybe,
});
const saidSchema = z.object({ entryId: text, type: activityType, text, at: number, once: z.optional(text) });
const activitySchema = z.object({
  activityId: text,
  sequence,
  type: activityType,
  message: text,
  url: maybe,
  occurredAt: number,
});

/** What one claim has told and has still to tell. */
export const outboxSchema = z.pipe(
  z.object({
    sequence,
    waiting: z.array(saidSchema),
    leftOut: sequence,
    sending: z.optional(activitySchema),
    metadata: metadataSchema,
    unsure: z.boolean(),
    patched: z.optional(metadataSchema),
    told: z.optional(z.array(text)),
  }),
  z.transform((one): OutboxState => ({ ...one, sending: one.sending })),
);
/** One step in the life of a report. */
export const entrySchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("said"), said: saidSchema }),
  z.object({ kind: z.literal("sending"), activity: activitySchema, covers: z.array(text) }),
  z.object({ kind: z.literal("accepted"), activityId: text, sequence }),
  z.object({ kind: z.literal("refused"), activityId: text }),
  z.object({ kind: z.literal("noted"), metadata: metadataSchema }),
  z.object({ kind: z.literal("patched"), metadata: metadataSchema }),
  z.object({ kind: z.literal("carried"), from: outboxSchema }),
  z.object({ kind: z.literal("restated"), state: outboxSchema }),
]);
