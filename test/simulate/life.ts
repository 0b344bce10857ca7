import type { Timed } from "./eventHeap";

/**
 * One process. It acts on the world through its ports alone, so a death at any of its instructions is a death at one of its
 * calls: nothing that it asks for after that is done, nothing answers it any more.
 */
export class Life {
  readonly name: string;
  /** Its timers that are still to fire. */
  readonly timers = new Set<Timed>();
  /** Its calls that wait for an answer. */
  pending = 0;
  #over = false;
  #calls = 0;
  #diesAt = Infinity;
  readonly #onDeath: (life: Life) => void;

  /** True time. */
  readonly bornAt: number;

  constructor(name: string, bornAt: number, onDeath: (life: Life) => void) {
    this.name = name;
    this.bornAt = bornAt;
    this.#onDeath = onDeath;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Dies at its n-th call from now. */
  dieAfter(calls: number): void {
    this.#diesAt = this.#calls + calls;
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
    this.#onDeath(this);
  }

  /** True while it lives. Called before each thing that it does, and before each answer that it gets. */
  step(): boolean {
    if (this.#over) return false;
    this.#calls += 1;
    if (this.#calls >= this.#diesAt) this.end();
    return !this.#over;
  }

  /** Carries out a call of this process; never settles for the dead. */
  async call<T>(act: () => Promise<T> | T): Promise<T> {
    if (!this.step()) return await never();
    this.pending += 1;
    try {
      return await act();
    } finally {
      this.pending -= 1;
      if (!this.step()) await never();
    }
  }
}

export function never(): Promise<never> {
  return new Promise(() => undefined);
}
