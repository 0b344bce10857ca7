/** The platform's own time: real time plus whatever a test has added. */
export interface SandboxClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the clock forward; it never goes back. */
  advance(byMs: number): void;
  /** How far the clock is ahead of real time. */
  aheadMs(): number;
}

/** A clock that starts `aheadMs` in the future, so that a restarted sandbox does not travel back. */
export function createSandboxClock(aheadMs = 0): SandboxClock {
  let ahead = aheadMs;
  return {
    now: () => Date.now() + ahead,
    advance: (byMs) => {
      ahead += Math.max(0, byMs);
    },
    aheadMs: () => ahead,
  };
}
