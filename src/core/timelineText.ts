import { clip } from "./text";
import type { TimelineEntry, TimelineFact } from "./timeline";

/** Characters at most. */
const limits = {
  message: 20_000,
  text: 10_000,
  command: 4000,
  outputTail: 4000,
  question: 4000,
  worker: 2000,
  path: 500,
} as const;
const mostFiles = 200;

/**
 * The entry without secrets and bounded. Hidden first, then cut: half a secret would not be known for one.
 * @param hide takes the secrets out of a text.
 */
export function safeEntry(entry: TimelineEntry, hide: (text: string) => string): TimelineEntry {
  const { id, at } = entry;
  return { id, at, ...safeFact(entry, (text, limit) => clip(hide(text), limit), hide) };
}

type Short = (text: string, limit: number) => string;

function safeFact(fact: TimelineFact, short: Short, hide: (text: string) => string): TimelineFact {
  switch (fact.kind) {
    case "command": {
      const { kind, status, exitCode, durationMs } = fact;
      const command = short(fact.command, limits.command);
      return {
        ...{ kind, command, status, exitCode, durationMs },
        outputTail: clipStart(hide(fact.outputTail), limits.outputTail),
      };
    }
    case "message":
      return { kind: fact.kind, text: short(fact.text, limits.message), final: fact.final };
    case "reasoning":
    case "activity":
      return { kind: fact.kind, text: short(fact.text, limits.text) };
    case "files":
      return {
        kind: fact.kind,
        files: fact.files
          .slice(0, mostFiles)
          .map(({ path, change }) => ({ path: short(path, limits.path), change })),
      };
    case "question": {
      const { kind, status, answer, waitedMs } = fact;
      const text = short(fact.text, limits.question);
      return {
        ...{ kind, text, status, waitedMs },
        answer: answer === undefined ? undefined : short(answer, limits.question),
      };
    }
    case "worker": {
      const { kind, level, step, attempt } = fact;
      return { kind, text: short(fact.text, limits.worker), level, step, attempt };
    }
    case "usage":
      return { kind: fact.kind, usage: fact.usage, contextTokens: fact.contextTokens };
  }
}

/** The end of the text, with a mark where something was cut. */
function clipStart(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `…${text.slice(text.length - limit + 1).replace(/^[\uDC00-\uDFFF]/u, "")}`;
}
