import type { Clock } from "../base/clock";
import { withDeadline } from "../base/deadline";
import { messageOf, type Log } from "../base/log";
import { PlatformError } from "./platformError";
import type { ControlSignal, ControlType, WorkerRecord } from "./ports/platform";
import type { Waker } from "./waker";

/** How often the worker record is read, milliseconds. */
const intervalMs = 5000;
/** How long an acknowledgement may hold up the next signal, milliseconds; it is sent again while the signal stands there. */
const acknowledgeMs = 10_000;

export interface ControlLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Woken when the record is to be read at once. */
  readonly waker: Waker;
  readonly read: (signal: AbortSignal) => Promise<WorkerRecord>;
  /** False: what the signal did is not on disk yet, so it is acknowledged later. */
  readonly isKept: () => Promise<boolean>;
  readonly acknowledge: (signalId: string, signal: AbortSignal) => Promise<void>;
  /** Acts on the signal. `later` when somebody else acknowledges it once it is carried out. */
  readonly act: (type: ControlType, signalId: string) => "done" | "later";
  readonly onRefused: (error: PlatformError, signal: AbortSignal) => Promise<void>;
}

/** Reads the worker record, acts on a control signal first and acknowledges it after; a signal is acted on once. */
export async function runControlLoop(deps: ControlLoopDeps, signal: AbortSignal): Promise<never> {
  const { clock, log, waker } = deps;
  const handled = new Map<string, "done" | "later">();
  for (;;) {
    const startedAt = clock.monotonic();
    try {
      const record = await deps.read(signal);
      if (record.controlSignal !== undefined) await handle(deps, record.controlSignal, handled, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PlatformError)) throw error;
      await deps.onRefused(error, signal);
      log.debug("the worker record could not be read", { message: messageOf(error) });
    }
    // Every 5 s from read to read, however long an answer took.
    const tookMs = clock.monotonic() - startedAt;
    await waker.sleep(Math.max(intervalMs - tookMs, 1000), signal);
  }
}

async function handle(
  deps: ControlLoopDeps,
  control: ControlSignal,
  handled: Map<string, "done" | "later">,
  signal: AbortSignal,
): Promise<void> {
  const { signalId, type } = control;
  if (type === "unknown") {
    deps.log.warn("a control signal of an unknown type is left alone", { signalId });
    return;
  }
  let how = handled.get(signalId);
  if (how === undefined) {
    deps.log.info("control signal", { signalId, type });
    how = deps.act(type, signalId);
    handled.set(signalId, how);
  }
  if (how === "later" || !(await deps.isKept())) return;
  const late = new PlatformError("the acknowledgement was not answered in time", {
    reason: "timeout",
    outcome: "unknown",
    operation: "acknowledgeControlSignal",
  });
  await withDeadline(deps.clock, acknowledgeMs, late, signal, (inner) => deps.acknowledge(signalId, inner));
}
