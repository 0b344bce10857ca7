import type { Clock } from "./clock";
import { WakeSense } from "./wakeSense";

/** How often it is looked whether the machine slept, milliseconds. */
const lookMs = 1000;

/**
 * Resolves after `ms` in which the machine was awake: where it slept, or this process stood still, all of it begins anew, as
 * nobody could answer meanwhile. Rejects with the signal's reason as soon as it aborts.
 */
export async function awakeSleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const sense = new WakeSense(clock);
  let endsAt = clock.monotonic() + ms;
  for (let seen = sense.wakes(); ;) {
    await clock.sleep(Math.min(endsAt - clock.monotonic(), lookMs), signal);
    const wakes = sense.wakes();
    const now = clock.monotonic();
    if (wakes !== seen) endsAt = now + ms;
    else if (now >= endsAt) return;
    seen = wakes;
  }
}
