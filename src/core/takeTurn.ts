import { LinkedAbort } from "../base/abort";
import { withBackground, type BackgroundLoop } from "../base/background";
import type { Clock } from "../base/clock";
import type { Log } from "../base/log";
import type { Random } from "../base/random";
import { followOwner, serveWindows, type WindowDeps } from "./followOwner";
import type { Configuration } from "./ports/configurations";
import { LockError, type Held, type WorkerLock } from "./ports/machineLock";
import type { WorkerPhase } from "./state";
import type { Store } from "./store";

/** How often it is tried again where nobody can tell when it is worth it. */
const retryMs = 1000;

export interface TurnDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly random: Random;
  readonly lock: WorkerLock;
  /** Without it, windows that wait show nothing of the one that runs the worker. */
  readonly windows?: Pick<WindowDeps, "link" | "run" | "onOwner"> | undefined;
}

/** The name by which the windows of this machine agree on who runs a folder's worker. */
export function turnName({ origin, folder }: Pick<Configuration, "origin" | "folder">): string {
  // By folder: a worker that is to follow another one waits until that has ended.
  return `worker ${origin} ${folder}`;
}

/**
 * Waits until this window may run the folder's worker, and shows meanwhile why it does not.
 * @throws LockError where waiting is of no use; the signal's reason when it aborts.
 */
export async function takeTurn(deps: TurnDeps, name: string, signal: AbortSignal): Promise<Held> {
  const { clock, lock } = deps;
  for (;;) {
    signal.throwIfAborted();
    try {
      const held = await lock.tryHold(name);
      if (held !== undefined) return held;
      show(deps, { kind: "otherWindow" });
      await withBackground(signal, following(deps, name), (inner) => lock.untilFree(name, inner));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof LockError && error.passing)) throw error;
      show(deps, { kind: "rejected", message: error.message });
      await clock.sleep(retryMs, signal);
    }
  }
}

function following({ windows, ...deps }: TurnDeps, name: string): readonly BackgroundLoop[] {
  if (windows === undefined) return [];
  return [(inner) => followOwner({ ...deps, ...windows }, name, inner)];
}

function serving({ windows, ...deps }: TurnDeps, name: string): readonly BackgroundLoop[] {
  if (windows === undefined) return [];
  return [(inner) => serveWindows({ ...deps, ...windows }, name, inner)];
}

function show({ store, log }: TurnDeps, phase: WorkerPhase): void {
  const { phase: shown } = store.state;
  const reason = "message" in phase ? phase.message : undefined;
  const shownReason = "message" in shown ? shown.message : undefined;
  // The same again is no news, though it is tried each second.
  if (shown.kind === phase.kind && shownReason === reason) return;
  if (phase.kind === "rejected") log.warn("the worker cannot run here now", { message: phase.message });
  store.dispatch({ kind: "phaseChanged", phase });
}

/**
 * Runs while the turn is held, and serves the windows that wait for it. When another process took it over, `run` ends at
 * once and the result is undefined.
 */
export async function whileHeld<T>(
  deps: TurnDeps,
  held: Held,
  name: string,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const { lost } = held;
  const scope = new LinkedAbort(signal);
  const letGo = (): void => scope.abort(new Error("another process took the worker over"));
  if (lost?.aborted === true) letGo();
  else lost?.addEventListener("abort", letGo, { once: true });
  try {
    const result = await withBackground(scope.signal, serving(deps, name), run);
    return lost?.aborted === true && !signal.aborted ? undefined : result;
  } catch (error) {
    if (lost?.aborted === true && !signal.aborted) return undefined;
    throw error;
  } finally {
    lost?.removeEventListener("abort", letGo);
    scope.dispose();
  }
}
