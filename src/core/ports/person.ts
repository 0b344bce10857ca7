/** What is asked of a person while the coding tool works, in the words of no particular tool. */
export interface Question {
  readonly about: "command" | "fileChange" | "permission" | "question";
  /** The command, the files, the permission or the question. Untrusted text, bounded. */
  readonly what: string;
  /** Folder inside the checkout, or outside of it; undefined for its top. Untrusted text, bounded. */
  readonly where: string | undefined;
  /** Why the tool wants it. Untrusted text, bounded. */
  readonly why: string | undefined;
  /** The tool can keep an approval for the rest of its thread. */
  readonly forSession: boolean;
  /** What a `question` asks, one by one; empty for an approval. */
  readonly parts: readonly QuestionPart[];
}

interface QuestionPart {
  readonly text: string;
  /** Answers to choose from; a person may always write another one. */
  readonly options: readonly string[];
  /** Its answer is not shown while it is typed, and not told in any report. */
  readonly secret: boolean;
}

/** A question that is open, as the views show it. */
export interface OpenQuestion extends Question {
  readonly questionId: string;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
}

/** - cancel: no, and the turn ends. */
export type Decision = "approve" | "approveForSession" | "deny" | "cancel";

export type Answer =
  | {
      readonly kind: "decision";
      readonly decision: Decision;
      /** Goes to the model as untrusted text. */
      readonly guidance: string | undefined;
    }
  /** One for each part of the question. */
  | { readonly kind: "texts"; readonly texts: readonly string[] };

/** An answer, or free text in its place: it answers a question, and denies what is to be approved. */
export type PersonAnswer = Answer | { readonly kind: "input"; readonly text: string };

/** Asks a person and waits as long as it takes. When the signal aborts the answer is `cancel`. Never rejects. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

/** Nobody answers any more. */
export const cancelled: Answer = { kind: "decision", decision: "cancel", guidance: undefined };
