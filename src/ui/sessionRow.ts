import { isExecuting, type SessionView, type WorkerState } from "../core/state";
import type { L10n } from "./l10n";
import { runState } from "./runModel";
import { runRows, verdictIcon } from "./runRows";
import { modeName, runFacts, runStanding } from "./runWords";
import { oneLine } from "./safeText";
import { sessionAbilities } from "./sessionAbilities";
import { sessionChildren } from "./sessionChildren";
import { joined, sessionDescription, spokenState } from "./sessionDescription";
import { iconOf, phaseWord, type RowIcon } from "./sessionLook";
import { elapsedWord, tokensWord } from "./time";
import { tooltipCard, type TooltipFact } from "./tooltip";
import { row, type Row } from "./treeRow";

/** What every row is drawn from. */
export interface Scene {
  readonly state: WorkerState;
  readonly now: number;
  readonly l10n: L10n;
}

/** The id of a session's row, wherever it stands. */
export function sessionRowId(sessionId: string): string {
  return `session:${sessionId}`;
}

/** @param latest false where a later session of the same run is here. */
export function sessionRow(session: SessionView, latest: boolean, scene: Scene): Row {
  const { state, now, l10n } = scene;
  const children = [...runRows(session, state, latest, l10n), ...sessionChildren(session, now, l10n)];
  const title = oneLine(session.title);
  return row({
    id: sessionRowId(session.sessionId),
    sessionId: session.sessionId,
    label: title,
    description: joined([modeName(session.workflow?.mode, l10n), sessionFace(session, latest, scene)]),
    icon: sessionIcon(session, latest),
    tooltip: sessionTooltip(session, latest, scene),
    spoken: joined([title, spokenFace(session, latest, scene)], ", "),
    contextValue: `;session;${session.phase};${sessionAbilities(session, state).join(";")};`,
    folding: children.length === 0 ? "none" : session.phase === "awaitingInput" ? "expanded" : "collapsed",
    children,
  });
}

/** How a session stands, its place in its run first. */
export function sessionFace(session: SessionView, latest: boolean, { now, l10n }: Scene): string {
  return joined([...runStanding(session, latest, l10n), sessionDescription(session, now, l10n)]);
}

/** The same as a sentence, without the title. */
export function spokenFace(session: SessionView, latest: boolean, { now, l10n }: Scene): string {
  const mode = modeName(session.workflow?.mode, l10n);
  return joined([mode, ...spokenState(session, now, l10n), ...runStanding(session, latest, l10n)], ", ");
}

/** The state's icon; a run that stands still, or was judged, shows that. */
export function sessionIcon(session: SessionView, latest: boolean): RowIcon {
  const state = runState(session, latest);
  const verdict = session.workflow?.verdict;
  if (state === "stalled") return { id: "warning", color: "problemsWarningIcon.foreground" };
  return session.phase === "complete" && verdict !== undefined ? verdictIcon(verdict) : iconOf(session.phase);
}

function sessionTooltip(session: SessionView, latest: boolean, { now, l10n }: Scene): string {
  return tooltipCard(session.title, [
    { name: l10n.t("State"), value: phaseWord(session.phase, l10n) },
    { name: l10n.t("Now"), value: isExecuting(session.phase) ? session.liveStep : undefined },
    { name: l10n.t("Note"), value: session.detail },
    ...(session.workflow === undefined
      ? [{ name: l10n.t("Branch"), value: session.branch }]
      : runFacts(session, latest, l10n)),
    ...workFacts(session, now, l10n),
    { name: l10n.t("Session"), value: session.sessionId },
  ]);
}

function workFacts({ usage, ...session }: SessionView, now: number, l10n: L10n): readonly TooltipFact[] {
  const lease = session.leaseEndsAt;
  return [
    { name: l10n.t("Worktree"), value: session.worktreePath },
    { name: l10n.t("Model"), value: session.model },
    {
      name: l10n.t("Tokens"),
      value:
        usage === undefined
          ? undefined
          : l10n.t(
              "{0} in, {1} of them cached, {2} out",
              tokensWord(usage.inputTokens),
              tokensWord(usage.cachedInputTokens),
              tokensWord(usage.outputTokens),
            ),
    },
    {
      name: l10n.t("Lease"),
      value:
        lease === undefined || lease < now ? undefined : l10n.t("{0} left", elapsedWord(lease - now, l10n)),
    },
  ];
}
