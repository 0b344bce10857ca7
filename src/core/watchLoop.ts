import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import { withDeadline } from "../base/deadline";
import { messageOf, type Log } from "../base/log";
import { asWritten } from "../base/words";
import type { AbortCause } from "./attemptEnd";
import { PlatformError } from "./platformError";
import type { Session } from "./session";
import type { Waker } from "./waker";

/** How often each executing session is read, milliseconds (contract: every 5 s). */
const intervalMs = 5000;
/** How long one read may take: the next one of the same session is due after that. */
const readMs = 4000;

export interface WatchLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Woken when all sessions are to be read at once. */
  readonly waker: Waker;
  /** The sessions whose claim was proven before now. */
  readonly executing: () => readonly string[];
  readonly read: (sessionId: string, signal: AbortSignal) => Promise<Session>;
  readonly abort: (sessionId: string, cause: AbortCause) => void;
  /** Told of each session as it was read. @param requestedAt monotonic instant. */
  readonly onRead: (session: Session, requestedAt: number) => void;
}

/**
 * Reads the executing sessions, so that one that was cancelled stops. Each is read in its own time: a platform that is slow
 * about one session hides no other.
 */
export async function runWatchLoop(deps: WatchLoopDeps, signal: AbortSignal): Promise<never> {
  const scope = new LinkedAbort(signal);
  const looks = new Map<string, Promise<void>>();
  try {
    for (let dueAt = deps.clock.monotonic() + intervalMs; ;) {
      const woken = await deps.waker.sleep(Math.max(0, dueAt - deps.clock.monotonic()), scope.signal);
      const now = deps.clock.monotonic();
      dueAt = Math.max(woken ? now : dueAt, now - intervalMs) + intervalMs;
      for (const sessionId of deps.executing()) {
        if (looks.has(sessionId)) continue;
        const ended = look(deps, sessionId, scope.signal).then(
          () => undefined,
          (error: unknown) => scope.abort(error instanceof Error ? error : new Error(String(error))),
        );
        looks.set(
          sessionId,
          ended.finally(() => looks.delete(sessionId)),
        );
      }
    }
  } finally {
    scope.abort(new Error("the watch ends"));
    await Promise.all(looks.values());
    scope.dispose();
  }
}

async function look(deps: WatchLoopDeps, sessionId: string, signal: AbortSignal): Promise<void> {
  const late = new TooLate("the platform did not answer in time");
  const requestedAt = deps.clock.monotonic();
  try {
    const session = await withDeadline(deps.clock, readMs, late, signal, (inner) =>
      deps.read(sessionId, inner),
    );
    deps.onRead(session, requestedAt);
    if (session.status === "cancelled") deps.abort(sessionId, { kind: "cancelled" });
    if (session.status === "stale") {
      deps.abort(sessionId, { kind: "leaseLost", message: asWritten("the platform took it back as stale") });
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
