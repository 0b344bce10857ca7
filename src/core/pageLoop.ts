import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { PlatformError } from "./platformError";
import type { Platform, WorkerPath } from "./ports/platform";
import { isLive, type SessionView } from "./state";
import type { Store } from "./store";

/** Between two looks at most, milliseconds. */
const lookMs = 60_000;
/** How long after its end a session may still get its page: people merge within a day, or look it up themselves. */
const watchMs = 24 * 3_600_000;
/** Reads in one look, so that many ended sessions cost no more than one that runs. */
const mostReads = 5;

export interface PageLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<Store, "state" | "dispatch">;
  readonly platform: Pick<Platform, "getSession">;
}

/**
 * The platform opens the pull request of a run after its branch was pushed, mostly when the session that pushed it has
 * ended, and no poll shows that session any more. So it is read now and then, the more seldom the longer ago it ended.
 */
export async function followPages(deps: PageLoopDeps, path: WorkerPath, signal: AbortSignal): Promise<never> {
  const { clock, store } = deps;
  const readAt = new Map<string, number>();
  for (;;) {
    await clock.sleep(lookMs, signal);
    const waiting = [...store.state.sessions.values()].filter((view) => isWaiting(view, clock.now()));
    const ids = new Set(waiting.map((view) => view.sessionId));
    for (const id of readAt.keys()) if (!ids.has(id)) readAt.delete(id);
    const last = (view: SessionView): number => readAt.get(view.sessionId) ?? -Infinity;
    const due = waiting.filter((view) => clock.monotonic() - last(view) >= gapMs(view, clock.now()));
    for (const { sessionId } of due.toSorted((a, b) => last(a) - last(b)).slice(0, mostReads)) {
      const mayRead = await look(deps, path, sessionId, signal);
      readAt.set(sessionId, mayRead ? clock.monotonic() : Infinity);
    }
  }
}

function isWaiting(view: SessionView, now: number): boolean {
  const { workflow, endedAt, phase } = view;
  if (workflow === undefined || workflow.push === "none" || view.externalUrl !== undefined) return false;
  return !isLive(phase) && !view.archived && endedAt !== undefined && now - endedAt < watchMs;
}

function gapMs(view: SessionView, now: number): number {
  return Math.max(lookMs, (now - (view.endedAt ?? now)) / 10);
}

/** False when the session is not ours to read any more. */
async function look(
  { store, platform, log }: PageLoopDeps,
  path: WorkerPath,
  sessionId: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { externalUrl } = await platform.getSession(path, sessionId, signal);
    if (externalUrl !== undefined) {
      store.dispatch({ kind: "session", sessionId, change: { kind: "page", externalUrl } });
    }
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PlatformError)) throw error;
    log.debug("an ended session could not be read", { sessionId, message: messageOf(error) });
    return !PlatformError.is(error, "forbidden", "notFound");
  }
}
