import type { CommandId } from "./commandIds";
import type { EditorCommandId } from "./menuEntry";

/** A button of a notification. */
export interface NoteAction {
  readonly label: string;
  readonly command: CommandId | EditorCommandId;
  /** What the command gets beside the session. */
  readonly given?: Readonly<Record<string, string>>;
}

/** Notes of one kind are joined where many come at once. `run`: a workflow run that does not go on. */
export type NoteKind = "needsYou" | "failed" | "claimLost" | "run" | "complete";

export interface Note {
  readonly severity: "info" | "warning" | "error";
  /** Foreign text in it cannot become a link. */
  readonly message: string;
  readonly actions: readonly NoteAction[];
  /** What it is about; undefined for one about the worker, which waits for nothing. */
  readonly about: NoteSubject | undefined;
}

/** The session of a note, and what has to hold of it when the note is shown. */
export interface NoteSubject {
  readonly kind: NoteKind;
  readonly sessionId: string;
  /** Cannot become a link. */
  readonly title: string;
  /** The state it tells of, as `mark` of the session. */
  readonly mark: string;
  /** The question it tells of, where it is one. */
  readonly questionId: string | undefined;
}
