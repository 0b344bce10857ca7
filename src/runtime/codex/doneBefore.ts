import type { RunOutcome } from "../../core/ports/runtime";
import { mapItem } from "./items";
import { turnsAnswer, userMessageItem } from "./protocol";
import { initialMapping } from "./state";

const prefix = "one-horizon-worker:";

/** What is asked of a thread's turns: each with its first message and its last, so that the answer stays small. */
export const newestTurns = { limit: 5, sortDirection: "desc", itemsView: "summary" } as const;

/** The id under which the tool keeps the message that begins a turn, so that a later process knows the turn again. */
export function messageIdOf(workKey: string): string {
  return `${prefix}${workKey}`;
}

/**
 * The outcome of the newest turn that a worker has begun in a thread, where it was for this work and completed. Others, such
 * as a person's own in a terminal, say nothing. Pure.
 * @param answer the newest turns, newest first; one in an unknown form has none.
 */
export function completedBefore(answer: unknown, workKey: string): RunOutcome | undefined {
  for (const { status, items } of turnsAnswer.safeParse(answer).data?.data ?? []) {
    const begunBy = items.map((item) => userMessageItem.safeParse(item).data?.clientId ?? "");
    if (!begunBy.some((id) => id.startsWith(prefix))) continue;
    // One that was cut off, also between its last message and its end, is gone on with.
    if (status !== "completed" || !begunBy.includes(messageIdOf(workKey))) return undefined;
    return { kind: "completed", finalMessage: finalMessageOf(items) };
  }
  return undefined;
}

function finalMessageOf(items: readonly unknown[]): string | undefined {
  const { finalMessage, lastMessage } = items.reduce<typeof initialMapping>(
    (state, item) => mapItem(state, item, "completed")[0],
    initialMapping,
  );
  return finalMessage ?? lastMessage;
}
