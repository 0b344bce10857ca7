import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { DiffStat } from "./ports/worktrees";

/** At most one count each so many milliseconds. */
const pauseMs = 3000;

export interface StatDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly count: (signal: AbortSignal) => Promise<DiffStat>;
  readonly onStat: (stat: DiffStat) => void;
}

/** Counts changed lines while the tool works: one count at a time. */
export class StatWatcher {
  readonly #deps: StatDeps;
  #running: Promise<void> | undefined;
  #lastAt = -Infinity;

  constructor(deps: StatDeps) {
    this.#deps = deps;
  }

  /** Something changed: counts, unless a count runs or one has just been made. */
  look(signal: AbortSignal): void {
    const { clock, log, count, onStat } = this.#deps;
    const now = clock.monotonic();
    if (this.#running !== undefined || now - this.#lastAt < pauseMs) return;
    this.#lastAt = now;
    this.#running = count(signal)
      .then(onStat)
      .catch((error: unknown) => {
        log.debug("changed lines could not be counted", { message: messageOf(error) });
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when no count runs. */
  async settled(): Promise<void> {
    await this.#running;
  }
}
