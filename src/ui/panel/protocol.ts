import type { PlanStep } from "../../core/ports/runtime";
import type { TimelineEntry, TimeSpent } from "../../core/timeline";
import type { SessionVerb } from "../commandIds";

/** A button of the panel: what is possible with the session now. `primary` is the one that matters most. */
export interface PanelButton {
  readonly verb: SessionVerb;
  readonly label: string;
  /** Codicon id without `$()`. */
  readonly icon: string;
  readonly primary: boolean;
}

/** A question of the session that waits for a person. */
export interface PanelQuestion {
  readonly questionId: string;
  readonly text: string;
  /** What is to be approved, word for word, monospaced; undefined for a question. */
  readonly command: string | undefined;
  /** Labelled answers, each a click. */
  readonly options: readonly { readonly label: string; readonly answer: PanelAnswer }[];
}

export type PanelAnswer =
  | { readonly kind: "verb"; readonly verb: "approve" | "approveForSession" | "deny" | "answer" }
  | { readonly kind: "option"; readonly text: string };

/** One fact of the header line, in words ready to show. */
export interface PanelFact {
  readonly label: string;
  readonly value: string;
  /** Codicon id. */
  readonly icon: string;
  readonly tooltip: string;
  /** Copied on click where present. */
  readonly copies: string | undefined;
}

/** Everything above and beside the timeline. Whole each time; small. All words are already in the person's language. */
export interface PanelHeader {
  readonly sessionId: string;
  readonly title: string;
  /** Look of the state: the tree's own table. */
  readonly state: {
    readonly icon: string;
    readonly color: string | undefined;
    readonly text: string;
    readonly spins: boolean;
  };
  /** Elapsed, attempt, branch, worktree, claim owner, lease left, heartbeat age. */
  readonly facts: readonly PanelFact[];
  readonly detail: string | undefined;
  readonly plan: readonly PlanStep[];
  readonly questions: readonly PanelQuestion[];
  /** At most four, the best first. */
  readonly buttons: readonly PanelButton[];
  /** The rest of what is possible, behind “More”. */
  readonly more: readonly PanelButton[];
  readonly time: TimeSpent | undefined;
  /** Undefined when the session takes no words now; the placeholder says what a text would do. */
  readonly input: { readonly questionId: string; readonly placeholder: string } | undefined;
  readonly live: boolean;
}

/** What the webview gives to `setState` with each header: a window that is loaded anew gets its panels back by it. */
export interface PanelMemory {
  readonly sessionId: string;
  readonly title: string;
}

/** From the extension to the webview. */
export type ToPanel =
  | { readonly kind: "header"; readonly header: PanelHeader }
  /** The whole timeline: at the start, and after a gap. */
  | { readonly kind: "timeline"; readonly entries: readonly TimelineEntry[]; readonly dropped: number }
  /** New entries, and entries that replace one of the same id. At most four messages a second. */
  | { readonly kind: "entries"; readonly entries: readonly TimelineEntry[] }
  /** The texts of the panel itself (panelWords.ts), by their English words, and the locale for numbers and times. */
  | {
      readonly kind: "words";
      readonly locale: string;
      readonly words: Readonly<Record<string, string>>;
    }
  /** What was sent has arrived, or why not; the text stays in the box when it has not. */
  | { readonly kind: "sent"; readonly error: string | undefined };

/** From the webview to the extension. Untrusted: parsed by the webview door. */
export type FromPanel =
  | { readonly kind: "ready" }
  | { readonly kind: "verb"; readonly verb: SessionVerb }
  | { readonly kind: "answer"; readonly questionId: string; readonly answer: PanelAnswer }
  /** Words in the box: they answer the question that the box was for when they were sent. */
  | { readonly kind: "send"; readonly questionId: string; readonly text: string }
  /** A changed file of the session: opens its diff. */
  | { readonly kind: "openFile"; readonly path: string }
  /** A link in a message; only http(s), asked before it is opened. */
  | { readonly kind: "openLink"; readonly url: string }
  | { readonly kind: "copy"; readonly text: string };

/** All that the webview keeps with the editor. Before the first header only what came back from an earlier time. */
export interface PanelState extends PanelMemory {
  /** Written and not sent. */
  readonly draft: string;
  /** Ids of entries that are unfolded, the newest last. */
  readonly unfolded: readonly string[];
  /** Id of the entry at the top where the reader does not follow the end. */
  readonly readingAt: string | undefined;
}
