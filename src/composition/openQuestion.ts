import type { Disposable } from "../base/disposable";
import type { WorkerPhase } from "../core/state";
import type { Store } from "../core/store";

/** Calls `withdraw` whenever the worker has come to a phase in which nobody waits for the owner's consent. */
export function withdrawWhenOver(store: Store, withdraw: () => void): Disposable {
  let before = store.state.phase.kind;
  return store.onDidChange(({ phase }) => {
    if (phase.kind === before) return;
    before = phase.kind;
    if (!mayWait(phase)) withdraw();
  });
}

function mayWait(phase: WorkerPhase): boolean {
  switch (phase.kind) {
    // The folder's worker is registered with what the workflow says, so it may be asked for before there is one.
    case "notConfigured":
    case "starting":
    case "online":
    case "paused":
      return true;
    case "signedOut":
    case "untrusted":
    case "noRepository":
    case "stopped":
    case "otherWindow":
    case "stopping":
    case "rejected":
      return false;
  }
}
