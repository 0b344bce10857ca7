import { withBeat } from "./beatHistory";
import type { BeatResult } from "./ports/heartbeat";
import type { WorkerEvent } from "./events";
import type { AttemptRecord } from "./ports/journal";
import type { Session } from "./session";
import { mirrored, withoutOwner } from "./mirror";
import { initialState, isLive, type SessionPhase, type SessionView, type WorkerState } from "./state";
import { withMissing } from "./runMissing";
import { polledRunView } from "./runNotes";
import { listedView, reduceSession, restoredView } from "./sessionReducer";
import { plainTitle } from "./text";

/** How long a session that another worker took stays in the list, milliseconds. */
const elsewhereMs = 600_000;

/** Rows of sessions that ended, beyond those that the poll shows: as many as the journal keeps attempts. */
const keptEnded = 500;
const ended: ReadonlySet<SessionPhase> = new Set([
  "complete",
  "failed",
  "cancelled",
  "released",
  "claimLost",
]);

/** The one place where the worker's state changes. Pure and exhaustive. */
export function reduce(state: WorkerState, event: WorkerEvent): WorkerState {
  switch (event.kind) {
    case "phaseChanged":
      return { ...state, phase: event.phase };
    case "identified":
      return {
        ...state,
        agentName: event.agentName,
        workspaceName: event.workspaceName,
        workerName: event.workerName,
      };
    case "limitsChanged":
      return {
        ...state,
        maxConcurrentSessions: event.maxConcurrentSessions,
        maxActiveExecutions: event.maxActiveExecutions,
      };
    case "faulted":
      return { ...state, fault: event.fault };
    case "faultCleared":
      return { ...state, fault: undefined };
    case "beat":
      return reduceBeat(state, event.result);
    case "pollScheduled":
      return { ...state, nextPollAt: event.at };
    case "polled":
      return {
        ...state,
        lastPollAt: event.at,
        lastPollError: undefined,
        sessions: reducePoll(state.sessions, event.sessions, event.at),
      };
    case "pollFailed":
      return { ...state, lastPollError: event.message };
    case "restored":
      return { ...state, sessions: restoredViews(event.records) };
    case "cleared":
      return {
        ...initialState,
        phase: state.phase,
        agentName: state.agentName,
        workspaceName: state.workspaceName,
        workerName: state.workerName,
      };
    case "mirrored":
      return mirrored(event.state);
    case "ownerLost":
      return withoutOwner(state);
    case "session": {
      const view = state.sessions.get(event.sessionId);
      if (view === undefined) return state;
      return { ...state, sessions: withView(state.sessions, reduceSession(view, event.change)) };
    }
  }
}

/** A session whose claim was only asked for has no row of its own, unless a person gave it back: the poll shows it. */
function restoredViews(records: readonly AttemptRecord[]): ReadonlyMap<string, SessionView> {
  const held = records.filter((record) => record.claimId !== "" || record.outcome === "released");
  return new Map(held.map((record) => [record.sessionId, restoredView(record)]));
}

function reduceBeat(state: WorkerState, result: BeatResult): WorkerState {
  const beats = withBeat(state.beats, state.lastBeatAt, result);
  return result.kind === "accepted"
    ? {
        ...state,
        beats,
        lastBeatAt: result.at,
        lastBeatError: undefined,
        beatsFromMain: result.from === "main",
      }
    : { ...state, beats, lastBeatError: result.message };
}

/** What a poll shows replaces what was listed; sessions that an attempt touched stay, the latest of very many. */
function reducePoll(
  before: ReadonlyMap<string, SessionView>,
  polled: readonly Session[],
  at: number,
): ReadonlyMap<string, SessionView> {
  const after = new Map<string, SessionView>();
  const seen = new Map(polled.map((session) => [session.sessionId, session]));
  for (const view of before.values()) {
    const session = seen.get(view.sessionId);
    if (session === undefined) {
      if (staysUnlisted(view, at)) {
        after.set(view.sessionId, view.claimable ? { ...view, claimable: false } : view);
      }
      continue;
    }
    after.set(view.sessionId, isLive(view.phase) ? view : refreshed(view, session));
  }
  for (const session of polled) {
    if (!after.has(session.sessionId)) after.set(session.sessionId, listedView(session));
  }
  for (const view of leftBehind(after, polled)) after.set(view.sessionId, view);
  for (const { sessionId } of tooOld([...after.values()].filter((view) => !seen.has(view.sessionId)))) {
    after.delete(sessionId);
  }
  return after;
}

/** The sessions whose run is seen to have gone on after them: told once, since the later session's row may go again. */
function leftBehind(
  views: ReadonlyMap<string, SessionView>,
  polled: readonly Session[],
): readonly SessionView[] {
  const latest = new Map<string, Session>();
  for (const session of polled) {
    const runId = session.workflow?.runId;
    if (runId === undefined) continue;
    const known = latest.get(runId);
    if (known === undefined || session.createdAt > known.createdAt) latest.set(runId, session);
  }
  if (latest.size === 0) return [];
  return [...views.values()].flatMap((view) => {
    const { workflow, sessionId, createdAt } = view;
    const last = workflow === undefined ? undefined : latest.get(workflow.runId);
    if (workflow === undefined || workflow.movedOn === true || last === undefined) return [];
    const isLater = last.sessionId !== sessionId && last.createdAt > createdAt;
    return isLater ? [{ ...view, workflow: { ...workflow, movedOn: true } }] : [];
  });
}

/** The rows that ended longest ago, where there are very many. */
function tooOld(views: readonly SessionView[]): readonly SessionView[] {
  const endedAt = (view: SessionView): number => view.endedAt ?? view.startedAt ?? view.createdAt;
  return views
    .filter((view) => ended.has(view.phase))
    .sort((one, other) => endedAt(other) - endedAt(one))
    .slice(keptEnded);
}

/** A row without an attempt of ours goes with the poll that does not show it; one that another worker took stays a while. */
function staysUnlisted(view: SessionView, at: number): boolean {
  if (view.phase === "elsewhere") return at - (view.endedAt ?? 0) < elsewhereMs;
  return view.phase !== "listed";
}

function refreshed(view: SessionView, session: Session): SessionView {
  const queued = session.status === "queued";
  const workflow = polledRunView(session, view.workflow);
  return withMissing({
    ...view,
    ...(workflow === undefined ? {} : { workflow }),
    title: plainTitle(session.title),
    externalUrl: session.externalUrl ?? view.externalUrl,
    claimable: queued || session.status === "stale",
    // A session that came back to the queue is offered again, unless a person put it there.
    phase: queued && view.phase === "elsewhere" ? "listed" : view.phase,
  });
}

function withView(
  sessions: ReadonlyMap<string, SessionView>,
  view: SessionView,
): ReadonlyMap<string, SessionView> {
  const next = new Map(sessions);
  next.set(view.sessionId, view);
  return next;
}
