import type { Disposable } from "../../base/disposable";

/** A lock that this process holds. Disposing gives it back; the operating system does so when the process ends. */
export type Held = Disposable;

/** Exclusivity between all processes of this user on this machine, by something the operating system itself releases. */
export interface MachineLock {
  /**
   * Undefined when another process, or another holder in this one, has it. Never waits.
   * @param name any text; equal texts exclude each other.
   */
  tryHold(name: string): Promise<Held | undefined>;
}
