import type { Clock } from "../base/clock";
import type { Disposable } from "../base/disposable";
import { LinkedAbort } from "../base/abort";

/** Runs an action at most once in `gapMs`; requests in between are joined into one run at the end of the gap. */
export class Throttle implements Disposable {
  readonly #action: () => void;
  readonly #gapMs: number;
  readonly #clock: Clock;
  readonly #abort = new LinkedAbort();
  #lastRunAt: number | undefined;
  #waiting = false;

  constructor(action: () => void, gapMs: number, clock: Clock) {
    this.#action = action;
    this.#gapMs = gapMs;
    this.#clock = clock;
  }

  /** Asks for a run: at once where the last one is long enough ago, else soon. */
  request(): void {
    if (this.#waiting || this.#abort.signal.aborted) return;
    const waitMs =
      this.#lastRunAt === undefined ? 0 : this.#lastRunAt + this.#gapMs - this.#clock.monotonic();
    if (waitMs <= 0) {
      this.#run();
      return;
    }
    this.#waiting = true;
    this.#clock.sleep(waitMs, this.#abort.signal).then(
      () => this.#run(),
      () => undefined, // Only disposal ends the sleep early.
    );
  }

  dispose(): void {
    this.#abort.abort(new Error("the view is closed"));
  }

  #run(): void {
    this.#waiting = false;
    this.#lastRunAt = this.#clock.monotonic();
    this.#action();
  }
}

/** Calls `tick` every `everyMs` until the signal aborts: for texts that tell elapsed time. */
export async function tickLoop(
  tick: () => void,
  everyMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(everyMs, signal);
    } catch {
      return;
    }
    tick();
  }
}
