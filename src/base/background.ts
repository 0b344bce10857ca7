import { abortReason } from "./clock";
import { LinkedAbort } from "./abort";

/** Runs until its signal aborts; a rejection before that ends the whole scope with that error. */
export type BackgroundLoop = (signal: AbortSignal) => Promise<never>;

/**
 * Runs `body` while `loops` run beside it. The first loop that fails aborts the body with its error; the end of the body
 * ends the loops. Everything that was started has ended when this resolves or rejects.
 */
export async function withBackground<T>(
  parent: AbortSignal,
  loops: readonly BackgroundLoop[],
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const scope = new LinkedAbort(parent);
  const over = new ScopeOver();
  const running = loops.map((loop) =>
    loop(scope.signal).catch((error: unknown) => {
      if (!scope.signal.aborted) scope.abort(error instanceof Error ? error : new Error(String(error)));
    }),
  );
  try {
    return await body(scope.signal);
  } catch (error) {
    // The abort's own reason says why; what the body threw is only its echo.
    if (scope.signal.aborted) throw abortReason(scope.signal);
    throw error;
  } finally {
    scope.abort(over);
    await Promise.all(running);
    scope.dispose();
  }
}

class ScopeOver extends Error {
  override readonly name = "ScopeOver";
}

/** Settles as `promise` does, but rejects at once when the signal aborts. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    // Nobody will hear what becomes of it.
    promise.catch(() => undefined);
    throw abortReason(signal);
  }
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    stop = () => signal.removeEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stop();
  }
}
