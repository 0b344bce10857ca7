import { untilAborted } from "../base/background";
import type { Clock } from "../base/clock";

/** How far wall and monotonic time may part between two looks, milliseconds: beyond it the machine slept. */
const driftMs = 2000;

/**
 * Whether a claim may be used now. After a jump of the clock it is in doubt: nothing is sent, committed or spawned until
 * a renewal has proven it again.
 */
export class ClaimGate {
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<() => void>();
  #inDoubt = false;
  #drift: number;

  constructor(clock: Pick<Clock, "now" | "monotonic">) {
    this.#clock = clock;
    this.#drift = clock.now() - clock.monotonic();
  }

  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  doubt(): void {
    if (this.#inDoubt) return;
    this.#inDoubt = true;
    for (const listener of [...this.#listeners]) listener();
  }

  prove(): void {
    this.#inDoubt = false;
    for (const wake of [...this.#waiting]) wake();
    this.#waiting.clear();
  }

  /** Resolves when the claim is not in doubt; rejects with the signal's reason. */
  async pass(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#look();
    while (this.#inDoubt) {
      const proven = new Promise<void>((resolve) => this.#waiting.add(resolve));
      await untilAborted(proven, signal);
    }
  }

  /** Told at each new doubt, at once where there is one; returns how to stop listening. */
  onDoubt(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#inDoubt) listener();
    return () => this.#listeners.delete(listener);
  }

  /** The monotonic clock may stand still while the machine sleeps; then only the wall clock tells. */
  #look(): void {
    const drift = this.#clock.now() - this.#clock.monotonic();
    const jumped = drift - this.#drift;
    if (Math.abs(jumped) < driftMs) return;
    this.#drift = drift;
    // A step back is a correction of the clock, and no time went by unseen.
    if (jumped > 0) this.doubt();
  }
}
