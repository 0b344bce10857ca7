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
  readonly group: GroupId;
}

/** Everything that the view shows at all. A run whose latest step is shown keeps its earlier ones, however old. */
export function visibleUnits(state: WorkerState, now: number): readonly Unit[] {
  const runs = new Map<string, SessionView[]>();
  const alone: SessionView[] = [];
  for (const session of state.sessions.values()) {
    if (session.archived) continue;
    const runId = session.workflow?.runId;
    if (runId === undefined) alone.push(session);
    else runs.set(runId, [...(runs.get(runId) ?? []), session]);
  }
  const units = [
    ...alone.map((session) => unitOf(undefined, [session], session)),
    ...[...runs].map(([runId, sessions]) => runUnit(runId, sessions)),
  ];
  return units.filter((unit) => isKept(unit, now));
}

function runUnit(runId: string, sessions: readonly SessionView[]): Unit {
  const inSteps = sessions.toSorted(
    (a, b) => a.createdAt - b.createdAt || (a.sessionId < b.sessionId ? -1 : 1),
  );
  const lead =
    inSteps.findLast((one) => groupOf(one) === "needsYou") ??
    inSteps.findLast((one) => isLive(one.phase)) ??
    inSteps.at(-1);
  return lead === undefined ? neverEmpty() : unitOf(runId, inSteps, lead);
}

function unitOf(runId: string | undefined, sessions: readonly SessionView[], lead: SessionView): Unit {
  const state = runState(lead, sessions.at(-1) === lead);
  // A step that ended well and left its run stuck, or rejected it, wants a look as one that failed.
  const group = state === "stalled" || state === "rejected" ? "failed" : groupOf(lead);
  return { runId, sessions, lead, group };
}

function neverEmpty(): never {
  throw new Error("a run without sessions");
}

function isKept({ group, lead }: Unit, now: number): boolean {
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

/** Is no later session of the run among these? True of a session of no run. */
export function isLatest(session: SessionView, sessions: readonly SessionView[]): boolean {
  const runId = session.workflow?.runId;
  return (
    runId === undefined ||
    !sessions.some(
      (one) => one.workflow?.runId === runId && !one.archived && one.createdAt > session.createdAt,
    )
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
