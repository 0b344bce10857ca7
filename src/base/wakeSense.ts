import type { Clock } from "./clock";

/** How far the wall clock must run ahead of the monotonic one between two looks, milliseconds: no correction is that large. */
const aheadMs = 5000;
/** How long nobody may have looked, milliseconds, when somebody looks every second: the process stood still meanwhile. */
const standstillMs = 15_000;

/**
 * Notices that the machine slept or the process stood still, from the two clocks alone: on some systems the monotonic clock
 * stands still in a sleep, on others it runs on. Right only while somebody looks every second. A wall clock that is set back
 * is no wake-up.
 */
export class WakeSense {
  readonly #clock: Clock;
  #wallAt: number;
  #monotonicAt: number;
  #wakes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wallAt = clock.now();
    this.#monotonicAt = clock.monotonic();
  }

  /** Looks at the clocks now; how many wake-ups were seen so far, this one included. */
  wakes(): number {
    const wall = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    const passed = monotonic - this.#monotonicAt;
    const ahead = wall - this.#wallAt - passed;
    this.#wallAt = wall;
    this.#monotonicAt = monotonic;
    if (ahead > aheadMs || passed > standstillMs) this.#wakes += 1;
    return this.#wakes;
  }
}
