import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import type { Disposable } from "../base/disposable";

/** How long the icon is bright after a beat, milliseconds. */
const pulseMs = 500;

/** A short brightening for each beat that the platform accepted. */
export class BeatPulse implements Disposable {
  readonly #abort = new LinkedAbort();
  readonly #clock: Clock;
  readonly #show: (bright: boolean) => void;
  #beatAt: number | undefined;
  #pulses = 0;

  /**
   * @param beatAt the last beat that is old news, milliseconds since the epoch.
   * @param show brightens or dims what pulses.
   */
  constructor(beatAt: number | undefined, clock: Clock, show: (bright: boolean) => void) {
    this.#beatAt = beatAt;
    this.#clock = clock;
    this.#show = show;
  }

  /** @param mayPulse asked for a new beat only. */
  seen(beatAt: number | undefined, mayPulse: () => boolean): void {
    if (beatAt === this.#beatAt) return;
    this.#beatAt = beatAt;
    if (beatAt === undefined || !mayPulse()) return;
    const pulse = (this.#pulses += 1);
    this.#show(true);
    this.#clock.sleep(pulseMs, this.#abort.signal).then(
      () => {
        if (pulse === this.#pulses) this.#show(false);
      },
      () => undefined, // Only disposal ends the sleep early.
    );
  }

  dispose(): void {
    this.#abort.abort(new Error("the status bar item is gone"));
  }
}
