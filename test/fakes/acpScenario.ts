import * as z from "zod/mini";

const fields = z.record(z.string(), z.unknown());
const text = z.string();

/** What a scripted agent does in a turn, one after the other. `$CWD` in any text is the session's folder. */
const step = z.discriminatedUnion("do", [
  z.object({ do: z.literal("say"), text, messageId: z.optional(text) }),
  z.object({
    do: z.literal("update"),
    update: fields,
    times: z.optional(z.number()),
    sessionId: z.optional(text),
  }),
  z.object({ do: z.literal("request"), method: text, params: fields, times: z.optional(z.number()) }),
  /** A command through the client's terminal, shown as a tool call where it has an id. */
  z.object({ do: z.literal("terminal"), command: text, args: z.array(text), toolCallId: z.optional(text) }),
  /** Calls a tool of the first server that the session was given; the key it shows may be another one. */
  z.object({ do: z.literal("tool"), name: text, arguments: fields, key: z.optional(text) }),
  /** A shell that the agent starts by itself, told as a tool call. */
  z.object({ do: z.literal("shell"), script: text, toolCallId: text }),
  z.object({ do: z.literal("untilCancelled") }),
  z.object({ do: z.literal("hang") }),
  z.object({ do: z.literal("crash"), code: z.number() }),
  z.object({ do: z.literal("raw"), line: text }),
  z.object({ do: z.literal("bigLine"), bytes: z.number() }),
  z.object({ do: z.literal("endTwice") }),
  z.object({ do: z.literal("stop"), reason: text, usage: z.optional(fields) }),
  z.object({ do: z.literal("refuse"), code: z.number(), message: text }),
]);
export type AcpStep = z.infer<typeof step>;

export const acpScenario = z.object({
  /** Where every message that came is written down, one JSON line each, and every answer to a request of a step. */
  log: text,
  /** Lines before anything else. */
  greeting: z.optional(z.array(text)),
  /** Put over the answer to `initialize`. */
  initialize: z.optional(fields),
  /** Put over the answers that open a session. */
  session: z.optional(fields),
  /** What the history of a loaded session says. */
  history: z.optional(z.array(fields)),
  /** Methods that get no answer. */
  silent: z.optional(z.array(text)),
  /** Methods that are refused. */
  refused: z.optional(z.record(text, z.object({ code: z.number(), message: text }))),
  /** One list for each prompt; the last one holds for all that follow. */
  prompts: z.array(z.array(step)),
});
export type AcpScenario = z.infer<typeof acpScenario>;
