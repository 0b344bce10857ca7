import { asWritten } from "../base/words";
import type { Session } from "./session";

/** The modes of a workflow run that this build knows. Any other is never run. */
type TaskMode = "plan" | "research" | "code" | "execute" | "resolve_conflicts" | "review";

/** What a mode means for a session. */
export interface ModeRules {
  readonly mode: TaskMode;
  /** `branch`: on the run's branch, which is published; `look`: a disposable checkout that nothing is taken from. */
  readonly work: "branch" | "look";
  /** It ends with a document, the worker's own where the model writes none. */
  readonly writes: boolean;
  /** It ends with a verdict. */
  readonly judges: boolean;
  /** It starts in the middle of a merge of the base branch. */
  readonly merges: boolean;
}

const look = { work: "look", writes: true, judges: false, merges: false } as const;
const branch = { work: "branch", writes: false, judges: false, merges: false } as const;
const modes: ReadonlyMap<string, ModeRules> = new Map<string, ModeRules>([
  ["plan", { ...look, mode: "plan" }],
  ["research", { ...look, mode: "research" }],
  ["review", { ...look, mode: "review", judges: true }],
  ["code", { ...branch, mode: "code" }],
  ["execute", { ...branch, mode: "execute" }],
  ["resolve_conflicts", { ...branch, mode: "resolve_conflicts", merges: true }],
]);

/** Undefined without a mode, and for one that is not known. */
export function rulesOf(taskMode: string | undefined): ModeRules | undefined {
  return taskMode === undefined ? undefined : modes.get(taskMode);
}

/** Undefined for ordinary work, and for a mode that is not known. */
export function modeOf({ workflow }: Pick<Session, "workflow">): ModeRules | undefined {
  return rulesOf(workflow?.taskMode);
}

/** A session of a run; one that was only delegated outside of any run is ordinary work. */
function isOfRun({ workflow }: Pick<Session, "workflow">): boolean {
  const { runId, stepId, taskMode } = workflow ?? {};
  return runId !== undefined || stepId !== undefined || taskMode !== undefined;
}

/** Why a session of a run cannot be executed at all; undefined when it can, and for ordinary work. */
export function whyNotRunnable(session: Pick<Session, "workflow">): string | undefined {
  const { workflow } = session;
  if (workflow === undefined || !isOfRun(session)) return undefined;
  const mode = modeOf(session);
  const { taskMode, branchName } = workflow;
  if (mode === undefined) {
    const what =
      taskMode === undefined
        ? asWritten("a workflow step without a mode")
        : asWritten("the workflow mode “{0}”", taskMode);
    return asWritten(
      "This worker cannot run {0}, so nothing was executed. Send the work to a worker that can, or as a session of its own.",
      what,
    );
  }
  if (mode.work === "branch" && (branchName ?? "").trim() === "") {
    return asWritten(
      "The run names no branch for this {0} step, so nothing was executed. Give the run a branch on One Horizon and start the step again.",
      mode.mode,
    );
  }
  return undefined;
}

/** A review's completion without a verdict would stall its run, so it is never sent. */
export function isReview(session: Pick<Session, "workflow">): boolean {
  return modeOf(session)?.judges === true;
}
