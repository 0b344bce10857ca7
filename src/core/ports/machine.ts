import type { Disposable } from "../../base/disposable";

/** A machine-wide execution slot, shared by all workers of this machine. */
export interface Slots {
  /** Undefined when all `limit` slots are taken. Disposing gives the slot back. */
  tryAcquire(limit: number, holder: string): Promise<Disposable | undefined>;
}
