import type { Clock } from "../base/clock";
import { isLockFailure } from "./gitFailure";

const waitsMs = [50, 150, 400, 900, 1_500];

/** Runs git work again while another git process holds a lock, for about 3 s; then its error stands. */
export async function retryLocked<T>(clock: Clock, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await work();
    } catch (error) {
      if (!isLockFailure(error)) throw error;
      await clock.sleep(waitMs, signal);
    }
  }
  return await work();
}
