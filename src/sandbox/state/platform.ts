import type { SandboxClock } from "../clock";
import type { State } from "./schema";

/** The one owner of the sandbox's state. Calls are synchronous, so that each request is one indivisible step. */
export interface Platform {
  readonly state: State;
  readonly clock: SandboxClock;
  /** Rises with each change; what a watcher compares. */
  version(): number;
  /** Applies what time alone has changed: stale and offline workers, leases that ran out. */
  settle(): void;
  /** Records that the state has changed: runs move on, all is stored, and whoever waits is told. */
  changed(): void;
  /** A readable id that no other sandbox has given either: `session_12_9f3c2a`. */
  nextId(prefix: string): string;
  /** Ends when the version differs from `since`, after `waitMs`, or with the signal. Gives the version. */
  nextChange(since: number, waitMs: number, signal: AbortSignal): Promise<number>;
}
