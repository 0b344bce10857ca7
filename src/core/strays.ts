import { withDeadline } from "../base/deadline";
import { messageOf } from "../base/log";
import type { EndPhase } from "./events";
import { finishClaim } from "./finish";
import { PlatformError } from "./platformError";
import type { AttemptRecord } from "./ports/journal";
import type { WorkerPath } from "./ports/platform";
import type { Session, SessionStatus } from "./session";
import { bindSession } from "./sessionCalls";
import type { WorkerDeps } from "./workerDeps";

/** How long a stop waits for the releases of what it cannot finish, milliseconds; claims run out by themselves. */
const releaseMs = 15_000;

/**
 * Attempts of an earlier process that a poll did not bring back: the platform is asked how each stands, so that no row
 * claims to be interrupted for ever. The worktree is kept in every case.
 * @param live sessions that execute here or that the poll just offered, which settles them by itself.
 */
export async function settleStrays(
  deps: WorkerDeps,
  path: WorkerPath,
  live: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  for (const record of unfinished(deps, live)) {
    try {
      const session = await askAbout(deps, path, record, signal);
      if (session === undefined || !holds(session, record)) await settle(deps, record, session);
    } catch (error) {
      signal.throwIfAborted();
      // The next poll asks again.
      deps.log.warn("a session could not be asked about", {
        sessionId: record.sessionId,
        message: messageOf(error),
      });
    }
  }
}

/** A stopped worker holds nothing back: claims that wait to be gone on with go to the queue. Never rejects but on abort. */
export async function releaseStrays(deps: WorkerDeps, path: WorkerPath, signal: AbortSignal): Promise<void> {
  const late = new Error("the platform did not answer in time");
  try {
    await withDeadline(deps.clock, releaseMs, late, signal, async (inner) => {
      for (const record of unfinished(deps, new Set())) await releaseOne(deps, path, record, inner);
    });
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn("claims could not be released on the stop; they run out by themselves", {
      message: messageOf(error),
    });
  }
}

async function releaseOne(
  deps: WorkerDeps,
  path: WorkerPath,
  record: AttemptRecord,
  signal: AbortSignal,
): Promise<void> {
  const { sessionId, claimId } = record;
  const session = await askAbout(deps, path, record, signal);
  if (session === undefined || !holds(session, record)) {
    await settle(deps, record, session);
    return;
  }
  const reason = "Given back to the queue: the worker was stopped before it could go on.";
  const calls = bindSession(deps.platform, path, sessionId);
  const { clock, random, log } = deps;
  await finishClaim({ clock, random, log, sessionId, calls, claimId }, { kind: "release", reason }, signal);
  await end(deps, record, "released", "released", reason);
}

function unfinished(deps: WorkerDeps, live: ReadonlySet<string>): readonly AttemptRecord[] {
  return deps.journal.list().filter((record) => record.outcome === "running" && !live.has(record.sessionId));
}

/** Undefined when the session is not there for us any more. */
async function askAbout(
  deps: WorkerDeps,
  path: WorkerPath,
  record: AttemptRecord,
  signal: AbortSignal,
): Promise<Session | undefined> {
  try {
    return await deps.platform.getSession(path, record.sessionId, signal);
  } catch (error) {
    if (PlatformError.is(error, "notFound", "forbidden")) return undefined;
    throw error;
  }
}

/** Still ours, and merely waiting to be gone on with. */
function holds(session: Session, record: AttemptRecord): boolean {
  const live = session.status === "active" || session.status === "awaiting_input";
  return live && session.claim?.claimId === record.claimId;
}

async function settle(deps: WorkerDeps, record: AttemptRecord, session: Session | undefined): Promise<void> {
  const { outcome, phase, detail } = settledAs(session?.status);
  await end(deps, record, outcome, phase, detail);
}

/** What became of an attempt whose session stands so on the platform. */
function settledAs(status: SessionStatus | undefined): {
  readonly outcome: AttemptRecord["outcome"];
  readonly phase: EndPhase;
  readonly detail: string | undefined;
} {
  switch (status) {
    case "complete":
      return { outcome: "completed", phase: "complete", detail: undefined };
    case "error":
      return { outcome: "failed", phase: "failed", detail: "It was marked failed on the platform." };
    case "cancelled":
      return {
        outcome: "cancelled",
        phase: "cancelled",
        detail: "Cancelled on the platform. The work so far is kept in its worktree.",
      };
    default:
      return {
        outcome: "abandoned",
        phase: "claimLost",
        detail:
          "The claim on this session ended while the worker was away. What was done is kept in its worktree.",
      };
  }
}

async function end(
  deps: WorkerDeps,
  record: AttemptRecord,
  outcome: AttemptRecord["outcome"],
  phase: EndPhase,
  detail: string | undefined,
): Promise<void> {
  const at = deps.clock.now();
  await deps.journal.save({ ...record, outcome, endedAt: at, detail });
  const change = { kind: "ended", phase, at, detail, byPerson: false } as const;
  deps.store.dispatch({ kind: "session", sessionId: record.sessionId, change });
}
