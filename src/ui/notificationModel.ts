import type { SessionView, WorkerState } from "../core/state";
import { clip } from "../core/text";
import type { OpenQuestion } from "../core/ports/person";
import type { L10n } from "./l10n";
import { isShownWhole, sentence } from "./questionModel";
import type { Note, NoteAction } from "./note";
import { mark, subjectOf, titleOf } from "./noteMark";
import { isLatest, runState } from "./runModel";
import { runNote } from "./runNotes";
import { isPossible } from "./sessionAbilities";
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
      (session) =>
        runNote(session, isLatest(session, own), l10n) ?? sessionNote(session, state, level, l10n) ?? [],
    );
  const asked = own.flatMap((session) =>
    session.questions
      // What an earlier process of this window asked is no news: its row, the badge and the status bar tell of it.
      .filter((one) => !before.questions.has(one.questionId) && one.askedAt >= since)
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

function questionNote(session: SessionView, question: OpenQuestion, l10n: L10n): Note {
  const title = titleOf(session);
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
    about: subjectOf(session, "needsYou", question.questionId),
  };
}

function sessionNote(
  session: SessionView,
  state: WorkerState,
  level: NotificationLevel,
  l10n: L10n,
): Note | undefined {
  switch (session.phase) {
    case "awaitingInput":
      // Its questions are told one by one.
      return session.questions.length > 0 ? undefined : waitingNote(session, l10n);
    case "failed":
      return failedNote(session, state, l10n);
    case "claimLost":
      return claimLostNote(session, l10n);
    case "complete":
      return level === "all" ? completeNote(session, l10n) : undefined;
    case "listed":
    case "claiming":
    case "preparing":
    case "running":
    case "finishing":
    case "interrupted":
    case "cancelled":
    case "released":
    case "elsewhere":
      return undefined;
  }
}

function waitingNote(session: SessionView, l10n: L10n): Note {
  const title = titleOf(session);
  const detail = detailOf(session);
  const openUrl: NoteAction = { label: l10n.t("Open in One Horizon"), command: "oneHorizon.session.openUrl" };
  return {
    severity: "warning",
    message:
      detail === "" ? l10n.t("“{0}” needs your answer.", title) : l10n.t("“{0}” asks: {1}", title, detail),
    actions: session.externalUrl === undefined ? [show(l10n)] : [openUrl, show(l10n)],
    about: subjectOf(session, "needsYou"),
  };
}

function failedNote(session: SessionView, state: WorkerState, l10n: L10n): Note {
  const title = titleOf(session);
  const detail = detailOf(session);
  const log: NoteAction = { label: l10n.t("Show Log"), command: "oneHorizon.session.openLog" };
  const again = isPossible("claim", session, state) ? [claimAgain(l10n)] : [];
  return {
    severity: "error",
    message: detail === "" ? l10n.t("“{0}” failed.", title) : l10n.t("“{0}” failed. {1}", title, detail),
    actions: [...again, ...changes(session, l10n), show(l10n), log],
    about: subjectOf(session, "failed"),
  };
}

/** The next poll may offer it again; a click before that says what it waits for. */
function claimLostNote(session: SessionView, l10n: L10n): Note {
  const title = titleOf(session);
  const detail = detailOf(session);
  return {
    severity: "warning",
    message:
      detail === ""
        ? l10n.t("The claim on “{0}” was lost. The worktree is kept.", title)
        : // Why says of itself that the claim is gone.
          l10n.t("“{0}”: {1}", title, detail),
    actions: [claimAgain(l10n), ...changes(session, l10n), show(l10n)],
    about: subjectOf(session, "claimLost"),
  };
}

function completeNote(session: SessionView, l10n: L10n): Note {
  const title = titleOf(session);
  return {
    severity: "info",
    message:
      runState(session, true) === "handedOver"
        ? l10n.t("“{0}” is complete. Its run was handed over to the next step.", title)
        : l10n.t("“{0}” is complete.", title),
    actions: [...changes(session, l10n), show(l10n)],
    about: subjectOf(session, "complete"),
  };
}

function show(l10n: L10n): NoteAction {
  return { label: l10n.t("Show"), command: "oneHorizon.session.show" };
}

function claimAgain(l10n: L10n): NoteAction {
  return { label: l10n.t("Claim Again"), command: "oneHorizon.session.claim" };
}

/** Only where the command can show some. */
function changes(session: SessionView, l10n: L10n): readonly NoteAction[] {
  const { worktreePath, baseCommit } = session;
  return worktreePath === undefined || baseCommit === undefined
    ? []
    : [{ label: l10n.t("Show Changes"), command: "oneHorizon.session.showChanges" }];
}

function detailOf({ detail }: SessionView): string {
  return detail === undefined ? "" : escapeLinks(clip(detail, 300));
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
        about: undefined,
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
        about: undefined,
      },
    ];
  }
  return [];
}
