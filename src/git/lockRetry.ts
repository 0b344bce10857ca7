import type { Clock } from "../base/clock";
import { isLockFailure } from "./gitTrouble";
import { clearStaleLock } from "./staleLock";

const waitsMs = [50, 150, 400, 900, 1_500];

/**
 * Runs git work again while another git process holds a lock, for about 3 s. A lock that is still there then and lies
 * in one of `own`, folders and ref names that only this session's work uses, is removed where no process can hold it;
 * else its error stands.
 */
export async function retryLocked<T>(
  clock: Clock,
  signal: AbortSignal,
  work: () => Promise<T>,
  own: readonly string[] = [],
): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await work();
    } catch (error) {
      if (!isLockFailure(error)) throw error;
      await clock.sleep(waitMs, signal);
    }
  }
  try {
    return await work();
  } catch (error) {
    if (!isLockFailure(error) || !(await clearStaleLock(error, own, clock, signal))) throw error;
    return await work();
  }
}
