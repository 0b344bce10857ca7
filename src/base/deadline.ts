import { LinkedAbort } from "./abort";
import { untilAborted } from "./background";
import type { Clock } from "./clock";

class InTime extends Error {
  override readonly name = "InTime";
}

/** Runs `task` for at most `ms`; then aborts its signal with `late` and rejects with it, even if the task does not react. */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  late: Error,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const scope = new LinkedAbort(signal);
  const alarm = new LinkedAbort(signal);
  const rung = clock.sleep(ms, alarm.signal).then(
    () => scope.abort(late),
    () => undefined,
  );
  try {
    return await untilAborted(task(scope.signal), scope.signal);
  } finally {
    alarm.abort(new InTime());
    await rung;
    alarm.dispose();
    scope.dispose();
  }
}
