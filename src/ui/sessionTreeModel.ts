import { workerPhase, type SessionView, type WorkerState } from "../core/state";
import type { L10n } from "./l10n";
import { visibleUnits, type Unit } from "./runModel";
import { unitRow } from "./runRow";
import { escapeLinks } from "./safeText";
import { groupIds, groupLabel, groupOf, type GroupId } from "./sessionLook";
import type { Scene } from "./sessionRow";
import { row, type Row } from "./treeRow";

/** The whole sessions view as data: groups with their sessions and runs, empty groups left out. */
export function sessionTree(state: WorkerState, now: number, l10n: L10n): readonly Row[] {
  const groups = new Map<GroupId, Unit[]>();
  for (const unit of visibleUnits(state, now)) {
    groups.set(unit.group, [...(groups.get(unit.group) ?? []), unit]);
  }
  return groupIds.flatMap((group) => {
    const units = groups.get(group);
    return units === undefined ? [] : [groupRow(group, inOrder(group, units), { state, now, l10n })];
  });
}

/** The sessions that the view shows at all. */
export function visibleSessions(state: WorkerState, now: number): readonly SessionView[] {
  return visibleUnits(state, now).flatMap((unit) => unit.sessions);
}

/** How many sessions wait for a person: the badge. */
export function countNeedingPerson(state: WorkerState): number {
  return [...state.sessions.values()].filter((one) => !one.archived && groupOf(one) === "needsYou").length;
}

/** What stands above the rows while a fault keeps the worker from claiming; empty without one. */
export function viewMessage(state: WorkerState, isEmpty: boolean, l10n: L10n): string {
  const { fault } = state;
  if (fault === undefined) return "";
  // A message hides the welcome text of an empty view, which has its own words for every fault but this one.
  const saidElsewhere = fault.reason !== "workflow" || workerPhase(state.phase).kind !== "online";
  if (isEmpty && saidElsewhere) return "";
  const message = escapeLinks(fault.message);
  // What is said of the workflow file tells by itself that nothing is claimed.
  return fault.reason === "workflow" ? message : l10n.t("No new session is claimed. {0}", message);
}

function groupRow(group: GroupId, units: readonly Unit[], scene: Scene): Row {
  const { l10n } = scene;
  const label = groupLabel(group, l10n);
  const quiet = group === "done" || group === "elsewhere";
  return row({
    id: `group:${group}`,
    sessionId: undefined,
    label,
    description: String(units.length),
    contextValue: ";group;",
    spoken:
      units.length === 1 ? l10n.t("{0}, 1 session", label) : l10n.t("{0}, {1} sessions", label, units.length),
    folding: quiet ? "collapsed" : "expanded",
    children: units.map((unit) => unitRow(unit, scene)),
  });
}

/** Queues in the order they came, what runs by its start, what ended with the newest first. */
function inOrder(group: GroupId, units: readonly Unit[]): readonly Unit[] {
  const started = ({ lead }: Unit): number => lead.startedAt ?? lead.createdAt;
  const ended = (one: Unit): number => one.lead.endedAt ?? started(one);
  const byId = (a: Unit, b: Unit): number => (a.lead.sessionId < b.lead.sessionId ? -1 : 1);
  switch (group) {
    case "queued":
      return units.toSorted((a, b) => a.lead.createdAt - b.lead.createdAt || byId(a, b));
    case "needsYou":
    case "running":
    case "elsewhere":
      return units.toSorted((a, b) => started(a) - started(b) || byId(a, b));
    case "done":
    case "failed":
      return units.toSorted((a, b) => ended(b) - ended(a) || byId(a, b));
  }
}
