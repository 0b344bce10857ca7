import type { Clock } from "../../base/clock";
import { WakeSense } from "../../base/wakeSense";

/** How often it is looked whether the machine slept, milliseconds. */
const lookMs = 1000;

export type Bite = "turnTimeout" | "stalled";

/**
 * Watches a turn's length and its silence. Time is monotonic, so that a jumping wall clock ends no turn. While the machine
 * slept the tool could do nothing: that time is not the turn's, and the silence begins anew.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #turnTimeoutMs: number;
  readonly #stallTimeoutMs: number;
  #heardAt: number;

  constructor(clock: Clock, limits: { readonly turnTimeoutMs: number; readonly stallTimeoutMs: number }) {
    this.#clock = clock;
    this.#turnTimeoutMs = limits.turnTimeoutMs;
    this.#stallTimeoutMs = limits.stallTimeoutMs;
    this.#heardAt = clock.monotonic();
  }

  /** The tool said something. */
  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  /** Resolves when a limit is passed; rejects with the signal's reason. */
  async watch(signal: AbortSignal): Promise<Bite> {
    const sense = new WakeSense(this.#clock);
    let endsAt = this.#clock.monotonic() + this.#turnTimeoutMs;
    this.heard();
    for (let seen = sense.wakes(); ;) {
      const now = this.#clock.monotonic();
      const silentUntil = this.#heardAt + this.#stallTimeoutMs;
      if (now >= endsAt) return "turnTimeout";
      if (now >= silentUntil) return "stalled";
      const sleepMs = Math.min(Math.ceil(Math.min(endsAt, silentUntil) - now), lookMs);
      await this.#clock.sleep(sleepMs, signal);
      const wakes = sense.wakes();
      if (wakes === seen) continue;
      seen = wakes;
      endsAt += Math.max(0, this.#clock.monotonic() - now - sleepMs);
      this.heard();
    }
  }
}
