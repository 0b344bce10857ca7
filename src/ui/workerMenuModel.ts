import { isExecuting, type SessionView, type WorkerState } from "../core/state";
import { clip } from "../core/text";
import { sessionCommandId } from "./commandIds";
import type { L10n } from "./l10n";
import type { MenuEntry, MenuSection } from "./menuEntry";
import { sentence } from "./questionModel";
import { isPossible } from "./sessionAbilities";
import { sessionDescription } from "./sessionDescription";
import { groupOf } from "./sessionLook";
import { visibleSessions } from "./sessionTreeModel";
import { workerEntries } from "./workerEntries";

export interface MenuScene {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly sandbox: boolean;
}

/** Everything the worker can do now, what matters most first; nothing that it cannot. */
export function workerMenu(state: WorkerState, scene: MenuScene, l10n: L10n): readonly MenuSection[] {
  const sections = [
    { title: l10n.t("Needs you"), entries: needingEntries(state, scene.now, l10n) },
    { title: l10n.t("Worker"), entries: workerEntries(state, scene.sandbox, l10n) },
    { title: l10n.t("Sessions"), entries: sessionEntries(state, scene.now, l10n) },
    { title: l10n.t("More"), entries: moreEntries(state, l10n) },
  ];
  return sections.filter(({ entries }) => entries.length > 0);
}

/** One entry for each open question; a session that only the platform can answer has one too. */
function needingEntries(state: WorkerState, now: number, l10n: L10n): readonly MenuEntry[] {
  const needing = visibleSessions(state, now).filter((one) => groupOf(one) === "needsYou");
  return needing.flatMap((session) => {
    const { sessionId, questions } = session;
    if (questions.length === 0) return [waitingEntry(session, l10n)];
    return questions.map((question) => ({
      icon: question.about === "question" ? "question" : "shield",
      label: clip(session.title, 80),
      detail: sentence(question, 150, l10n),
      does: {
        kind: "run",
        command: sessionCommandId("answer"),
        given: { sessionId, questionId: question.questionId },
      } as const,
    }));
  });
}

function waitingEntry({ sessionId, title, detail, externalUrl }: SessionView, l10n: L10n): MenuEntry {
  return {
    icon: "comment-unresolved",
    label: clip(title, 80),
    description: l10n.t("waits for your answer in One Horizon"),
    detail: detail === undefined ? undefined : clip(detail, 150),
    does: {
      kind: "run",
      command: sessionCommandId(externalUrl === undefined ? "show" : "openUrl"),
      given: { sessionId },
    },
  };
}

function sessionEntries(state: WorkerState, now: number, l10n: L10n): readonly MenuEntry[] {
  const sessions = visibleSessions(state, now);
  const running = sessions.filter((one) => isExecuting(one.phase));
  const offered = [
    { verb: "claim", icon: "play", label: l10n.t("Claim a session") },
    { verb: "release", icon: "debug-disconnect", label: l10n.t("Release a session") },
    { verb: "showChanges", icon: "diff-multiple", label: l10n.t("Show a session's changes") },
  ] as const;
  return [
    ...running.map((session) => ({
      icon: "loading~spin",
      label: clip(session.title, 80),
      description: sessionDescription(session, now, l10n),
      does: { kind: "open", sessionId: session.sessionId } as const,
    })),
    ...offered
      .filter(({ verb }) => sessions.some((session) => isPossible(verb, session, state)))
      .map(({ verb, icon, label }) => ({
        icon,
        label,
        does: { kind: "run", command: sessionCommandId(verb) } as const,
      })),
  ];
}

function moreEntries({ phase }: WorkerState, l10n: L10n): readonly MenuEntry[] {
  const entry = (
    command: Extract<MenuEntry["does"], { kind: "run" }>["command"],
    icon: string,
    label: string,
  ): MenuEntry => ({ icon, label, does: { kind: "run", command } });
  const withFolder = phase.kind !== "untrusted" && phase.kind !== "noRepository";
  return [
    entry("oneHorizon.sessions.focus", "list-tree", l10n.t("Show sessions")),
    entry("oneHorizon.internal.openPlatform", "link-external", l10n.t("Open One Horizon")),
    entry("oneHorizon.workflow.open", "go-to-file", l10n.t("Open WORKFLOW.md")),
    ...(withFolder ? [entry("oneHorizon.worktrees.cleanUp", "trash", l10n.t("Clean up worktrees"))] : []),
    entry("oneHorizon.diagnostics.check", "checklist", l10n.t("Run diagnostics")),
    entry("oneHorizon.internal.showLog", "output", l10n.t("Show log")),
  ];
}
