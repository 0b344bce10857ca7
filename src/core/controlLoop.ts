import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { PlatformError } from "./platformError";
import type { ControlSignal, ControlType, WorkerRecord } from "./ports/platform";

/** How often the worker record is read, milliseconds. */
const intervalMs = 5000;

export interface ControlLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly read: (signal: AbortSignal) => Promise<WorkerRecord>;
  readonly acknowledge: (signalId: string, signal: AbortSignal) => Promise<void>;
  /** Acts on the signal. `later` when somebody else acknowledges it once it is carried out. */
  readonly act: (type: ControlType, signalId: string) => "done" | "later";
  readonly onRefused: (error: PlatformError, signal: AbortSignal) => Promise<void>;
}

/** Reads the worker record, acts on a control signal first and acknowledges it after; a signal is acted on once. */
export async function runControlLoop(deps: ControlLoopDeps, signal: AbortSignal): Promise<never> {
  const { clock, log } = deps;
  const handled = new Map<string, "done" | "later">();
  for (;;) {
    try {
      const record = await deps.read(signal);
      if (record.controlSignal !== undefined) await handle(deps, record.controlSignal, handled, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PlatformError)) throw error;
      await deps.onRefused(error, signal);
      log.debug("the worker record could not be read", { message: messageOf(error) });
    }
    await clock.sleep(intervalMs, signal);
  }
}

async function handle(
  deps: ControlLoopDeps,
  control: ControlSignal,
  handled: Map<string, "done" | "later">,
  signal: AbortSignal,
): Promise<void> {
  if (control.type === "unknown") {
    deps.log.warn("a control signal of an unknown type is left alone", { signalId: control.signalId });
    return;
  }
  let how = handled.get(control.signalId);
  if (how === undefined) {
    deps.log.info("control signal", { signalId: control.signalId, type: control.type });
    how = deps.act(control.type, control.signalId);
    handled.set(control.signalId, how);
  }
  if (how === "done") await deps.acknowledge(control.signalId, signal);
}
