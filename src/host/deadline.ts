import type { Clock } from "../base/clock";
import { LinkedAbort } from "../base/abort";

/** The editor did not answer in time. */
export class EditorSilentError extends Error {
  override readonly name = "EditorSilentError";
}

/**
 * What the editor answers, or EditorSilentError after `ms`. The call itself cannot be taken back and may still take
 * effect later.
 */
export async function withDeadline<T>(
  call: PromiseLike<T>,
  ms: number,
  what: string,
  clock: Clock,
): Promise<T> {
  const timer = new LinkedAbort();
  const late = clock.sleep(ms, timer.signal).then(() => {
    throw new EditorSilentError(`the editor did not answer within ${ms} ms: ${what}`);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    timer.abort(new Error("answered"));
    // The sleep's rejection has no other listener once the race is over.
    late.catch(() => undefined);
  }
}
