import type { CommandId, InternalCommandId } from "./commandIds";

/** The editor's own commands that the menu offers where the worker cannot begin. */
export type EditorCommandId =
  "workbench.trust.manage" | "workbench.action.files.openFolder" | "oneHorizon.sessions.focus";

/** A line of the worker's menu. All text is shown as it is, foreign words included. */
export interface MenuEntry {
  /** A codicon. */
  readonly icon: string;
  readonly label: string;
  readonly description?: string | undefined;
  /** A second line: what it does, where the label does not say it. */
  readonly detail?: string | undefined;
  readonly does: MenuDeed;
}

export type MenuDeed =
  | {
      readonly kind: "run";
      readonly command: CommandId | InternalCommandId | EditorCommandId;
      /** The session it is about, and its question. */
      readonly given?: { readonly sessionId: string; readonly questionId?: string };
    }
  /** The next page: what can be done with a session. */
  | { readonly kind: "open"; readonly sessionId: string };

/** Entries under a heading. */
export interface MenuSection {
  readonly title: string;
  readonly entries: readonly MenuEntry[];
}
