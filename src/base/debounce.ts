import { LinkedAbort } from "./abort";
import type { Clock } from "./clock";
import type { Disposable } from "./disposable";

/** Runs an action once nobody has asked for it during a quiet time. */
export class Debounce implements Disposable {
  readonly #action: () => void;
  readonly #quietMs: number;
  readonly #clock: Clock;
  readonly #abort = new LinkedAbort();
  #dueAt = 0;
  #waiting = false;

  constructor(action: () => void, quietMs: number, clock: Clock) {
    this.#action = action;
    this.#quietMs = quietMs;
    this.#clock = clock;
  }

  request(): void {
    this.#dueAt = this.#clock.monotonic() + this.#quietMs;
    if (this.#waiting || this.#abort.signal.aborted) return;
    this.#waiting = true;
    this.#wait().then(
      () => {
        this.#waiting = false;
        this.#action();
      },
      () => undefined, // Only disposal ends the wait early.
    );
  }

  dispose(): void {
    this.#abort.abort(new Error("nobody waits for it any more"));
  }

  async #wait(): Promise<void> {
    for (;;) {
      const leftMs = this.#dueAt - this.#clock.monotonic();
      if (leftMs <= 0) return;
      await this.#clock.sleep(leftMs, this.#abort.signal);
    }
  }
}
