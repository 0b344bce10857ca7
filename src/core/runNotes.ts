import { asWritten } from "../base/words";
import { isReview, modeOf } from "./taskMode";
import type { RunView } from "./runView";
import type { ReviewVerdict, Session } from "./session";

/** Where a run goes next. Of a usable one exactly one id is there. */
export interface RunTarget {
  readonly targetWorkerId: string | undefined;
  readonly targetGroupId: string | undefined;
}

/** A session that this one handed work to. */
interface Delegated extends RunTarget {
  readonly sessionId: string;
}

/** The facts of a session of a run, and what was done of the steps after the coding tool. Written before and after each. */
export interface RunNotes {
  readonly runId: string | undefined;
  readonly stepId: string | undefined;
  readonly mode: string | undefined;
  readonly branch: string | undefined;
  readonly parentId: string | undefined;
  readonly nextTarget: RunTarget | undefined;
  /** The branch is on the remote with this commit. */
  readonly pushed: { readonly commit: string; readonly remote: string } | undefined;
  /** The platform was told of the push. */
  readonly confirmed: boolean;
  /** What the session's summary says, once it is known; a later process has no checkout to ask any more. */
  readonly summary: string | undefined;
  /** `accepted`: the platform has it. */
  readonly verdict:
    { readonly verdict: ReviewVerdict; readonly reason: string; readonly accepted: boolean } | undefined;
  /** The worker's own document. `reference` stands in it, and it is found by it where the answer was lost. */
  readonly document:
    { readonly reference: string; readonly state: "writing" | "written" | "inSummary" } | undefined;
  /** The model wrote a document itself. */
  readonly modelWrote: boolean;
  /** A document of the model's that is being written: nobody knows yet whether the task has it. */
  readonly writing?: { readonly title: string; readonly content: string } | undefined;
  /** What the model wrote where no task takes it: it goes into the summary. */
  readonly kept: string | undefined;
  /** The model's words for the run's next step. */
  readonly words: { readonly prompt: string; readonly title: string | undefined } | undefined;
  /** What was delegated under way, by the model or by a person. */
  readonly delegated: readonly Delegated[];
  /** The session that the run goes on with; without an id where only that there is one is known. */
  readonly child: "creating" | { readonly sessionId: string | undefined } | undefined;
}

/** What is known of a session of a run before anything is done; undefined for ordinary work. */
export function runNotesOf(session: Session, before: RunNotes | undefined): RunNotes | undefined {
  const { workflow } = session;
  const { runId, stepId, taskMode, branchName, nextTarget, pushConfirmed } = workflow ?? {};
  if (runId === undefined && stepId === undefined && taskMode === undefined) return undefined;
  return {
    ...(before ?? nothingDone),
    runId,
    stepId,
    mode: taskMode,
    branch: branchName,
    parentId: session.delegatingSessionId,
    nextTarget,
    confirmed: before?.confirmed === true && pushConfirmed !== false,
  };
}

const nothingDone = {
  pushed: undefined,
  confirmed: false,
  summary: undefined,
  verdict: undefined,
  document: undefined,
  modelWrote: false,
  kept: undefined,
  words: undefined,
  delegated: [],
  child: undefined,
} as const;

/** A review whose verdict the platform has not accepted; the reason why it cannot be completed. */
export function whyNotComplete(
  session: Pick<Session, "workflow">,
  run: RunNotes | undefined,
): string | undefined {
  const reviews = isReview(session) || (run?.mode !== undefined && isReview({ workflow: asFacts(run) }));
  return reviews && run?.verdict?.accepted !== true
    ? asWritten(
        "The review ended without a verdict that One Horizon has accepted. Its run would stall, so it is not completed. Start the step again, or judge the branch yourself.",
      )
    : undefined;
}

function asFacts({ runId, stepId, mode, branch }: RunNotes): NonNullable<Session["workflow"]> {
  return { runId, stepId, taskMode: mode, branchName: branch };
}

/** What the views show of it; undefined for a session that names no run. */
export function runViewOf(run: RunNotes | undefined): RunView | undefined {
  if (run?.runId === undefined) return undefined;
  const { child, verdict, delegated, nextTarget } = run;
  const handed = delegated.find((one) => nextTarget !== undefined && isSameTarget(one, nextTarget));
  return {
    runId: run.runId,
    stepId: run.stepId,
    mode: run.mode,
    branch: run.branch,
    verdict: verdict?.accepted === true ? verdict.verdict : undefined,
    push: run.confirmed ? "confirmed" : run.pushed === undefined ? "none" : "pushed",
    parentId: run.parentId,
    childId: typeof child === "object" ? child.sessionId : handed?.sessionId,
    nextTarget,
    missing: undefined,
  };
}

/** A session of a run as a poll shows it. */
export function polledRunView(session: Session, before: RunView | undefined): RunView | undefined {
  const notes = runNotesOf(session, undefined);
  const seen = runViewOf(notes);
  if (seen === undefined) return before;
  const confirmed = session.workflow?.pushConfirmed === true;
  return {
    ...seen,
    verdict: session.reviewVerdict ?? before?.verdict,
    // A run's later steps carry what an earlier one confirmed.
    push: confirmed && modeOf(session)?.work === "branch" ? "confirmed" : (before?.push ?? "none"),
    childId: before?.childId,
  };
}

export function isSameTarget(one: RunTarget, other: RunTarget): boolean {
  return one.targetWorkerId === other.targetWorkerId && one.targetGroupId === other.targetGroupId;
}

/** One attempt's notes on its run. Each change is on the disk before whatever follows it. */
export class RunLog {
  #notes: RunNotes;
  readonly #save: (facts: { readonly run: RunNotes }) => Promise<void>;
  readonly #onChange: (notes: RunNotes) => void;

  /** @param save rejects when the disk does not take it. */
  constructor(
    notes: RunNotes,
    save: (facts: { readonly run: RunNotes }) => Promise<void>,
    onChange: (notes: RunNotes) => void,
  ) {
    this.#notes = notes;
    this.#save = save;
    this.#onChange = onChange;
  }

  get notes(): RunNotes {
    return this.#notes;
  }

  /** Rejects when the disk does not take it: then what it announces must not happen. */
  async note(changes: Partial<RunNotes>): Promise<void> {
    this.#notes = { ...this.#notes, ...changes };
    this.#onChange(this.#notes);
    await this.#save({ run: this.#notes });
  }
}
