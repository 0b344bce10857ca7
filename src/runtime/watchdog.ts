import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import { onDispose, type Disposable } from "../base/disposable";
import { WakeSense } from "../base/wakeSense";
import type { RunOutcome } from "../core/ports/runtime";

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
  /** How many hold it now, since when, and how long it was held before. */
  #holds = 0;
  #heldAt = 0;
  #heldMs = 0;

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

  /** While a person is asked, or a tool of ours works: time that is not the turn's, and no silence. Dispose to let go. */
  hold(): Disposable {
    if (this.#holds === 0) this.#heldAt = this.#clock.monotonic();
    this.#holds += 1;
    return onDispose(() => {
      this.#holds -= 1;
      if (this.#holds > 0) return;
      this.#heldMs += this.#clock.monotonic() - this.#heldAt;
      this.heard();
    });
  }

  /** Resolves when a limit is passed; rejects with the signal's reason. */
  async watch(signal: AbortSignal): Promise<Bite> {
    const sense = new WakeSense(this.#clock);
    let endsAt = this.#clock.monotonic() + this.#turnTimeoutMs - this.#held();
    this.heard();
    for (let seen = sense.wakes(); ;) {
      const now = this.#clock.monotonic();
      const silentUntil = this.#holds > 0 ? Infinity : this.#heardAt + this.#stallTimeoutMs;
      const over = endsAt + this.#held();
      if (now >= over && this.#holds === 0) return "turnTimeout";
      if (now >= silentUntil) return "stalled";
      const sleepMs = Math.max(1, Math.min(Math.ceil(Math.min(over, silentUntil) - now), lookMs));
      await this.#clock.sleep(sleepMs, signal);
      const wakes = sense.wakes();
      if (wakes === seen) continue;
      seen = wakes;
      endsAt += Math.max(0, this.#clock.monotonic() - now - sleepMs);
      this.heard();
    }
  }

  #held(): number {
    return this.#heldMs + (this.#holds > 0 ? this.#clock.monotonic() - this.#heldAt : 0);
  }
}

/**
 * A tool's turn within the watchdog's limits: its own outcome, or the one that `bitten` makes of the limit that came first.
 * Rejects with the signal's reason.
 */
export async function withinLimits(
  work: Promise<RunOutcome>,
  watchdog: Watchdog,
  bitten: (bite: Bite) => RunOutcome,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const over = new LinkedAbort(signal);
  try {
    return await Promise.race([work, watchdog.watch(over.signal).then(bitten)]);
  } finally {
    over.abort(new Error("the turn is over"));
    over.dispose();
  }
}
