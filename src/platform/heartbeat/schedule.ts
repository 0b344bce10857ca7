/** When beats leave and how long each try may take; milliseconds. */
export interface BeatTimes {
  /** From beat to beat. */
  readonly intervalMs: number;
  /** A try inside the margin is cut off after this, and tried again at once. */
  readonly quickCutOffMs: number;
  /** How many such tries a beat gets: together they end well before the margin does. */
  readonly quickTries: number;
  /** Later tries are late anyway; they get the time a slow line needs. */
  readonly slowCutOffMs: number;
  /** Between later tries. */
  readonly slowPauseMs: number;
  /** Without a sign of life from the main thread for this long, beats end. */
  readonly silenceMs: number;
  /** How long after the last accepted beat a platform that asks to wait is obeyed at most. */
  readonly obeyMs: number;
}

/**
 * The contract's 10 s, of which 2 s more make the worker stale. After 5 min the worker is offline and its claims expire:
 * asked to wait, it stays silent for 4 min at most, so that there is still time to be heard.
 */
export const usualTimes: BeatTimes = {
  intervalMs: 10_000,
  quickCutOffMs: 800,
  quickTries: 2,
  slowCutOffMs: 4_000,
  slowPauseMs: 500,
  silenceMs: 60_000,
  obeyMs: 240_000,
};

/** What to do about one beat after `tries` failed tries. */
export interface NextTry {
  readonly cutOffMs: number;
  readonly pauseMs: number;
}

/**
 * Absolute deadlines: beat n is due at start + n intervals, however late the one before was, so that delays never add up.
 * Deadlines that passed while nobody looked (a suspended machine) are one beat, due at once.
 */
export class BeatSchedule {
  readonly #times: BeatTimes;
  #dueAt: number;

  /** @param startAt the first beat's instant, on a monotonic clock. */
  constructor(times: BeatTimes, startAt: number) {
    this.#times = times;
    this.#dueAt = startAt;
  }

  get dueAt(): number {
    return this.#dueAt;
  }

  /**
   * The beat that was due is done with; `now` decides which deadline is next. After tries in vain it is the last one that
   * has passed, if any: due at once, since nothing has been heard of us meanwhile.
   */
  advance(now: number, result: "accepted" | "failed" = "accepted"): void {
    const { intervalMs } = this.#times;
    const passed = Math.floor((now - this.#dueAt) / intervalMs);
    this.#dueAt += intervalMs * Math.max(1, result === "accepted" ? passed + 1 : passed);
  }

  /** The machine slept, or a platform that asked to wait has had its way: the deadlines start from `at`. */
  restart(at: number): void {
    this.#dueAt = at;
  }

  /** The next try of the beat that is due; undefined when the next beat is due anyway. */
  nextTry(tries: number, now: number): NextTry | undefined {
    const { intervalMs, quickTries, quickCutOffMs, slowCutOffMs, slowPauseMs } = this.#times;
    if (tries < quickTries) return { cutOffMs: quickCutOffMs, pauseMs: 0 };
    const leftMs = this.#dueAt + intervalMs - now - slowPauseMs;
    if (leftMs < quickCutOffMs) return undefined;
    return { cutOffMs: Math.min(slowCutOffMs, leftMs), pauseMs: slowPauseMs };
  }

  /** True when the margin is used up: whoever listens must hear of the failure now. */
  isLate(tries: number): boolean {
    return tries === this.#times.quickTries;
  }
}
