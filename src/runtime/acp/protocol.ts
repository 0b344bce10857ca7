import * as z from "zod/mini";

// Only what is read is described; further fields pass, and every enum is open, because agents add values at will. The
// library's own schemas drop what they do not know and have words of languages along.

const text = z.string();
const maybe = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));
/** A part in an unknown form counts as missing: the rest is still of use. */
const lenient = <T extends z.ZodMiniType>(schema: T) => z.optional(z.catch(z.nullable(schema), null));

/** The only version of the protocol that this adapter speaks. */
export const protocolVersion = 1;

export const initializeAnswer = z.looseObject({
  protocolVersion: z.unknown(),
  agentInfo: lenient(z.looseObject({ name: text, version: maybe(text) })),
  authMethods: lenient(z.array(z.unknown())),
  agentCapabilities: lenient(
    z.looseObject({
      loadSession: lenient(z.boolean()),
      sessionCapabilities: lenient(
        z.looseObject({
          resume: lenient(z.looseObject({})),
          systemPrompt: lenient(z.looseObject({})),
        }),
      ),
    }),
  ),
});
/** A way to sign in. */
export const authMethod = z.looseObject({ name: text });
export type InitializeAnswer = z.infer<typeof initializeAnswer>;

export const choice = z.looseObject({ value: text, name: maybe(text) });
export const choiceGroup = z.looseObject({ options: z.array(choice) });
const configOption = z.looseObject({
  id: text,
  type: text,
  category: maybe(text),
  currentValue: z.unknown(),
  /** Choices or groups of them. */
  options: maybe(z.array(z.unknown())),
});
export type ConfigOption = z.infer<typeof configOption>;
const modeState = z.looseObject({
  currentModeId: text,
  availableModes: z.array(z.looseObject({ id: text })),
});
export const sessionAnswer = z.looseObject({
  sessionId: maybe(text),
  modes: lenient(modeState),
  configOptions: lenient(z.array(configOption)),
});
export type SessionAnswer = z.infer<typeof sessionAnswer>;

const usage = z.looseObject({
  totalTokens: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  thoughtTokens: maybe(z.number()),
  cachedReadTokens: maybe(z.number()),
  cachedWriteTokens: maybe(z.number()),
});
export type TokenUsage = z.infer<typeof usage>;
export const promptAnswer = z.looseObject({ stopReason: text, usage: lenient(usage) });

export const updateNote = z.looseObject({
  sessionId: text,
  update: z.looseObject({ sessionUpdate: text }),
});
const contentBlock = z.looseObject({ type: text, text: maybe(text), name: maybe(text) });
export const chunkUpdate = z.looseObject({ content: contentBlock, messageId: maybe(text) });
export const planUpdate = z.looseObject({
  entries: z.array(z.looseObject({ content: text, status: maybe(text) })),
});
export const usageUpdate = z.looseObject({ used: z.number(), size: z.number() });
export const noticeUpdate = z.looseObject({ severity: text, title: text, description: maybe(text) });

const toolContent = z.looseObject({
  type: text,
  content: lenient(contentBlock),
  path: maybe(text),
  oldText: maybe(text),
  newText: maybe(text),
  terminalId: maybe(text),
  /** What is done with the file, where the texts alone do not say it. */
  _meta: lenient(z.looseObject({ kind: maybe(text) })),
});
const printed = lenient(z.looseObject({ data: text }));
/** An extension that known agents share: what a command of the agent's own printed, piece by piece, and how it ended. */
const terminalMeta = z.looseObject({
  terminal_output: printed,
  terminal_output_delta: printed,
  terminal_exit: lenient(z.looseObject({ exit_code: maybe(z.int()) })),
});
export const toolUpdate = z.looseObject({
  toolCallId: text,
  title: maybe(text),
  name: maybe(text),
  kind: maybe(text),
  status: maybe(text),
  content: lenient(z.array(toolContent)),
  locations: lenient(z.array(z.looseObject({ path: text }))),
  rawInput: z.optional(z.unknown()),
  rawOutput: z.optional(z.unknown()),
  _meta: lenient(terminalMeta),
});
export type ToolUpdate = z.infer<typeof toolUpdate>;

const permissionOption = z.looseObject({ optionId: text, kind: text });
export type PermissionOption = z.infer<typeof permissionOption>;
export const permissionParams = z.looseObject({
  toolCall: toolUpdate,
  options: z.array(permissionOption),
});

export const readParams = z.looseObject({
  path: text,
  line: maybe(z.int().check(z.minimum(0))),
  limit: maybe(z.int().check(z.minimum(0))),
});
export const writeParams = z.looseObject({ path: text, content: text });
export const terminalParams = z.looseObject({
  command: text.check(z.minLength(1)),
  args: maybe(z.array(text)),
  env: maybe(z.array(z.looseObject({ name: text, value: text }))),
  cwd: maybe(text),
  outputByteLimit: maybe(z.int().check(z.minimum(0))),
});
export const terminalRef = z.looseObject({ terminalId: text });
export const sessionRef = z.looseObject({ sessionId: text });

const property = z.looseObject({
  type: text,
  title: maybe(text),
  description: maybe(text),
  enum: maybe(z.array(text)),
  oneOf: maybe(z.array(z.looseObject({ const: text, title: maybe(text) }))),
  items: z.optional(z.unknown()),
});
export type Property = z.infer<typeof property>;
export const questionParams = z.looseObject({
  mode: z.literal("form"),
  message: text,
  requestedSchema: z.looseObject({ properties: maybe(z.record(text, property)) }),
});
