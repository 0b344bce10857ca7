import { groupOf } from "./sessionLook";
import type { Unit } from "./runModel";
import { modeName, runFacts } from "./runWords";
import { oneLine } from "./safeText";
import { joined } from "./sessionDescription";
import { phaseWord } from "./sessionLook";
import type { Scene } from "./scene";
import { sessionFace, sessionIcon, spokenFace } from "./sessionRow";
import { tooltipCard } from "./tooltip";
import { row, type Row } from "./treeRow";

/** The title that a run's row has: its first session's. */
export function runTitle({ sessions, lead }: Unit): string {
  return oneLine((sessions[0] ?? lead).title);
}

/**
 * A run that has several sessions here.
 * @param children the rows of its sessions.
 */
export function runRow(runId: string, unit: Unit, scene: Scene, children: () => readonly Row[]): Row {
  const { sessions, lead, latestId, group } = unit;
  const { l10n, nameOf } = scene;
  const latest = latestId === lead.sessionId;
  const title = runTitle(unit);
  const count = l10n.t("{0} sessions", sessions.length);
  const news = sessions.some((one) => scene.unread(one.sessionId)) ? l10n.t("unread") : undefined;
  return row({
    id: `run:${runId}`,
    sessionId: undefined,
    label: title,
    description: joined([modeName(lead.workflow?.mode, l10n), sessionFace(lead, latest, scene)]),
    icon: sessionIcon(lead, latest),
    tooltip: () =>
      tooltipCard(title, [
        { name: l10n.t("Sessions"), value: String(sessions.length) },
        { name: l10n.t("State"), value: phaseWord(lead.phase, l10n) },
        ...runFacts(lead, latest, l10n, nameOf),
      ]),
    spoken: joined([title, news, l10n.t("workflow run"), count, spokenFace(lead, latest, scene)], ", "),
    marked: true,
    contextValue: ";run;",
    // What is over folds away; what goes on, or is stuck, shows its steps.
    folding: group === "done" || group === "elsewhere" || group === "earlier" ? "collapsed" : "expanded",
    children,
  });
}

/** How many of a unit's sessions its group's heading counts: those that stand so themselves, and the one that leads. */
export function countIn({ sessions, lead, group }: Unit): number {
  if (sessions.length === 1) return 1;
  return sessions.filter((one) => one === lead || group === "earlier" || groupOf(one) === group).length;
}
