import type { Said } from "./outbox";
import type { ActivityType } from "./ports/platform";
import { wholeMarkdown } from "./text";

/** The contract's limit. */
export const messageLimit = 10_000;

export interface Burst {
  readonly type: ActivityType;
  readonly text: string;
  /** When the last of it was said, milliseconds since the epoch. */
  readonly at: number;
  readonly covers: readonly string[];
}

/** What is summed up: any other report keeps its place among these and stands alone. */
const summedUp: ReadonlySet<ActivityType> = new Set(["progress", "plan"]);

/**
 * The next activity out of what waits: progress becomes one report, and so do plans, of which the newest holds. Only a report
 * of another kind parts what came before it from what came after.
 */
export function takeBurst(waiting: readonly Said[], leftOut: number): Burst | undefined {
  const [first, ...rest] = waiting;
  if (first === undefined) return undefined;
  const lines = leftOut > 0 ? [`(${leftOut} earlier lines left out)`, first.text] : [first.text];
  const covered = [first];
  let length = lines.join("\n\n").length;
  for (const next of rest) {
    if (!summedUp.has(first.type) || !summedUp.has(next.type)) break;
    if (next.type !== first.type) continue;
    if (first.type === "plan") {
      lines.splice(0, lines.length, next.text);
    } else {
      length += next.text.length + 2;
      if (length > messageLimit) break;
      lines.push(next.text);
    }
    covered.push(next);
  }
  return {
    type: first.type,
    text: wholeMarkdown(lines.join("\n\n"), messageLimit),
    at: covered.at(-1)?.at ?? first.at,
    covers: covered.map((one) => one.entryId),
  };
}
