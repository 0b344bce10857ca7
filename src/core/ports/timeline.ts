import type { Disposable } from "../../base/disposable";
import type { TimelineEntry } from "../timeline";

/** What a listener is told of one session's timeline. */
export type TimelineNews =
  /** All of it: first, and whenever what was told before does not hold any more. */
  | {
      readonly kind: "timeline";
      /** Oldest first, each id once. */
      readonly entries: readonly TimelineEntry[];
      /** How many older ones are not kept, or could not be read. */
      readonly dropped: number;
    }
  /** What came since; one with the id of an earlier one takes its place. */
  | { readonly kind: "entries"; readonly entries: readonly TimelineEntry[] };

/** The timelines of sessions, whichever window of this machine runs them. */
export interface TimelineSource {
  /**
   * Tells a session's timeline until it is disposed: all of it first, later and never within this call, then what
   * follows, at most four times a second. A session that has none is told as an empty one. Never throws.
   */
  follow(sessionId: string, listener: (news: TimelineNews) => void): Disposable;
}

/** Where the window that runs a session writes its timeline. */
export interface TimelineBook extends TimelineSource {
  /** Never rejects: what cannot be read is taken for nothing. Until it is released this process alone writes it. */
  open(sessionId: string): Promise<TimelinePen>;
}

export interface TimelinePen {
  /** What stands there already, oldest first. */
  readonly entries: readonly TimelineEntry[];
  /** Never throws, and waits for nothing: what the disk does not take is lost. */
  append(entries: readonly TimelineEntry[]): void;
  /** Nothing more follows. */
  release(): void;
}
