import type { Clock } from "../base/clock";
import type { WakeSense } from "../base/wakeSense";
import type { Waker } from "./waker";

/** How often the two clocks are compared, milliseconds. */
const lookMs = 1000;

export interface WakeLoopDeps {
  readonly clock: Clock;
  readonly sense: WakeSense;
  /** The machine slept, or this process stood still. Must not wait: the next jump is looked for meanwhile. */
  readonly onWake: () => void;
}

/** Compares the wall clock with the monotonic one every second and tells of each wake-up. */
export async function runWakeLoop(deps: WakeLoopDeps, signal: AbortSignal): Promise<never> {
  const { clock, sense, onWake } = deps;
  for (let seen = sense.wakes(); ;) {
    await clock.sleep(lookMs, signal);
    const wakes = sense.wakes();
    if (wakes === seen) continue;
    seen = wakes;
    onWake();
  }
}

export interface VerifyLoopDeps {
  /** Woken after a wake-up of the machine. */
  readonly waker: Waker;
  /** Proves every claim, or gives it up. Never rejects but on abort. */
  readonly verify: (signal: AbortSignal) => Promise<void>;
  /** Every claim is proven or given up. */
  readonly onVerified: () => void;
}

/** After each wake-up: first the claims, then whatever is told of their end. */
export async function runVerifyLoop(deps: VerifyLoopDeps, signal: AbortSignal): Promise<never> {
  for (;;) {
    await deps.waker.sleep(Infinity, signal);
    await deps.verify(signal);
    deps.onVerified();
  }
}
