import { untilAborted } from "../base/background";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import type { OwnerConnection, WindowLink, WindowService } from "./ports/windowLink";
import type { Store } from "./store";

/** Until the next try to reach the owner, at most; many windows do not come at the same moment. */
const againMs = 1000;

export interface WindowDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly store: Store;
  readonly link: WindowLink;
  /** What this window does for others while it is the owner. */
  readonly run: WindowService["run"];
  /** Told the connection through which this window's commands go; undefined when there is none. */
  readonly onOwner: (owner: OwnerConnection | undefined) => void;
}

/** Shows what the owner runs, live, until the signal aborts; then nothing shows as running. */
export async function followOwner(deps: WindowDeps, name: string, signal: AbortSignal): Promise<never> {
  const { clock, log, random, store, link } = deps;
  for (;;) {
    try {
      const show = (state: Store["state"]): void => {
        if (!signal.aborted) store.dispatch({ kind: "mirrored", state });
      };
      const owner = await link.connect(name, show, signal);
      if (owner !== undefined) await followOne(deps, owner, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.debug("the window that runs the worker cannot be followed", { message: messageOf(error) });
    }
    await clock.sleep(againMs * (0.5 + random.next() / 2), signal);
  }
}

async function followOne(deps: WindowDeps, owner: OwnerConnection, signal: AbortSignal): Promise<void> {
  deps.onOwner(owner);
  try {
    await untilAborted(owner.ended, signal);
  } finally {
    deps.onOwner(undefined);
    owner.dispose();
    deps.store.dispatch({ kind: "ownerLost" });
  }
}

/** Shows the worker of this window to others and takes their commands until the signal aborts. */
export async function serveWindows(deps: WindowDeps, name: string, signal: AbortSignal): Promise<never> {
  const { clock, log, store, link, run } = deps;
  const service: WindowService = {
    get state() {
      return store.state;
    },
    onDidChange: store.onDidChange,
    run,
  };
  let told = "";
  for (;;) {
    try {
      const serving = await link.serve(name, service);
      try {
        await untilAborted(new Promise<never>(() => undefined), signal);
      } finally {
        serving.dispose();
      }
    } catch (error) {
      signal.throwIfAborted();
      const message = messageOf(error);
      // Once each: it is tried again every second.
      if (message !== told) log.warn("other windows cannot follow this one yet", { message });
      told = message;
    }
    await clock.sleep(againMs, signal);
  }
}
