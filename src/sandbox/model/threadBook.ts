import { fileOf, type Position } from "./conversation";

/** One turn of a thread, as the model saw it. Instants are the real clock's. */
interface TurnSeen {
  readonly turn: string;
  readonly startedAt: number;
  readonly requests: number;
  /** When its last word had left; null while it has not, or where the client went away before. */
  readonly endedAt: number | null;
}

/** One thread that asked the model. */
export interface ThreadSeen {
  readonly threadId: string;
  readonly script: string;
  /** The file of its newest turn. */
  readonly file: string;
  readonly turns: readonly TurnSeen[];
}

/** What each thread asked for, so that a test may count prompts. */
export interface ThreadBook {
  asked(position: Position, script: string): void;
  ended(position: Position): void;
  list(): readonly ThreadSeen[];
}

export function threadBook(now: () => number): ThreadBook {
  const threads = new Map<string, ThreadSeen>();
  return {
    asked: (position, script) => {
      const { threadKey, turnKey } = position;
      const turns = threads.get(threadKey)?.turns ?? [];
      const before = turns.find((one) => one.turn === turnKey);
      const entry: TurnSeen = before
        ? { ...before, requests: before.requests + 1 }
        : { turn: turnKey, startedAt: now(), requests: 1, endedAt: null };
      const others = turns.filter((one) => one.turn !== turnKey);
      threads.set(threadKey, {
        threadId: threadKey,
        script,
        file: fileOf(position),
        turns: [...others, entry],
      });
    },
    ended: ({ threadKey, turnKey }) => {
      const thread = threads.get(threadKey);
      if (thread === undefined) return;
      const turns = thread.turns.map((one) => (one.turn === turnKey ? { ...one, endedAt: now() } : one));
      threads.set(threadKey, { ...thread, turns });
    },
    list: () => [...threads.values()],
  };
}
