import type { CommandId } from "./commandIds";

/** A button of a notification. */
export interface NoteAction {
  readonly label: string;
  readonly command: CommandId;
  /** What the command gets beside the session. */
  readonly given?: Readonly<Record<string, string>>;
}

export interface Note {
  readonly severity: "info" | "warning" | "error";
  /** Foreign text in it cannot become a link. */
  readonly message: string;
  readonly actions: readonly NoteAction[];
  readonly sessionId: string | undefined;
}
