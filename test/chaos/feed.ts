import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxSession } from "../host/harness/harness.mjs";
import type { Platform } from "./platform";

export const hasEnded = ({ status }: SandboxSession): boolean =>
  status === "complete" || status === "error" || status === "cancelled";

/** Keeps this many sessions under way or waiting, until the signal. A platform that is down is asked again. */
export async function feed(platform: Platform, open: number, signal: AbortSignal): Promise<void> {
  for (let number = 1; !signal.aborted;) {
    try {
      const { sessions } = await platform.state();
      for (let left = open - sessions.filter((one) => !hasEnded(one)).length; left > 0; left -= 1) {
        await platform.queue(`Chaos ${number}`);
        number += 1;
      }
    } catch {
      // Killed at this moment; one more or one less in the queue makes no difference.
    }
    await sleep(250, undefined, { signal }).catch(() => undefined);
  }
}

/** Waits until every session has ended. Gives back whether they have, within `limitMs`. */
export async function untilCalm(platform: Platform, limitMs: number): Promise<boolean> {
  const endsAt = Date.now() + limitMs;
  while (Date.now() < endsAt) {
    if ((await platform.state()).sessions.every(hasEnded)) return true;
    await sleep(250);
  }
  return false;
}
