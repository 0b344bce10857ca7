import type { UsageTotals } from "./ports/platform";

/** Keeps the totals of a thread from going back, also over a restart of the tool or of this process. */
export class UsageMeter {
  #threadId: string | undefined;
  #totals: UsageTotals | undefined;

  /** What is known of the thread that is gone on with, where there is one. */
  constructor(threadId: string | undefined, totals: UsageTotals | undefined) {
    this.#threadId = threadId;
    this.#totals = totals;
  }

  /** Another thread counts from nothing. */
  thread(threadId: string): void {
    if (threadId !== this.#threadId) this.#totals = undefined;
    this.#threadId = threadId;
  }

  /** The totals as they are told on, none of them smaller than before. */
  take(told: UsageTotals): UsageTotals {
    const before = this.#totals ?? told;
    this.#totals = {
      inputTokens: Math.max(before.inputTokens, told.inputTokens),
      cachedInputTokens: Math.max(before.cachedInputTokens, told.cachedInputTokens),
      outputTokens: Math.max(before.outputTokens, told.outputTokens),
      reasoningOutputTokens: Math.max(before.reasoningOutputTokens, told.reasoningOutputTokens),
      totalTokens: Math.max(before.totalTokens, told.totalTokens),
      contextWindow: told.contextWindow ?? before.contextWindow,
    };
    return this.#totals;
  }
}
