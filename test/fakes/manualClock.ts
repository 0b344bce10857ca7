import { abortReason, type Clock } from "../../src/base/clock";

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Lets everything that is ready run: promises that settle promises included. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A clock that moves only when told to; sleepers wake in order, and what they start settles before the next one wakes. */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #order = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startAt = Date.UTC(2030, 0, 1)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(abortReason(signal));
        return;
      }
      this.#order += 1;
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(abortReason(signal));
      };
      const sleeper: Sleeper = {
        at: this.#monotonic + Math.max(0, ms),
        order: this.#order,
        wake: () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Moves time on by `ms`. Fails when more sleepers wake than any sane loop would start: a loop that does not wait. */
  async advance(ms: number): Promise<void> {
    const until = this.#monotonic + ms;
    await settle();
    for (let woken = 0; ; woken += 1) {
      const next = this.#nextDue(until);
      if (next === undefined) break;
      if (woken > 50_000) throw new Error("time does not move: something sleeps without waiting");
      this.#moveTo(next.at);
      this.#sleepers.delete(next);
      next.wake();
      await settle();
    }
    this.#moveTo(until);
    await settle();
  }

  /** Advances in steps until the condition holds; fails when it does not within `limitMs` of this clock. */
  async until(what: string, condition: () => boolean, limitMs = 60_000): Promise<void> {
    const end = this.#monotonic + limitMs;
    await settle();
    while (!condition()) {
      if (this.#monotonic >= end) throw new Error(`not reached within ${limitMs} ms: ${what}`);
      await this.advance(100);
    }
  }

  /** The wall clock jumps, as after a correction; monotonic time does not. */
  jumpWall(ms: number): void {
    this.#now += ms;
  }

  /**
   * The machine sleeps: no timer fires meanwhile, and those that are due fire with the next move of time.
   * @param monotonicRuns as on macOS and Windows; on Linux the monotonic clock stands still.
   */
  suspend(ms: number, monotonicRuns = false): void {
    this.#now += ms;
    if (monotonicRuns) this.#monotonic += ms;
  }

  #nextDue(until: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const one of this.#sleepers) {
      if (one.at > until) continue;
      if (next === undefined || one.at < next.at || (one.at === next.at && one.order < next.order)) {
        next = one;
      }
    }
    return next;
  }

  #moveTo(at: number): void {
    this.#now += Math.max(0, at - this.#monotonic);
    this.#monotonic = Math.max(this.#monotonic, at);
  }
}
