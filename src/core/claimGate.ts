import { untilAborted } from "../base/background";
import type { WakeSense } from "../base/wakeSense";

/**
 * Whether a claim may be used now. After a sleep of the machine it is in doubt: nothing is sent, committed or spawned until
 * a renewal has proven it again.
 */
export class ClaimGate {
  readonly #sense: WakeSense;
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<() => void>();
  #inDoubt = false;
  #seen: number;

  constructor(sense: WakeSense) {
    this.#sense = sense;
    this.#seen = sense.wakes();
  }

  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  doubt(): void {
    this.#seen = this.#sense.wakes();
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

  /** Looked at before each use: timers that fire right after a sleep may be ahead of the one that tells of it. */
  #look(): void {
    const wakes = this.#sense.wakes();
    if (wakes === this.#seen) return;
    this.#seen = wakes;
    this.doubt();
  }
}
