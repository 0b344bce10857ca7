import type { Said } from "./outbox";
import type { ActivityType } from "./ports/platform";
import { clip } from "./text";

/** The contract's limit. */
export const messageLimit = 10_000;

export interface Burst {
  readonly type: ActivityType;
  readonly text: string;
  /** When the last of it was said, milliseconds since the epoch. */
  readonly at: number;
  readonly covers: readonly string[];
}

/** The next activity out of what waits: neighbours of the same kind become one, a newer plan replaces an older one. */
export function takeBurst(waiting: readonly Said[], leftOut: number): Burst | undefined {
  const [first, ...rest] = waiting;
  if (first === undefined) return undefined;
  const lines = leftOut > 0 ? [`(${leftOut} earlier lines left out)`, first.text] : [first.text];
  const covered = [first];
  let length = lines.join("\n\n").length;
  for (const next of rest) {
    if (next.type !== first.type || (first.type !== "progress" && first.type !== "plan")) break;
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
    text: clip(lines.join("\n\n"), messageLimit),
    at: covered.at(-1)?.at ?? first.at,
    covers: covered.map((one) => one.entryId),
  };
}
