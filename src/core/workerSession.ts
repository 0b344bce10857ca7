import { untilAborted, withBackground } from "../base/background";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import type { Configuration } from "./ports/configurations";
import type { WorkerLock } from "./ports/machineLock";
import type { RuntimeFacts } from "./ports/platform";
import { changeStored, storedOf } from "./storedConfiguration";
import { takeTurn, turnName, whileHeld, type TurnDeps } from "./takeTurn";
import type { Worker, WorkerExit } from "./worker";
import { prepareWorker, type PreparationDeps, type Unprepared } from "./workerPreparation";

export interface WorkerSessionDeps extends PreparationDeps {
  readonly lock: WorkerLock;
  readonly windows?: TurnDeps["windows"];
  readonly makeWorker: (configuration: Configuration, runtime: RuntimeFacts) => Promise<Worker>;
  /** Told which worker runs now, undefined between runs. */
  readonly onWorker: (worker: Worker | undefined) => void;
}

/** How often it is looked whether another window stopped or replaced the worker, milliseconds. */
const lookMs = 5000;

/** How running a configured worker ended for good. */
export type SessionEnd = WorkerExit | Unprepared | Superseded;

/** The folder has another worker, or none, by now. */
interface Superseded {
  readonly kind: "superseded";
}

/**
 * Runs the configured worker of this folder until it ends for good: one window of the machine at a time, registered with
 * its present facts, restarted when the platform asks for it.
 */
export async function runWorkerSession(
  deps: WorkerSessionDeps,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<SessionEnd> {
  const name = turnName(configuration);
  const held = await takeTurn(deps, name, signal);
  try {
    // Another window may have changed it while this one waited.
    const current = await storedOf(deps.configurations, configuration);
    if (current === undefined) return { kind: "superseded" };
    if (current.stoppedByPerson) return { kind: "stopped", bySignal: false };
    const end = await whileHeld(deps, held, name, signal, (inner) => runHolding(deps, current, inner));
    return end ?? { kind: "superseded" };
  } finally {
    held.dispose();
  }
}

async function runHolding(
  deps: WorkerSessionDeps,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<SessionEnd> {
  let current = configuration;
  let acknowledge: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    deps.store.dispatch({ kind: "phaseChanged", phase: { kind: "starting" } });
    const ready = await prepareWorker(deps, current, signal);
    if ("kind" in ready) return ready;
    const exit = await runOnce(deps, ready.configuration, ready.runtime, acknowledge, signal);
    if (exit.kind === "superseded") return exit;
    if (exit.kind === "stopped" && exit.bySignal) await rememberStop(deps, configuration);
    if (exit.kind !== "restart") return exit;
    acknowledge = exit.signalId;
    // The worker may have registered changed facts meanwhile.
    current = (await storedOf(deps.configurations, configuration)) ?? ready.configuration;
  }
}

async function runOnce(
  deps: WorkerSessionDeps,
  configuration: Configuration,
  runtime: RuntimeFacts,
  acknowledge: string | undefined,
  signal: AbortSignal,
): Promise<WorkerExit | Superseded> {
  const worker = await untilAborted(deps.makeWorker(configuration, runtime), signal);
  deps.onWorker(worker);
  const seen = { replaced: false };
  const look = async (inner: AbortSignal): Promise<never> => {
    await untilReplaced(deps, configuration, worker, inner);
    seen.replaced = true;
    throw new Error("the folder has another worker");
  };
  try {
    const exit = await withBackground(signal, [look], (inner) => worker.run(acknowledge, inner));
    return seen.replaced ? { kind: "superseded" } : exit;
  } finally {
    deps.onWorker(undefined);
  }
}

/** Follows what other windows do to the worker that runs here: a stop drains it; resolves when it was replaced. */
async function untilReplaced(
  deps: WorkerSessionDeps,
  configuration: Configuration,
  worker: Worker,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await deps.clock.sleep(lookMs, signal);
    try {
      const stored = await storedOf(deps.configurations, configuration);
      if (stored === undefined) break;
      if (stored.stoppedByPerson && !worker.stops) worker.drain({ kind: "stopped", bySignal: false });
    } catch (error) {
      // A disk that cannot be read for a moment ends nothing.
      deps.log.debug("the configuration could not be looked at", { message: messageOf(error) });
    }
  }
  const message = asWritten("Released: another window configured the worker anew. The worktree is kept.");
  await worker.endAll({ kind: "released", byPerson: false, message }, signal);
}

/** Noted while the worker is still held, so that no window that waits for it takes a stopped one over. */
async function rememberStop(deps: WorkerSessionDeps, configuration: Configuration): Promise<void> {
  try {
    await changeStored(deps.configurations, configuration, { stoppedByPerson: true });
  } catch (error) {
    deps.log.error("the stop could not be noted: the worker starts again with the next window", {
      message: messageOf(error),
    });
  }
}
