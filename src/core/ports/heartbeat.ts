import type { Event } from "../../base/emitter";
import type { RuntimeFacts } from "./platform";

/** The allow-list of what a beat may say. */
export interface HeartbeatFacts {
  readonly state: "idle" | "busy" | "paused" | "stopping";
  readonly activeSessions: number;
  readonly awaitingInputSessions: number;
  readonly maxConcurrentSessions: number;
  readonly runtime: RuntimeFacts;
}

export type BeatResult =
  | { readonly kind: "accepted"; readonly at: number; readonly from: "thread" | "main" }
  | {
      readonly kind: "failed";
      readonly at: number;
      readonly from: "thread" | "main";
      /** `rejected`: the platform refused this worker (403 or 404). */
      readonly reason: "rejected" | "unauthorized" | "unreachable";
      readonly message: string;
    };

/** Beats every 10 s on its own, whatever the editor's main loop does. */
export interface Heartbeat {
  readonly onDidBeat: Event<BeatResult>;
  /** Starts beating; the facts may be replaced at any time with `update`. */
  start(facts: HeartbeatFacts): void;
  update(facts: HeartbeatFacts): void;
  /** The machine woke up: a beat leaves at once, over a fresh connection, and the rhythm starts from here. */
  beatNow(): void;
  /** Ends beating and frees the thread. */
  stop(): Promise<void>;
}
