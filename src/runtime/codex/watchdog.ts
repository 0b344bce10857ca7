import type { Clock } from "../../base/clock";

export type Bite = "turnTimeout" | "stalled";

/** Watches a turn's length and its silence. Time is monotonic, so that a jumping wall clock ends no turn. */
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
    const endsAt = this.#clock.monotonic() + this.#turnTimeoutMs;
    this.heard();
    for (;;) {
      const now = this.#clock.monotonic();
      const silentUntil = this.#heardAt + this.#stallTimeoutMs;
      if (now >= endsAt) return "turnTimeout";
      if (now >= silentUntil) return "stalled";
      await this.#clock.sleep(Math.ceil(Math.min(endsAt, silentUntil) - now), signal);
    }
  }
}
