import * as z from "zod/mini";

// Only what is read is described; further fields pass, and every enum is open because the tool adds values at will.

const text = z.string();
const maybe = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

export const initializeAnswer = z.looseObject({ userAgent: maybe(text) });
export const accountAnswer = z.looseObject({
  account: maybe(z.looseObject({})),
  requiresOpenaiAuth: z.boolean(),
});
export type AccountAnswer = z.infer<typeof accountAnswer>;

/** The sandbox as the tool understood it. */
const sandboxAnswer = z.looseObject({
  type: text,
  networkAccess: maybe(z.unknown()),
  excludeSlashTmp: maybe(z.boolean()),
  writableRoots: maybe(z.array(text)),
});
export const threadAnswer = z.looseObject({
  thread: z.looseObject({ id: text }),
  model: maybe(text),
  modelProvider: maybe(text),
  approvalPolicy: maybe(z.unknown()),
  sandbox: sandboxAnswer,
  activePermissionProfile: maybe(z.looseObject({ id: text })),
});
export type ThreadAnswer = z.infer<typeof threadAnswer>;

/** A page of a thread's turns. */
export const turnsAnswer = z.looseObject({
  data: z.array(z.looseObject({ status: text, items: z.array(z.unknown()) })),
});
export const userMessageItem = z.looseObject({ type: z.literal("userMessage"), clientId: maybe(text) });
export const turnAnswer = z.looseObject({ turn: z.looseObject({ id: text }) });

const turnErrorSchema = z.looseObject({
  message: text,
  codexErrorInfo: maybe(z.unknown()),
  additionalDetails: maybe(text),
});
export type TurnError = z.infer<typeof turnErrorSchema>;

const agentMessage = z.looseObject({
  type: z.literal("agentMessage"),
  id: text,
  text,
  phase: maybe(text),
});
const reasoning = z.looseObject({ type: z.literal("reasoning"), id: text, summary: maybe(z.array(text)) });
const commandExecution = z.looseObject({
  type: z.literal("commandExecution"),
  id: text,
  command: text,
  status: maybe(text),
  aggregatedOutput: maybe(text),
  exitCode: maybe(z.number()),
  durationMs: maybe(z.number()),
});
const fileChange = z.looseObject({
  type: z.literal("fileChange"),
  id: text,
  status: maybe(text),
  changes: z.array(z.looseObject({ path: text, kind: z.looseObject({ type: text }) })),
});
export type CommandItem = z.infer<typeof commandExecution>;

/** The items that become events. Others are known to exist and are passed over. */
export const itemSchema = z.discriminatedUnion("type", [
  agentMessage,
  reasoning,
  commandExecution,
  fileChange,
]);
export type Item = z.infer<typeof itemSchema>;

const inThread = { threadId: text };
export const itemNote = z.looseObject({ ...inThread, item: z.looseObject({ type: text, id: text }) });
export const turnStartedNote = z.looseObject({ ...inThread, turn: z.looseObject({ id: text }) });
export const turnCompletedNote = z.looseObject({
  ...inThread,
  turn: z.looseObject({
    id: text,
    status: text,
    error: maybe(turnErrorSchema),
    items: maybe(z.array(z.unknown())),
  }),
});
export const planNote = z.looseObject({
  ...inThread,
  explanation: maybe(text),
  plan: z.array(z.looseObject({ step: text, status: text })),
});
const count = z.number().check(z.nonnegative());
export const usageNote = z.looseObject({
  ...inThread,
  tokenUsage: z.looseObject({
    total: z.looseObject({
      totalTokens: count,
      inputTokens: count,
      cachedInputTokens: maybe(count),
      outputTokens: count,
      reasoningOutputTokens: maybe(count),
    }),
    last: maybe(z.looseObject({ totalTokens: count })),
    modelContextWindow: maybe(count),
  }),
});
export const errorNote = z.looseObject({ ...inThread, error: turnErrorSchema, willRetry: z.boolean() });
export const warningNote = z.looseObject({ threadId: maybe(text), message: text });
export const configWarningNote = z.looseObject({ summary: text, details: maybe(text) });

const permissionProfile = z.looseObject({ network: maybe(z.unknown()), fileSystem: maybe(z.unknown()) });
export type PermissionProfile = z.infer<typeof permissionProfile>;

export const approvalParams = z.looseObject({
  reason: maybe(text),
  command: maybe(z.unknown()),
  cwd: maybe(text),
  additionalPermissions: maybe(permissionProfile),
  networkApprovalContext: maybe(z.looseObject({ host: maybe(text) })),
});
export type ApprovalParams = z.infer<typeof approvalParams>;
export const filePermissionParams = z.looseObject({
  itemId: text,
  reason: maybe(text),
  grantRoot: maybe(text),
});
export const permissionParams = z.looseObject({
  cwd: maybe(text),
  reason: maybe(text),
  permissions: permissionProfile,
});
export const userInputParams = z.looseObject({
  questions: z.array(
    z.looseObject({
      id: text,
      question: text,
      isSecret: maybe(z.boolean()),
      options: maybe(z.array(z.looseObject({ label: text }))),
    }),
  ),
});
export const toolCallParams = z.looseObject({ tool: text, arguments: z.optional(z.unknown()) });
/** A request of the tool's that needs no answer any more. */
export const resolvedNote = z.looseObject({ requestId: z.union([z.number(), text]) });
/** A change of files that is about to be asked for or made. */
export const changeItem = z.looseObject({
  item: z.looseObject({
    type: z.literal("fileChange"),
    id: text,
    changes: z.array(z.looseObject({ path: text })),
  }),
});
