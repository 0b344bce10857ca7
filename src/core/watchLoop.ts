import type { Clock } from "../base/clock";
import { withDeadline } from "../base/deadline";
import { messageOf, type Log } from "../base/log";
import type { AbortCause } from "./attemptEnd";
import { PlatformError } from "./platformError";
import type { Session } from "./session";

/** How often executing sessions are read, milliseconds (contract: every 5 s). */
const intervalMs = 5000;
/** How long one read may take, so that a slow answer about one session does not hide the others. */
const readMs = 4000;

export interface WatchLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** The sessions whose claim was proven before now. */
  readonly executing: () => readonly string[];
  readonly read: (sessionId: string, signal: AbortSignal) => Promise<Session>;
  readonly abort: (sessionId: string, cause: AbortCause) => void;
}

/** Reads the executing sessions, so that one that was cancelled stops. */
export async function runWatchLoop(deps: WatchLoopDeps, signal: AbortSignal): Promise<never> {
  for (;;) {
    await deps.clock.sleep(intervalMs, signal);
    await Promise.all(deps.executing().map((sessionId) => look(deps, sessionId, signal)));
  }
}

async function look(deps: WatchLoopDeps, sessionId: string, signal: AbortSignal): Promise<void> {
  const late = new TooLate("the platform did not answer in time");
  try {
    const session = await withDeadline(deps.clock, readMs, late, signal, (inner) =>
      deps.read(sessionId, inner),
    );
    if (session.status === "cancelled") deps.abort(sessionId, { kind: "cancelled" });
    if (session.status === "stale") {
      deps.abort(sessionId, { kind: "leaseLost", message: "the platform took it back as stale" });
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PlatformError || error instanceof TooLate)) throw error;
    deps.log.debug("a session could not be read", { sessionId, message: messageOf(error) });
  }
}

class TooLate extends Error {
  override readonly name = "TooLate";
}
