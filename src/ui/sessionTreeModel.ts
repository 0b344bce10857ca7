import { workerPhase, type SessionView, type WorkerState } from "../core/state";
import type { L10n } from "./l10n";
import { RowMemo } from "./rowMemo";
import { unitsOf, visibleUnits, type Unit } from "./runModel";
import { countIn } from "./runRow";
import { escapeLinks } from "./safeText";
import { passing, type SessionFilter } from "./sessionFilter";
import { groupIds, groupLabel, groupOf, type GroupId } from "./sessionLook";
import type { Scene } from "./scene";
import { inOrder, type SessionSort } from "./sessionSort";
import { row, type Row } from "./treeRow";

/** How a person wants the view. */
export interface TreeWish {
  readonly filter: SessionFilter | undefined;
  readonly sort: SessionSort;
}

const plainWish: TreeWish = { filter: undefined, sort: "usual" };

/** The whole sessions view as data: groups with their sessions and runs, empty groups left out. */
export function sessionTree(
  state: WorkerState,
  now: number,
  l10n: L10n,
  wish: TreeWish = plainWish,
): readonly Row[] {
  return new TreeModel().rows(plainScene(state, now, l10n), wish);
}

/** A scene in which all was seen, and other workers have no names. */
export function plainScene(state: WorkerState, now: number, l10n: L10n): Scene {
  return { state, now, l10n, unread: () => false, nameOf: () => undefined };
}

/** The sessions view from update to update: what has not changed keeps its row. */
export class TreeModel {
  #memo: RowMemo | undefined;

  rows(scene: Scene, { filter, sort }: TreeWish): readonly Row[] {
    const memo = (this.#memo ??= new RowMemo(scene));
    memo.begin(scene);
    const groups = new Map<GroupId, Unit[]>();
    for (const unit of passing(unitsOf(scene.state, scene.now), filter)) {
      const units = groups.get(unit.group);
      if (units === undefined) groups.set(unit.group, [unit]);
      else units.push(unit);
    }
    // What is over must not stand in the place of the words on what to do now.
    if (filter === undefined && groups.size === 1 && !isAtWork(scene.state)) groups.delete("earlier");
    return groupIds.flatMap((group) => {
      const units = groups.get(group);
      if (units === undefined) return [];
      const rows = inOrder(group, units, sort, scene.now).map((unit) => memo.unitRow(unit));
      return [groupRow(group, units, rows, filter !== undefined, scene)];
    });
  }
}

function isAtWork({ phase }: Pick<WorkerState, "phase">): boolean {
  return workerPhase(phase).kind === "online";
}

/** The sessions that the view shows without being asked for more. */
export function visibleSessions(state: WorkerState, now: number): readonly SessionView[] {
  return visibleUnits(state, now).flatMap((unit) => unit.sessions);
}

/** How many sessions a filter finds. */
export function countShown(state: WorkerState, now: number, filter: SessionFilter): number {
  return passing(unitsOf(state, now), filter).reduce((sum, unit) => sum + unit.sessions.length, 0);
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

function groupRow(
  group: GroupId,
  units: readonly Unit[],
  children: readonly Row[],
  filtered: boolean,
  { l10n, unread }: Scene,
): Row {
  const label = groupLabel(group, l10n);
  let count = 0;
  let news = 0;
  for (const unit of units) {
    count += countIn(unit);
    for (const { sessionId } of unit.sessions) if (unread(sessionId)) news++;
  }
  const spoken = count === 1 ? l10n.t("{0}, 1 session", label) : l10n.t("{0}, {1} sessions", label, count);
  const quiet = group === "done" || group === "elsewhere" || group === "earlier" || group === "hidden";
  return row({
    // The editor keeps a folded row folded, but what a filter found is to be seen.
    id: filtered ? `found:${group}` : `group:${group}`,
    sessionId: undefined,
    label,
    description: String(count),
    marked: true,
    contextValue: ";group;",
    spoken: news === 0 ? spoken : l10n.t("{0}, {1} unread", spoken, news),
    folding: quiet && !filtered ? "collapsed" : "expanded",
    children,
  });
}
