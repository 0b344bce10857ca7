import { asWritten } from "../base/words";
import type { RunView } from "./runView";
import type { SessionPhase, SessionView } from "./state";
import { rulesOf } from "./taskMode";

/** No attempt goes on with the session here by itself. */
const over: ReadonlySet<SessionPhase> = new Set(["complete", "failed", "cancelled", "released", "claimLost"]);

/** What a run lacks to go on once a session of it has ended here, a sentence; undefined while it lacks nothing. */
function missingOf(
  { phase, detail }: Pick<SessionView, "phase" | "detail">,
  run: RunView,
): string | undefined {
  if (!over.has(phase)) return undefined;
  if (phase === "cancelled") return undefined;
  if (phase === "released") return asWritten("The run waits for a worker that takes this step.");
  if (phase === "claimLost") return asWritten("The run waits for this step, whose claim was lost here.");
  const rules = rulesOf(run.mode);
  if (rules === undefined) return asWritten("The run waits for a worker that can carry out this step.");
  if (rules.judges && run.verdict === undefined) {
    return asWritten("The run lacks the verdict of this review.");
  }
  if (rules.work === "branch" && run.push === "none") {
    return phase === "failed" && detail !== undefined
      ? asWritten("The run lacks this step's work: its branch is not published. {0}", detail)
      : asWritten("The run lacks this step's work: its branch is not published.");
  }
  if (rules.work === "branch" && run.push === "pushed") {
    return asWritten("The run lacks the confirmation that its branch is published.");
  }
  if (run.nextTarget !== undefined && run.childId === undefined) {
    return asWritten("The run was not handed over to its next step.");
  }
  return phase === "failed" ? asWritten("The run waits for this step, which failed.") : undefined;
}

/** The row with what its run lacks, by how it stands now. */
export function withMissing(view: SessionView): SessionView {
  const { workflow } = view;
  if (workflow === undefined) return view;
  const missing = missingOf(view, workflow);
  return missing === workflow.missing ? view : { ...view, workflow: { ...workflow, missing } };
}
