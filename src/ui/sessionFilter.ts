import { clip } from "../core/text";
import type { SessionView } from "../core/state";
import type { L10n } from "./l10n";
import type { Unit } from "./runModel";
import { escapeLinks } from "./safeText";
import { groupLabel, type GroupId } from "./sessionLook";

/** Which sessions the view shows. */
export interface SessionFilter {
  /** Words that all stand somewhere in a session's title, branch, mode or id; in any case of letters. */
  readonly text: string;
  /** Empty: every group that is in sight. */
  readonly groups: readonly GroupId[];
}

export function isEmptyFilter({ text, groups }: SessionFilter): boolean {
  return text.trim() === "" && groups.length === 0;
}

/**
 * The units in sight. A run is where any of its sessions has all the words. Without a filter that names them, what was hidden
 * is not.
 */
export function passing(units: readonly Unit[], filter: SessionFilter | undefined): readonly Unit[] {
  const words = wordsOf(filter?.text ?? "");
  const groups = filter?.groups ?? [];
  return units.filter(
    ({ group, sessions }) =>
      (groups.length === 0 ? group !== "hidden" : groups.includes(group)) &&
      (words.length === 0 || sessions.some((one) => hasAll(one, words))),
  );
}

function hasAll({ title, branch = "", sessionId, workflow }: SessionView, words: readonly string[]): boolean {
  const text = `${title}\n${branch}\n${workflow?.branch ?? ""}\n${workflow?.mode ?? ""}\n${sessionId}`;
  const lower = text.toLocaleLowerCase();
  return words.every((word) => lower.includes(word));
}

function wordsOf(text: string): readonly string[] {
  return text
    .toLocaleLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== "");
}

/** What stands above the rows while a filter is on. */
export function filterMessage(filter: SessionFilter, shown: number, l10n: L10n): string {
  const names = filter.groups.map((group) => groupLabel(group, l10n)).join(", ");
  const text = escapeLinks(clip(filter.text.trim(), 60));
  const what =
    text === ""
      ? l10n.t("Filtered by {0}", names)
      : names === ""
        ? l10n.t("Filtered by “{0}”", text)
        : l10n.t("Filtered by “{0}” in {1}", text, names);
  const count =
    shown === 0
      ? l10n.t("no session matches")
      : shown === 1
        ? l10n.t("1 session matches")
        : l10n.t("{0} sessions match", shown);
  return `${what}: ${count}.`;
}
