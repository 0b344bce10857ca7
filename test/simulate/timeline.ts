import { abortReason, type Clock } from "../../src/base/clock";
import { EventHeap, type Timed } from "./eventHeap";
import type { Life } from "./life";

/** A sleep of this length need not be noticed, milliseconds. */
const missableMs = 6000;
/** The clocks are compared every second: what happens between two looks looks like one jump, milliseconds. */
const unseenMs = 2000;

/** Lets everything that is ready run: all of the core's waits are promises, and this comes after the last of them. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * True time, which the platform and the network keep, and one machine with a wall clock that may be set and a monotonic one
 * that may stand still while the machine sleeps. Time jumps from event to event.
 */
export class Timeline {
  readonly startAt = Date.UTC(2030, 0, 1);
  #now = this.startAt;
  /** How long the monotonic clock stood still. */
  #stoodStill = 0;
  #sleptFor = 0;
  /** How often the machine slept. */
  sleeps = 0;
  /** When it woke up last, by awake time. */
  wokeAt = 0;
  /** When it woke up last from a sleep that nobody can miss, by true time. */
  longSleepEndedAt: number | undefined;
  #wallOffset = 0;
  #setBackAt = -Infinity;
  #asleepSince: number | undefined;
  /** Keyed by true time. */
  readonly #world = new EventHeap();
  /** Keyed by the machine's monotonic time: none fires while it sleeps. */
  readonly #machine = new EventHeap();
  readonly #onWake: (() => void)[] = [];
  readonly #monotonicRuns: boolean;

  /** @param monotonicRuns as on macOS and Windows; on Linux the monotonic clock stands still in a sleep. */
  constructor(monotonicRuns: boolean) {
    this.#monotonicRuns = monotonicRuns;
  }

  /** True time, milliseconds since the epoch. */
  get now(): number {
    return this.#now;
  }

  /** True time since the beginning. */
  get elapsed(): number {
    return this.#now - this.startAt;
  }

  /** How long the machine was awake since the beginning. */
  get awakeFor(): number {
    const sleeping = this.#asleepSince === undefined ? 0 : this.#now - this.#asleepSince;
    return this.elapsed - this.#sleptFor - sleeping;
  }

  get asleep(): boolean {
    return this.#asleepSince !== undefined;
  }

  /** The machine's clock as one process sees it: its timers die with it. */
  clockOf(life: Life): Clock {
    return {
      now: () => this.#now + this.#wallOffset,
      monotonic: () => this.#monotonic,
      sleep: (ms, signal) => this.#sleep(life, ms, signal),
    };
  }

  /** Happens after so much true time, also while the machine sleeps. */
  after(ms: number, act: () => void): Timed {
    return this.#world.add(this.#now + Math.max(0, ms), act);
  }

  /** A timer of one process. */
  onMachine(life: Life, ms: number, act: () => void): Timed {
    const timer = this.#machine.add(this.#monotonic + Math.max(0, ms), () => {
      life.timers.delete(timer);
      act();
    });
    life.timers.add(timer);
    return timer;
  }

  /** At once, or when the machine wakes up. */
  whenAwake(act: () => void): void {
    if (this.#asleepSince === undefined) act();
    else this.#onWake.push(act);
  }

  setWall(byMs: number): void {
    this.#wallOffset += byMs;
    if (byMs < 0) this.#setBackAt = this.#now;
    // Set back just when the machine woke up: the two hide each other.
    if (byMs < 0 && this.longSleepEndedAt !== undefined && this.#now - this.longSleepEndedAt < unseenMs) {
      this.longSleepEndedAt = undefined;
    }
  }

  suspend(ms: number): void {
    if (this.#asleepSince !== undefined) return;
    this.#asleepSince = this.#now;
    this.sleeps += 1;
    this.after(ms, () => this.#wake());
  }

  /** Goes to the next event and lets it settle. False when nothing is planned any more. */
  async step(): Promise<boolean> {
    const next = this.#next();
    if (next === undefined) return false;
    next.act();
    await settle();
    return true;
  }

  #next(): Timed | undefined {
    const inWorld = this.#world.peek();
    const onMachine = this.#asleepSince === undefined ? this.#machine.peek() : undefined;
    const worldAt = inWorld?.at ?? Infinity;
    const machineAt =
      onMachine === undefined ? Infinity : this.#now + Math.max(0, onMachine.at - this.#monotonic);
    if (worldAt === Infinity && machineAt === Infinity) return undefined;
    this.#now = Math.min(worldAt, machineAt);
    return worldAt <= machineAt ? this.#world.take() : this.#machine.take();
  }

  #wake(): void {
    const slept = this.#now - (this.#asleepSince ?? this.#now);
    this.#sleptFor += slept;
    if (!this.#monotonicRuns) this.#stoodStill += slept;
    this.#asleepSince = undefined;
    this.wokeAt = this.awakeFor;
    const hidden = this.#now - slept - this.#setBackAt < unseenMs;
    if (slept > missableMs && (this.#monotonicRuns || !hidden)) this.longSleepEndedAt = this.#now;
    for (const act of this.#onWake.splice(0)) act();
  }

  get #monotonic(): number {
    const standing = this.#monotonicRuns ? undefined : this.#asleepSince;
    return (standing ?? this.#now) - this.startAt - this.#stoodStill;
  }

  #sleep(life: Life, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (life.over) return;
      if (signal.aborted) {
        reject(abortReason(signal));
        return;
      }
      const onAbort = (): void => {
        life.timers.delete(timer);
        timer.cancel();
        reject(abortReason(signal));
      };
      const timer = this.onMachine(life, ms, () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
