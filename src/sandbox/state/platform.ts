import { randomBytes } from "node:crypto";
import type { SandboxClock } from "../clock";
import { settle, nextDeadlineAt } from "../rules/time";
import type { State } from "./schema";

/** The one owner of the sandbox's state. Calls are synchronous, so that each request is one indivisible step. */
export interface Platform {
  readonly state: State;
  readonly clock: SandboxClock;
  /** Rises with each change; what a watcher compares. */
  version(): number;
  /** Applies what time alone has changed: stale and offline workers, leases that ran out. */
  settle(): void;
  /** Records that the state has changed: stored, and told to whoever waits. */
  changed(): void;
  /** A readable id that no other sandbox has given either: `session_12_9f3c2a`. */
  nextId(prefix: string): string;
  /** Ends when the version differs from `since`, after `waitMs`, or with the signal. Gives the version. */
  nextChange(since: number, waitMs: number, signal: AbortSignal): Promise<number>;
}

export function createPlatform(state: State, clock: SandboxClock, save: (state: State) => void): Platform {
  let version = 1;
  const waiting = new Set<() => void>();
  const changed = (): void => {
    version += 1;
    state.clockAheadMs = clock.aheadMs();
    save(state);
    for (const wake of [...waiting]) wake();
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
    nextId: (prefix) => {
      const number = state.nextNumber;
      state.nextNumber += 1;
      return `${prefix}_${number}_${randomBytes(3).toString("hex")}`;
    },
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
