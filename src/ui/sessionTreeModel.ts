import { isExecuting, workerPhase, type SessionView, type WorkerState } from "../core/state";
import { escapeLinks, oneLine } from "./safeText";
import { sessionAbilities } from "./sessionAbilities";
import { sessionChildren } from "./sessionChildren";
import { sessionDescription, sessionSpoken } from "./sessionDescription";
import { groupIds, groupLabel, groupOf, iconOf, phaseWord, type GroupId } from "./sessionLook";
import { elapsedWord, tokensWord } from "./time";
import { tooltipCard } from "./tooltip";
import type { L10n } from "./l10n";
import { row, type Row } from "./treeRow";

const hourMs = 3_600_000;
/** How long ended sessions stay in the view. Failed ones want a look, so they outlast a weekend. */
const keptMs: Readonly<Partial<Record<GroupId, number>>> = { done: 8 * hourMs, failed: 7 * 24 * hourMs };

/** The id of a session's row. */
export function sessionRowId(sessionId: string): string {
  return `session:${sessionId}`;
}

/** The whole sessions view as data: groups with their sessions, empty groups left out. */
export function sessionTree(state: WorkerState, now: number, l10n: L10n): readonly Row[] {
  const groups = new Map<GroupId, SessionView[]>();
  for (const session of visibleSessions(state, now)) {
    const group = groupOf(session);
    groups.set(group, [...(groups.get(group) ?? []), session]);
  }
  return groupIds.flatMap((group) => {
    const sessions = groups.get(group);
    return sessions === undefined ? [] : [groupRow(group, inOrder(group, sessions), state, now, l10n)];
  });
}

/** The sessions that the view shows at all. */
export function visibleSessions(state: WorkerState, now: number): readonly SessionView[] {
  return [...state.sessions.values()].filter((session) => {
    if (session.archived) return false;
    const kept = keptMs[groupOf(session)];
    return kept === undefined || session.endedAt === undefined || now - session.endedAt < kept;
  });
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
  sessions: readonly SessionView[],
  state: WorkerState,
  now: number,
  l10n: L10n,
): Row {
  const label = groupLabel(group, l10n);
  const quiet = group === "done" || group === "elsewhere";
  return row({
    id: `group:${group}`,
    sessionId: undefined,
    label,
    description: String(sessions.length),
    contextValue: ";group;",
    spoken:
      sessions.length === 1
        ? l10n.t("{0}, 1 session", label)
        : l10n.t("{0}, {1} sessions", label, sessions.length),
    folding: quiet ? "collapsed" : "expanded",
    children: sessions.map((session) => sessionRow(session, state, now, l10n)),
  });
}

function sessionRow(session: SessionView, state: WorkerState, now: number, l10n: L10n): Row {
  const children = sessionChildren(session, now, l10n);
  return row({
    id: sessionRowId(session.sessionId),
    sessionId: session.sessionId,
    label: oneLine(session.title),
    description: sessionDescription(session, now, l10n),
    icon: iconOf(session.phase),
    tooltip: sessionTooltip(session, now, l10n),
    spoken: sessionSpoken(session, now, l10n),
    contextValue: `;session;${session.phase};${sessionAbilities(session, state).join(";")};`,
    folding: children.length === 0 ? "none" : session.phase === "awaitingInput" ? "expanded" : "collapsed",
    children,
  });
}

function sessionTooltip(session: SessionView, now: number, l10n: L10n): string {
  const usage = session.usage;
  const lease = session.leaseEndsAt;
  return tooltipCard(session.title, [
    { name: l10n.t("State"), value: phaseWord(session.phase, l10n) },
    { name: l10n.t("Now"), value: isExecuting(session.phase) ? session.liveStep : undefined },
    { name: l10n.t("Note"), value: session.detail },
    { name: l10n.t("Branch"), value: session.branch },
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
    { name: l10n.t("Session"), value: session.sessionId },
  ]);
}

/** Queues in the order they came, what runs by its start, what ended with the newest first. */
function inOrder(group: GroupId, sessions: readonly SessionView[]): readonly SessionView[] {
  const started = (one: SessionView): number => one.startedAt ?? one.createdAt;
  const ended = (one: SessionView): number => one.endedAt ?? started(one);
  const byId = (a: SessionView, b: SessionView): number => (a.sessionId < b.sessionId ? -1 : 1);
  switch (group) {
    case "queued":
      return sessions.toSorted((a, b) => a.createdAt - b.createdAt || byId(a, b));
    case "needsYou":
    case "running":
    case "elsewhere":
      return sessions.toSorted((a, b) => started(a) - started(b) || byId(a, b));
    case "done":
    case "failed":
      return sessions.toSorted((a, b) => ended(b) - ended(a) || byId(a, b));
  }
}
