import type { Disposable } from "../../base/disposable";

/** A lock that this process holds. Disposing gives it back; the operating system does so when the process ends. */
export interface Held extends Disposable {
  /** Aborts when another process has taken the lock over all the same: hands off from then on. */
  readonly lost?: AbortSignal;
}

/** A name cannot be had, for another reason than that another window has it. The message is for the user. */
export class LockError extends Error {
  override readonly name = "LockError";
  /** It may pass by itself: whoever wants the name goes on trying. */
  readonly passing: boolean;

  constructor(message: string, options: { readonly passing: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.passing = options.passing;
  }
}

/** Exclusivity between all processes of this user on this machine, by something the operating system itself releases. */
export interface MachineLock {
  /**
   * Undefined when another process, or another holder in this one, has it. Rejects with LockError where that cannot be
   * made sure of. Never waits for the holder's end.
   * @param name any text; equal texts exclude each other.
   */
  tryHold(name: string): Promise<Held | undefined>;
}

/** A lock whose end can be waited for. */
export interface WorkerLock extends MachineLock {
  /** Resolves when it is worth trying again: as soon as the holder ends, after a second where it cannot be watched. */
  untilFree(name: string, signal: AbortSignal): Promise<void>;
}
