import type { SessionView, WorkerState } from "../core/state";
import { clip } from "../core/text";
import type { Note, NoteKind, NoteSubject } from "./note";
import { runState } from "./runModel";
import { escapeLinks } from "./safeText";

/** What of a session is told once: two attempts of one session are two things to tell. */
export function mark(session: SessionView, run = runState(session, true)): string {
  // Another question in the same phase is news too.
  const waits = session.phase === "awaitingInput" && session.questions.length === 0;
  const question = waits ? (session.detail ?? "") : "";
  const stuck = run === "stalled" || run === "rejected" ? run : "";
  return `${session.phase}:${session.startedAt ?? 0}:${question}:${stuck}`;
}

export function titleOf({ title }: Pick<SessionView, "title">): string {
  return escapeLinks(clip(title, 80));
}

export function subjectOf(session: SessionView, kind: NoteKind, questionId?: string): NoteSubject {
  const { sessionId } = session;
  return { kind, sessionId, title: titleOf(session), mark: mark(session), questionId };
}

/** Is what the note tells still so? Sessions that are away, as while the worker starts anew, contradict nothing. */
export function isStillTrue({ about }: Note, state: Pick<WorkerState, "sessions">): boolean {
  if (about === undefined) return true;
  const session = state.sessions.get(about.sessionId);
  const { questionId } = about;
  if (questionId !== undefined) {
    return session?.questions.some((one) => one.questionId === questionId) === true && !session.archived;
  }
  return session === undefined || (!session.archived && mark(session) === about.mark);
}
