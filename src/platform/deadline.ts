import { LinkedAbort } from "../base/abort";
import { untilAborted } from "../base/background";
import type { Clock } from "../base/clock";

/** The time for one step ran out. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
}

/**
 * Runs `work` with a signal that aborts with the parent or after `ms`. Settles by then at the latest, also when `work`
 * ignores the signal. Rejects with DeadlineExceeded, or with the parent's reason.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent.throwIfAborted();
  const limit = new LinkedAbort(parent);
  const over = new LinkedAbort();
  const timer = clock.sleep(ms, over.signal).then(
    () => limit.abort(new DeadlineExceeded(`no answer within ${Math.round(ms)} ms`)),
    () => undefined,
  );
  try {
    const result = work(limit.signal);
    // What a step that ignores its signal does later is nobody's business any more.
    result.catch(() => undefined);
    return await untilAborted(result, limit.signal);
  } catch (error) {
    limit.signal.throwIfAborted();
    throw error;
  } finally {
    over.abort(new Error("done"));
    limit.dispose();
    await timer;
  }
}
