import { isLive, type SessionPhase, type SessionView, type WorkerState } from "../core/state";
import { rulesOf } from "../core/taskMode";
import { groupOf, type GroupId } from "./sessionLook";

const hourMs = 3_600_000;
/** How long what ended stays in the view. What failed wants a look, so it outlasts a weekend. */
const keptMs: Readonly<Partial<Record<GroupId, number>>> = { done: 8 * hourMs, failed: 7 * 24 * hourMs };

/** What stands together in the view: the sessions of one run that are here, or a session alone. */
export interface Unit {
  /** Undefined for a session that belongs to no run. */
  readonly runId: string | undefined;
  /** In the order of the run's steps; at least one. */
  readonly sessions: readonly SessionView[];
  /** The session that says how the whole stands: one that waits for a person, one that runs, else the latest. */
  readonly lead: SessionView;
  /** The session where the run stands; undefined where it is known to have gone on after all that is here. */
  readonly latestId: string | undefined;
  readonly group: GroupId;
}

/**
 * What the view can show: runs whole, what ended long ago among the earlier ones. A run whose latest step is shown keeps its
 * earlier ones, however old. What a person hid stands alone, and belongs to no run's picture any more.
 */
export function unitsOf({ sessions }: Pick<WorkerState, "sessions">, now: number): readonly Unit[] {
  const runs = new Map<string, SessionView[]>();
  const units: Unit[] = [];
  for (const session of sessions.values()) {
    const runId = session.workflow?.runId;
    if (session.archived) {
      units.push({
        runId: undefined,
        sessions: [session],
        lead: session,
        latestId: undefined,
        group: "hidden",
      });
    } else if (runId === undefined) {
      units.push(unitOf(undefined, [session], session, session, now));
    } else {
      const steps = runs.get(runId);
      if (steps === undefined) runs.set(runId, [session]);
      else steps.push(session);
    }
  }
  if (runs.size === 0) return units;
  const latest = latestOfRuns(sessions);
  for (const [runId, steps] of runs) units.push(runUnit(runId, steps, latest.get(runId), now));
  return units;
}

/** The units that are in sight without a filter that asks for more. */
export function visibleUnits(state: Pick<WorkerState, "sessions">, now: number): readonly Unit[] {
  return unitsOf(state, now).filter(({ group }) => group !== "earlier" && group !== "hidden");
}

/** The latest session of each run. A person who hides it has not made another one the latest. */
function latestOfRuns(sessions: WorkerState["sessions"]): ReadonlyMap<string, SessionView> {
  const latest = new Map<string, SessionView>();
  for (const session of sessions.values()) {
    const runId = session.workflow?.runId;
    if (runId === undefined) continue;
    const known = latest.get(runId);
    if (known === undefined || inSteps(known, session) < 0) latest.set(runId, session);
  }
  return latest;
}

function inSteps(a: SessionView, b: SessionView): number {
  return a.createdAt - b.createdAt || (a.sessionId < b.sessionId ? -1 : 1);
}

function runUnit(
  runId: string,
  sessions: readonly SessionView[],
  latest: SessionView | undefined,
  now: number,
): Unit {
  const steps = sessions.toSorted(inSteps);
  const lead =
    steps.findLast((one) => groupOf(one) === "needsYou") ??
    steps.findLast((one) => isLive(one.phase)) ??
    steps.at(-1);
  return lead === undefined ? neverEmpty() : unitOf(runId, steps, lead, latest, now);
}

function unitOf(
  runId: string | undefined,
  sessions: readonly SessionView[],
  lead: SessionView,
  latest: SessionView | undefined,
  now: number,
): Unit {
  const latestId = latest?.workflow?.movedOn === true ? undefined : latest?.sessionId;
  const state = runState(lead, latestId === lead.sessionId);
  // A step that ended well and left its run stuck, or rejected it, wants a look as one that failed.
  const group = state === "stalled" || state === "rejected" ? "failed" : groupOf(lead);
  return { runId, sessions, lead, latestId, group: isKept(group, lead, now) ? group : "earlier" };
}

function neverEmpty(): never {
  throw new Error("a run without sessions");
}

function isKept(group: GroupId, lead: SessionView, now: number): boolean {
  const kept = keptMs[group];
  return kept === undefined || lead.endedAt === undefined || now - lead.endedAt < kept;
}

/** How a run stands after a session that ended well; undefined where that session's own state says it all. */
export type RunState = "stalled" | "rejected" | "handedOver";

/** @param latest false where a later session of the run is here: the run went on, whatever this one lacked. */
export function runState({ phase, workflow }: SessionView, latest: boolean): RunState | undefined {
  if (workflow === undefined || phase !== "complete") return undefined;
  if (latest && workflow.missing !== undefined) return "stalled";
  if (workflow.verdict === "reject") return "rejected";
  return workflow.childId === undefined ? undefined : "handedOver";
}

/** Is no later session of the run among these, and none known? True of a session of no run. */
export function isLatest(session: SessionView, sessions: readonly SessionView[]): boolean {
  const { runId, movedOn } = session.workflow ?? {};
  return (
    runId === undefined ||
    (movedOn !== true &&
      !sessions.some((one) => one.workflow?.runId === runId && one.createdAt > session.createdAt))
  );
}

/** Does the session's own work end on the run's branch, so that the branch has to be pushed? */
export function pushes({ workflow }: Pick<SessionView, "workflow">): boolean {
  return rulesOf(workflow?.mode)?.work === "branch";
}

/** Phases whose attempt is over: what is not pushed by now is not pushed by itself. */
const over: ReadonlySet<SessionPhase> = new Set([
  "complete",
  "failed",
  "cancelled",
  "released",
  "claimLost",
  "interrupted",
]);

/** Is the branch's absence on the remote worth a word: the work has ended and nothing was pushed? */
export function lacksPush(session: SessionView): boolean {
  return pushes(session) && over.has(session.phase) && session.workflow?.push === "none";
}

/** Can a person publish the branch by hand? Of a run only where it is the session's to publish, and is not yet. */
export function canPublish(session: SessionView): boolean {
  const mine = session.workflow === undefined || lacksPush(session);
  return mine && session.branch !== undefined && session.worktreePath !== undefined;
}

/** The run's sessions by what they are to one of them. Sessions that are not here are not found. */
export interface Kin {
  readonly parent: SessionView | undefined;
  readonly child: SessionView | undefined;
}

export function kinOf({ workflow }: SessionView, sessions: WorkerState["sessions"]): Kin {
  const find = (id: string | undefined): SessionView | undefined => {
    const found = id === undefined ? undefined : sessions.get(id);
    return found?.archived === true ? undefined : found;
  };
  return { parent: find(workflow?.parentId), child: find(workflow?.childId) };
}
