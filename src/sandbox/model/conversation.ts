import { createHash } from "node:crypto";
import * as z from "zod/mini";

const itemSchema = z.looseObject({
  type: z.optional(z.string()),
  id: z.optional(z.string()),
  role: z.optional(z.string()),
  call_id: z.optional(z.string()),
  name: z.optional(z.string()),
});

/** What is read of a Responses API request; the rest is tolerated. */
export const requestSchema = z.looseObject({
  model: z.optional(z.string()),
  input: z.array(itemSchema),
  tools: z._default(z.array(z.looseObject({ name: z.optional(z.string()) })), []),
  prompt_cache_key: z.optional(z.string()),
  client_metadata: z.optional(
    z.looseObject({ thread_id: z.optional(z.string()), turn_id: z.optional(z.string()) }),
  ),
});

export type ModelRequest = z.infer<typeof requestSchema>;

/** Where a thread stands, read from the request alone. */
export interface Position {
  readonly threadKey: string;
  /** Marks the ids of this turn. */
  readonly turnKey: string;
  /** 0 for the thread's first turn. */
  readonly turnIndex: number;
  /** The step of the last call in this turn; -1 before the first. */
  readonly lastStep: number;
  /** How many calls this turn has made; names the next one. */
  readonly calls: number;
  readonly toolsUsed: ReadonlySet<string>;
}

const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

/**
 * Reads the position from the ids this model gave to its own items, which the client sends back. Nothing that a person
 * or a repository wrote is looked at.
 */
export function positionOf(request: ModelRequest): Position {
  const users = request.input.filter((one) => one.role === "user");
  const threadKey =
    request.client_metadata?.thread_id ?? request.prompt_cache_key ?? short(JSON.stringify(users[0] ?? null));
  const turnKey = short(`${threadKey} ${request.client_metadata?.turn_id ?? `user ${users.length}`}`);
  const earlier = new Set<string>();
  let lastStep = -1;
  let calls = 0;
  for (const item of request.input) {
    const mark = /^(?:call|msg|rs)_([0-9a-f]{8})_(\d+)_(\d+)$/.exec(item.call_id ?? item.id ?? "");
    if (!mark) continue;
    if (mark[1] !== turnKey) {
      earlier.add(mark[1] ?? "");
    } else if (item.type === "function_call" || item.type === "custom_tool_call") {
      lastStep = Number(mark[2]);
      calls += 1;
    }
  }
  const toolsUsed = new Set(
    request.input.flatMap((one) =>
      one.type === "function_call" && one.name !== undefined ? [one.name] : [],
    ),
  );
  return { threadKey, turnKey, turnIndex: earlier.size, lastStep, calls, toolsUsed };
}

/** The file this turn writes, named by the thread and the turn and by nothing that was said. */
export const fileOf = (position: Position): string =>
  `notes/${short(`${position.threadKey} ${position.turnIndex}`)}.md`;
