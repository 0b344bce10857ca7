import { LinkedAbort } from "../../base/abort";
import type { Clock } from "../../base/clock";
import type { RuntimeEvent } from "../../core/ports/runtime";

/** How long a newer plan or total may take the place of one that was not told yet, milliseconds. */
const holdMs = 200;

/**
 * Holds back what the next event of its kind makes stale, so that an agent that tells its plan a thousand times a second is
 * heard a few times. The order of all that is told stays. End it, or its last events are lost.
 */
export class Coalescer {
  readonly #clock: Clock;
  readonly #tell: (event: RuntimeEvent) => void;
  readonly #held = new Map<RuntimeEvent["kind"], RuntimeEvent>();
  readonly #over = new LinkedAbort();
  #waiting = false;

  constructor(clock: Clock, tell: (event: RuntimeEvent) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  push(event: RuntimeEvent): void {
    if (event.kind !== "plan" && event.kind !== "usage") {
      this.flush();
      this.#tell(event);
      return;
    }
    this.#held.set(event.kind, event);
    if (!this.#waiting) void this.#later();
  }

  flush(): void {
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const event of held) this.#tell(event);
  }

  end(): void {
    this.flush();
    this.#over.abort(new Error("the run is over"));
    this.#over.dispose();
  }

  async #later(): Promise<void> {
    this.#waiting = true;
    await this.#clock.sleep(holdMs, this.#over.signal).catch(() => undefined);
    this.#waiting = false;
    this.flush();
  }
}
