import { asWritten } from "../base/words";
import { LockError } from "../core/ports/machineLock";
import type { StateContext } from "./jsonFile";

/** For this long a holder that says nothing counts as a window of ours whose loop is busy. */
const patienceMs = 60_000;
/** One look after a sleep of the machine proves nothing. */
const fewestLooks = 5;

/** Remembers which holders stay silent, and since when by this clock. */
export class SilentHolders {
  readonly #context: StateContext;
  readonly #silences = new Map<string, { readonly since: number; readonly looks: number }>();

  constructor(context: StateContext) {
    this.#context = context;
  }

  /** The holder answered, or is another one. */
  forget(name: string): void {
    this.#silences.delete(name);
  }

  /** The holder was silent once more. @throws LockError when that has lasted for too long. */
  look(name: string): void {
    const now = this.#context.clock.monotonic();
    const before = this.#silences.get(name);
    const looks = (before?.looks ?? 0) + 1;
    const since = before?.since ?? now;
    this.#silences.set(name, { since, looks });
    if (looks < fewestLooks || now - since < patienceMs) return;
    throw new LockError(
      asWritten(
        "Whoever holds this folder's worker on this machine has not answered for a minute: another window that hangs, or a program that is none of your windows. Nothing was started here. Close the window that hangs; the worker starts here by itself as soon as it can.",
      ),
      { passing: true },
    );
  }
}
