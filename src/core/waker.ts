import type { Clock } from "../base/clock";
import { LinkedAbort } from "../base/abort";

/** A sleep that can be ended early, without losing a wake-up that came before the sleep began. */
export class Waker {
  readonly #clock: Clock;
  #current: LinkedAbort | undefined;
  #pending = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#pending = true;
    this.#current?.abort(new Woken());
  }

  /** Resolves after `ms` or when woken, with true when woken; rejects when the signal aborts. */
  async sleep(ms: number, signal: AbortSignal): Promise<boolean> {
    const nap = new LinkedAbort(signal);
    this.#current = nap;
    if (this.#pending) nap.abort(new Woken());
    try {
      await this.#clock.sleep(ms, nap.signal);
      return false;
    } catch (error) {
      if (!(error instanceof Woken) || signal.aborted) throw error;
      return true;
    } finally {
      this.#pending = false;
      this.#current = undefined;
      nap.dispose();
    }
  }
}

class Woken extends Error {
  override readonly name = "Woken";
}
