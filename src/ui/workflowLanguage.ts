import type { Disposable } from "../base/disposable";

/** A place in the workflow file. Lines and columns start at 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something wrong in the workflow file. The end is not included; an empty range means the whole line. */
export interface WorkflowMark {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly severity: "error" | "warning";
}

/** What is known of a key, in sentences for the owner. */
export interface KeyWords {
  readonly about: string;
  readonly expects: string;
  readonly byDefault: string;
  /** When the owner is asked before it takes effect; undefined when never. */
  readonly consent: string | undefined;
}

/** Something that can be written at a place; columns start at 1. */
export interface WorkflowProposal {
  readonly kind: "group" | "key" | "value";
  readonly label: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly isDefault: boolean;
  readonly facts: KeyWords;
}

/** What can be said of the workflow file while somebody writes it. */
export interface WorkflowLanguage {
  /** Absolute path of the file; undefined where there is none to read, for example in Restricted Mode. */
  path(): string | undefined;
  /** The file on the disk may read differently, or another file is meant. */
  readonly onDidChange: (listener: () => void) => Disposable;
  /** @param saved the text is what the editor last saw on the disk. */
  marks(text: string, saved: boolean): Promise<readonly WorkflowMark[]>;
  keyAt(
    text: string,
    place: Place,
  ): Promise<
    { readonly key: string; readonly facts: KeyWords; readonly start: Place; readonly end: Place } | undefined
  >;
  completionsAt(text: string, place: Place): Promise<readonly WorkflowProposal[]>;
}
