import type { SessionPhase, SessionView, WorkerState } from "../core/state";
import { clip } from "../core/text";
import type { OpenQuestion } from "../core/ports/person";
import type { L10n } from "./l10n";
import { isShownWhole, sentence } from "./questionModel";
import type { Note, NoteAction } from "./note";
import { runNote } from "./runNotes";
import { isLatest, runState } from "./runModel";
import { escapeLinks } from "./safeText";

export type NotificationLevel = "all" | "important" | "none";

/** What was last seen of each session and of the worker, so that each state is told once. */
export interface NoteMemory {
  readonly phase: WorkerState["phase"]["kind"];
  readonly sessions: ReadonlyMap<string, string>;
  /** Every question that was seen: each is told once. */
  readonly questions: ReadonlySet<string>;
}

/**
 * What `state` looks like to the memory. Two attempts of one session are two things to tell.
 * @param before what was known until now: sessions leave the state while a worker starts, and come back as they were.
 */
export function remember(state: WorkerState, before?: NoteMemory): NoteMemory {
  return {
    phase: state.phase.kind,
    sessions: new Map([
      ...(before?.sessions ?? []),
      ...[...state.sessions.values()].map((one) => [one.sessionId, mark(one)] as const),
    ]),
    questions: new Set([...(before?.questions ?? []), ...questionsOf(state)]),
  };
}

function questionsOf(state: WorkerState): readonly string[] {
  return [...state.sessions.values()].flatMap((one) => one.questions.map(({ questionId }) => questionId));
}

/**
 * The notes that going from `before` to `state` is worth.
 * @param since when this window began to watch, epoch milliseconds: what ended before is old news.
 */
export function notesFor(
  before: NoteMemory,
  state: WorkerState,
  level: NotificationLevel,
  since: number,
  l10n: L10n,
): readonly Note[] {
  if (level === "none") return [];
  // The window that runs the worker tells of its sessions; each other one would tell the same again.
  const own = state.phase.kind === "otherWindow" ? [] : [...state.sessions.values()];
  const notes = own
    .filter((session) => isNews(before.sessions.get(session.sessionId), session, since))
    .flatMap(
      (session) => runNote(session, isLatest(session, own), l10n) ?? sessionNote(session, level, l10n) ?? [],
    );
  const asked = own.flatMap((session) =>
    session.questions
      .filter((one) => !before.questions.has(one.questionId))
      .map((one) => questionNote(session, one, l10n)),
  );
  return [...workerNotes(before.phase, state, l10n), ...notes, ...asked];
}

function isNews(was: string | undefined, session: SessionView, since: number): boolean {
  if (was === mark(session) || session.archived) return false;
  // A run that goes on after all is no news of the session that it had waited for.
  if (was === mark(session, "stalled")) return false;
  // First sight of a session, as after a reload, is news only if its state came about while we watched.
  return was !== undefined || (session.endedAt ?? session.startedAt ?? session.createdAt) >= since;
}

function mark(session: SessionView, run = runState(session, true)): string {
  // Another question in the same phase is news too.
  const waits = session.phase === "awaitingInput" && session.questions.length === 0;
  const question = waits ? (session.detail ?? "") : "";
  const stuck = run === "stalled" || run === "rejected" ? run : "";
  return `${session.phase}:${session.startedAt ?? 0}:${question}:${stuck}`;
}

function questionNote(session: SessionView, question: OpenQuestion, l10n: L10n): Note {
  const title = escapeLinks(clip(session.title, 80));
  const given = { questionId: question.questionId };
  const deny: NoteAction = { label: l10n.t("Deny"), command: "oneHorizon.session.deny", given };
  const review: NoteAction = { label: l10n.t("Review…"), command: "oneHorizon.session.answer", given };
  const answer: NoteAction = { ...review, label: l10n.t("Answer…") };
  const approve: NoteAction = { ...deny, label: l10n.t("Approve"), command: "oneHorizon.session.approve" };
  const always: NoteAction = {
    ...deny,
    label: l10n.t("Approve for Session"),
    command: "oneHorizon.session.approveForSession",
  };
  const cancel: NoteAction = { ...review, label: l10n.t("Cancel"), given: { ...given, decision: "cancel" } };
  const decide = [approve, ...(question.forSession ? [always] : []), deny, cancel];
  // What is not shown whole is not approved at a glance.
  const approval = isShownWhole(question) ? decide : [review, deny, cancel];
  return {
    severity: "warning",
    message: l10n.t("“{0}” {1}", title, escapeLinks(sentence(question, 300, l10n))),
    actions: question.about === "question" ? [answer] : approval,
    sessionId: session.sessionId,
  };
}

function sessionNote(session: SessionView, level: NotificationLevel, l10n: L10n): Note | undefined {
  const title = escapeLinks(clip(session.title, 80));
  const detail = session.detail === undefined ? "" : escapeLinks(clip(session.detail, 300));
  const show: NoteAction = { label: l10n.t("Show"), command: "oneHorizon.session.show" };
  const openUrl: NoteAction = { label: l10n.t("Open in One Horizon"), command: "oneHorizon.session.openUrl" };
  const log: NoteAction = { label: l10n.t("Show Log"), command: "oneHorizon.session.openLog" };
  const worktree: NoteAction = { label: l10n.t("Open Worktree"), command: "oneHorizon.session.openWorktree" };
  const changes: NoteAction = { label: l10n.t("Show Changes"), command: "oneHorizon.session.showChanges" };
  const inWorktree = session.worktreePath === undefined ? [] : [worktree];
  if (session.questions.length > 0) return undefined;
  const kind: Partial<Record<SessionPhase, () => Note>> = {
    awaitingInput: () => ({
      severity: "warning",
      message:
        detail === "" ? l10n.t("“{0}” needs your answer.", title) : l10n.t("“{0}” asks: {1}", title, detail),
      actions: session.externalUrl === undefined ? [show] : [openUrl, show],
      sessionId: session.sessionId,
    }),
    failed: () => ({
      severity: "error",
      message: detail === "" ? l10n.t("“{0}” failed.", title) : l10n.t("“{0}” failed. {1}", title, detail),
      actions: [log, show],
      sessionId: session.sessionId,
    }),
    claimLost: () => ({
      severity: "warning",
      message:
        detail === ""
          ? l10n.t("The claim on “{0}” was lost. The worktree is kept.", title)
          : l10n.t("The claim on “{0}” was lost. {1}", title, detail),
      actions: [...inWorktree, show],
      sessionId: session.sessionId,
    }),
  };
  if (level === "all") {
    kind.complete = () => ({
      severity: "info",
      message:
        runState(session, true) === "handedOver"
          ? l10n.t("“{0}” is complete. Its run was handed over to the next step.", title)
          : l10n.t("“{0}” is complete.", title),
      actions: session.worktreePath === undefined ? [show] : [changes, show],
      sessionId: session.sessionId,
    });
  }
  return kind[session.phase]?.();
}

function workerNotes(was: NoteMemory["phase"], state: WorkerState, l10n: L10n): readonly Note[] {
  const phase = state.phase;
  if (phase.kind === was) return [];
  if (phase.kind === "rejected") {
    return [
      {
        severity: "error",
        message: escapeLinks(phase.message),
        actions: [
          { label: l10n.t("Start Again"), command: "oneHorizon.worker.start" },
          { label: l10n.t("Configure"), command: "oneHorizon.worker.configure" },
        ],
        sessionId: undefined,
      },
    ];
  }
  const worked = was === "online" || was === "paused" || was === "starting" || was === "stopping";
  if (phase.kind === "signedOut" && worked) {
    return [
      {
        severity: "error",
        message: l10n.t("One Horizon signed this worker out. It runs nothing until you sign in again."),
        actions: [{ label: l10n.t("Sign In"), command: "oneHorizon.auth.signIn" }],
        sessionId: undefined,
      },
    ];
  }
  return [];
}
