import type { L10n } from "./l10n";
import type { Note, NoteAction, NoteKind, NoteSubject } from "./note";

/** This many of one kind are told one by one, more of them in one note. */
const fewEnough = 2;
/** How many titles a joined note names. */
const named = 3;

/** The notes as they are shown: few as they are, many of one kind as one. @param notes all of one kind. */
export function joinedNotes(notes: readonly Note[], l10n: L10n): readonly Note[] {
  const subjects = notes.flatMap(({ about }) => about ?? []);
  const [first] = subjects;
  if (first === undefined || notes.length <= fewEnough) return notes;
  const sessions = [...new Map(subjects.map((one) => [one.sessionId, one])).values()];
  // Several questions of one session stay its own.
  if (sessions.length <= fewEnough) return notes;
  const show: NoteAction = { label: l10n.t("Show Sessions"), command: "oneHorizon.sessions.focus" };
  const choose: NoteAction = { label: l10n.t("Choose…"), command: "oneHorizon.worker.menu" };
  return [
    {
      severity: severityOf(first.kind),
      message: `${countSentence(first.kind, sessions.length, l10n)} ${names(sessions, l10n)}`,
      actions: first.kind === "needsYou" ? [choose, show] : [show],
      about: undefined,
    },
  ];
}

function severityOf(kind: NoteKind): Note["severity"] {
  switch (kind) {
    case "failed":
      return "error";
    case "needsYou":
    case "claimLost":
    case "run":
      return "warning";
    case "complete":
      return "info";
  }
}

/** Always of more than two. */
function countSentence(kind: NoteKind, count: number, l10n: L10n): string {
  switch (kind) {
    case "needsYou":
      return l10n.t("{0} sessions need you.", count);
    case "failed":
      return l10n.t("{0} sessions failed. Their worktrees are kept.", count);
    case "claimLost":
      return l10n.t("The claims on {0} sessions were lost. Their worktrees are kept.", count);
    case "run":
      return l10n.t("{0} workflow runs do not go on. What was done is kept.", count);
    case "complete":
      return l10n.t("{0} sessions are complete.", count);
  }
}

function names(sessions: readonly NoteSubject[], l10n: L10n): string {
  const titles = sessions.slice(0, named).map(({ title }) => l10n.t("“{0}”", title));
  const more = sessions.length - titles.length;
  const list = titles.join(", ");
  return more === 0 ? list : l10n.t("{0} and {1} more", list, more);
}
