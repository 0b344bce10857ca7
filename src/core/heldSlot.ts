import type { Clock } from "../base/clock";
import type { Disposable } from "../base/disposable";

/** How soon a slot that was not free is tried again, milliseconds. */
const againMs = 1000;

export interface HeldSlotOptions {
  readonly clock: Clock;
  /** Undefined while none is free. */
  readonly acquire: () => Promise<Disposable | undefined>;
  /** Somebody else may execute now. */
  readonly onFreed: () => void;
}

/** One session's execution slot on this machine: given back while the session waits for a person. */
export class HeldSlot implements Disposable {
  readonly #options: HeldSlotOptions;
  #slot: Disposable | undefined;
  #taking: Promise<boolean> | undefined;
  #over = false;

  constructor(slot: Disposable | undefined, options: HeldSlotOptions) {
    this.#slot = slot;
    this.#options = options;
  }

  free(): void {
    if (this.#slot === undefined) return;
    this.#slot.dispose();
    this.#slot = undefined;
    this.#options.onFreed();
  }

  /** Resolves when the slot is held. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (this.#slot !== undefined) return;
      signal.throwIfAborted();
      this.#taking ??= this.#tryOnce();
      if (!(await this.#taking)) await this.#options.clock.sleep(againMs, signal);
    }
  }

  dispose(): void {
    this.#over = true;
    this.#slot?.dispose();
    this.#slot = undefined;
  }

  async #tryOnce(): Promise<boolean> {
    try {
      const slot = await this.#options.acquire();
      if (this.#over) slot?.dispose();
      else this.#slot = slot;
      return slot !== undefined;
    } finally {
      this.#taking = undefined;
    }
  }
}

/** For what executes nothing, and so needs none. */
export function noSlot(clock: Clock): HeldSlot {
  return new HeldSlot(undefined, {
    clock,
    acquire: () => Promise.resolve(undefined),
    onFreed: () => undefined,
  });
}
