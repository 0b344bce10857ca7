import { randomBytes } from "node:crypto";
import type { SandboxClock } from "../clock";
import { moveRuns } from "../rules/runs";
import { nextDeadlineAt, settle } from "../rules/time";
import type { Platform } from "./platform";
import type { State } from "./schema";

/** @param pullRequestUrl the address of the page with a key */
export function createPlatform(
  state: State,
  clock: SandboxClock,
  save: (state: State) => void,
  pullRequestUrl: (key: string) => string,
): Platform {
  let version = 1;
  const waiting = new Set<() => void>();
  const changed = (): void => {
    moveRuns({ state, clock, nextId, pullRequestUrl });
    version += 1;
    state.clockAheadMs = clock.aheadMs();
    save(state);
    for (const wake of [...waiting]) wake();
  };
  const nextId = (prefix: string): string => {
    const number = state.nextNumber;
    state.nextNumber += 1;
    return `${prefix}_${number}_${randomBytes(3).toString("hex")}`;
  };
  const settleNow = (): void => {
    if (settle(state, clock.now())) changed();
  };
  return {
    state,
    clock,
    version: () => version,
    settle: settleNow,
    changed,
    nextId,
    nextChange: async (since, waitMs, signal) => {
      const endsAt = performance.now() + waitMs;
      for (;;) {
        settleNow();
        const leftMs = endsAt - performance.now();
        if (version !== since || leftMs <= 0 || signal.aborted) return version;
        const untilDeadlineMs = (nextDeadlineAt(state, clock.now()) ?? Infinity) - clock.now();
        await woken(waiting, Math.min(leftMs, Math.max(20, untilDeadlineMs + 5)), signal);
      }
    },
  };
}

function woken(waiting: Set<() => void>, afterMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      waiting.delete(wake);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, afterMs);
    waiting.add(wake);
    signal.addEventListener("abort", wake, { once: true });
  });
}
