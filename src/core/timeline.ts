import type { UsageTotals } from "./ports/platform";

/** How many entries of a session are kept, the newest. */
export const timelineLimit = 10_000;

/**
 * What happened in a session, in order, as people read it afterwards. An entry with the id of an earlier one replaces it
 * in place: a command that ends takes the place of the command that began. All texts are redacted and bounded.
 */
export type TimelineEntry = {
  /** Unique in its session. */
  readonly id: string;
  /** Milliseconds since the epoch; of a replaced entry the first one's. */
  readonly at: number;
} & TimelineFact;

export type TimelineFact =
  | {
      readonly kind: "command";
      readonly command: string;
      readonly status: "running" | "succeeded" | "failed" | "ended";
      readonly exitCode: number | undefined;
      readonly durationMs: number | undefined;
      /** The end of what it printed. */
      readonly outputTail: string;
    }
  /** Markdown by the model: untrusted. */
  | { readonly kind: "message"; readonly text: string; readonly final: boolean }
  | { readonly kind: "reasoning"; readonly text: string }
  | {
      readonly kind: "files";
      readonly files: readonly { readonly path: string; readonly change: "add" | "update" | "delete" }[];
    }
  /** Told to the platform, in the worker's or the model's words. */
  | { readonly kind: "activity"; readonly text: string }
  /** What was asked of a person, and what became of it. */
  | {
      readonly kind: "question";
      readonly text: string;
      readonly status: "open" | "answered" | "withdrawn";
      readonly answer: string | undefined;
      /** How long it was open, once it is not. */
      readonly waitedMs?: number | undefined;
    }
  /** A step of the worker itself: claimed, worktree ready, interrupted, ended. */
  | {
      readonly kind: "worker";
      readonly text: string;
      readonly level: "info" | "warning" | "error";
      /** Set where the session's time goes elsewhere from here on. */
      readonly step?: WorkerStep | undefined;
      /** Set where an attempt begins: its number, from 1. */
      readonly attempt?: number | undefined;
    }
  | {
      readonly kind: "usage";
      readonly usage: UsageTotals;
      /** Tokens that the last request to the model held; absent where the tool does not tell. */
      readonly contextTokens?: number | undefined;
    };

/**
 * What goes on from a worker's entry to the next one of these.
 * - preparing, finishing: the worker itself works
 * - working: the coding tool
 * - interrupted: nobody, until it goes on
 * - lost: nobody, unless the session comes back
 * - ended: nothing any more
 */
export type WorkerStep = "preparing" | "working" | "finishing" | "interrupted" | "lost" | "ended";

/** Where a session's time went, milliseconds. They add up to the time from its claim until its end or now, over all attempts. */
export interface TimeSpent {
  /** For a person, or for a lease that was lost and came back. */
  readonly waitingMs: number;
  readonly modelMs: number;
  readonly commandsMs: number;
  /** Worktree, commit, push, reports. */
  readonly workerMs: number;
}
