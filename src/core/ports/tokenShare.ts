import type { Disposable } from "../../base/disposable";

/** What one window asks the one that refreshes: short texts on both sides, never logged. */
export type TokenShareHandler = (request: string, signal: AbortSignal) => Promise<string>;

/**
 * A private channel between the windows of this user on this machine. Both ends prove that they can read the same 0600
 * key before a request or an answer is sent. Requests and answers are at most 64 KiB.
 */
export interface TokenShare {
  /**
   * Answers the requests of other windows for `name` until disposed. Rejects when another process serves that name.
   * @param name any text; equal texts meet.
   */
  serve(name: string, handler: TokenShareHandler): Promise<Disposable>;
  /** The answer of the process that serves `name`; undefined when none serves it. Rejects on a failed proof or deadline. */
  ask(name: string, request: string, signal: AbortSignal): Promise<string | undefined>;
}
