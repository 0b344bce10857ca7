import type { Clock } from "../../base/clock";

/**
 * Wall time by the clock that ran further since the tokens in memory came: a wall clock that is set back gives them no longer
 * life, and neither does a monotonic clock that stood still in a sleep.
 */
export class TokenClock {
  readonly #clock: Clock;
  #wallAt = 0;
  #monotonicAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.restart();
  }

  /** Other tokens came. */
  restart(): void {
    this.#wallAt = this.#clock.now();
    this.#monotonicAt = this.#clock.monotonic();
  }

  now(): number {
    return Math.max(this.#clock.now(), this.#wallAt + this.#clock.monotonic() - this.#monotonicAt);
  }
}
