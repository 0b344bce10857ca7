import type { WorkerState } from "../core/state";
import type { L10n } from "./l10n";
import { unitsOf } from "./runModel";
import { groupIds, groupLabel, type GroupId } from "./sessionLook";

/** A state to show, as a quick pick that also takes words has it: typing hides none of them. */
export interface FilterChoice {
  readonly label: string;
  readonly description: string;
  readonly alwaysShow: true;
  readonly group: GroupId;
}

/** Every state of the view, with the number of its sessions. */
export function filterChoices(state: WorkerState, now: number, l10n: L10n): readonly FilterChoice[] {
  const counts = new Map<GroupId, number>();
  for (const { group, sessions } of unitsOf(state, now)) {
    counts.set(group, (counts.get(group) ?? 0) + sessions.length);
  }
  return groupIds.map((group) => ({
    label: groupLabel(group, l10n),
    description: String(counts.get(group) ?? 0),
    alwaysShow: true,
    group,
  }));
}
