import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import { DisposableStore } from "../base/disposable";
import { workerPhase } from "../core/state";
import type { StateSource } from "./stateSource";

/** How long a worker that does not start may take to tell of its sessions, milliseconds: another window's tells them a little later. */
const patienceMs = 10_000;

export interface KnownDeps {
  readonly source: StateSource;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Has a session this worktree? A window that is loaded anew shows its tabs before the worker has looked for its sessions, so a
 * no is given only after a while.
 */
export async function isKnownWorktree(path: string, { source, clock, signal }: KnownDeps): Promise<boolean> {
  const known = (): boolean => [...source.state.sessions.values()].some((one) => one.worktreePath === path);
  if (known()) return true;
  const store = new DisposableStore();
  const waiting = store.add(new LinkedAbort(signal));
  const appeared = new Promise<true>((resolve) => {
    store.add(
      source.onDidChange(() => {
        if (known()) resolve(true);
      }),
    );
  });
  const patience = async (): Promise<boolean> => {
    do await clock.sleep(patienceMs, waiting.signal);
    while (workerPhase(source.state.phase).kind === "starting");
    return known();
  };
  try {
    return await Promise.race([appeared, patience().catch(known)]);
  } finally {
    waiting.abort(new Error("it is known"));
    store.dispose();
  }
}
