import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import { afterFailure } from "./attemptEnd";
import type { RunOutcome } from "./ports/runtime";

const firstWaitMs = 10_000;
const longestWaitMs = 300_000;

/** One start of the coding tool for a session. */
export interface Try {
  /** From 1. */
  readonly number: number;
  /** The thread that is continued. */
  readonly resumeThreadId: string | undefined;
  /** Work was cut off in the middle: the model is told. */
  readonly interrupted: boolean;
}

export interface Tried {
  readonly outcome: RunOutcome;
  /** The thread that was open in this try. */
  readonly threadId: string | undefined;
}

export interface RetryDeps {
  readonly clock: Clock;
  /** How often the tool is started again after a failure (agent.max_retry_attempts). */
  readonly maxRetries: number;
  readonly start: (one: Try) => Promise<Tried>;
  /** A try failed and the next one follows after a wait; resolves when that is noted. */
  readonly onRetry: (failed: FailedOutcome, next: Try, waitMs: number) => Promise<void>;
}

type FailedOutcome = Extract<RunOutcome, { kind: "failed" }>;

/**
 * Runs the coding tool, and again after a failure that another start may mend, within the same claim and worktree. Rejects
 * only with what `start` rejects with, or when the signal aborts.
 */
export async function runWithRetries(deps: RetryDeps, first: Try, signal: AbortSignal): Promise<RunOutcome> {
  for (let one = first; ;) {
    const tried = await deps.start(one);
    const { outcome } = tried;
    if (outcome.kind === "completed") return outcome;
    if (!afterFailure[outcome.reason].retry || one.number > deps.maxRetries) return told(outcome, one);
    const waitMs = Math.min(firstWaitMs * 2 ** (one.number - 1), longestWaitMs);
    one = nextOf(one, tried, outcome);
    await deps.onRetry(outcome, one, waitMs);
    await deps.clock.sleep(waitMs, signal);
  }
}

function nextOf(before: Try, { threadId }: Tried, outcome: FailedOutcome): Try {
  // A thread that the tool itself refuses to continue is not asked for again.
  const refused = threadId === undefined && outcome.reason === "turnFailed";
  return {
    number: before.number + 1,
    resumeThreadId: threadId ?? (refused ? undefined : before.resumeThreadId),
    interrupted: before.interrupted || threadId !== undefined,
  };
}

function told(outcome: FailedOutcome, { number }: Try): FailedOutcome {
  return number === 1
    ? outcome
    : { ...outcome, message: asWritten("{0} It was tried {1} times.", outcome.message, number) };
}
