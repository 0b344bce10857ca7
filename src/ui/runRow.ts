import type { SessionView } from "../core/state";
import { type Unit } from "./runModel";
import { modeName, runFacts } from "./runWords";
import { oneLine } from "./safeText";
import { joined } from "./sessionDescription";
import { phaseWord } from "./sessionLook";
import { sessionFace, sessionIcon, sessionRow, spokenFace, type Scene } from "./sessionRow";
import { tooltipCard } from "./tooltip";
import { row, type Row } from "./treeRow";

/** What stands together: a run with its sessions under it, or a session alone. One session of a run stands plainly. */
export function unitRow(unit: Unit, scene: Scene): Row {
  const { runId, sessions, lead } = unit;
  const several = runId !== undefined && sessions.length > 1;
  return several ? runRow(runId, unit, scene) : sessionRow(lead, true, scene);
}

function runRow(runId: string, { sessions, lead, group }: Unit, scene: Scene): Row {
  const { l10n } = scene;
  const title = oneLine((sessions[0] ?? lead).title);
  const latest = sessions.at(-1) === lead;
  const count = l10n.t("{0} sessions", sessions.length);
  return row({
    id: `run:${runId}`,
    sessionId: undefined,
    label: title,
    description: joined([modeName(lead.workflow?.mode, l10n), sessionFace(lead, latest, scene)]),
    icon: sessionIcon(lead, latest),
    tooltip: tooltipCard(title, [
      { name: l10n.t("Sessions"), value: String(sessions.length) },
      { name: l10n.t("State"), value: phaseWord(lead.phase, l10n) },
      ...runFacts(lead, latest, l10n),
    ]),
    spoken: joined([title, l10n.t("workflow run"), count, spokenFace(lead, latest, scene)], ", "),
    contextValue: ";run;",
    // What is over folds away; what goes on, or is stuck, shows its steps.
    folding: group === "done" || group === "elsewhere" ? "collapsed" : "expanded",
    children: sessions.map((one) => stepRow(one, title, one === sessions.at(-1), scene)),
  });
}

/** A session under its run: its mode tells it apart, since a run's sessions mostly share one title. */
function stepRow(session: SessionView, runTitle: string, latest: boolean, scene: Scene): Row {
  const title = oneLine(session.title);
  const mode = modeName(session.workflow?.mode, scene.l10n);
  const label = mode === undefined ? title : title === runTitle ? mode : `${mode}: ${title}`;
  const description = sessionFace(session, latest, scene);
  return { ...sessionRow(session, latest, scene), label, description };
}
