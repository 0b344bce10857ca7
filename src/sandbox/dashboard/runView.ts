import type { Run, Session, SessionStatus, State } from "../state/schema";

/** One step that a run has come to, with what its session says. */
interface StepView {
  readonly stepId: string;
  /** Which step of the template it carries out, from 0. */
  readonly position: number;
  readonly mode: string | null;
  readonly sessionId: string;
  readonly status: SessionStatus;
  /** Who holds or last held it. */
  readonly workerId: string | null;
  readonly verdict: Session["reviewVerdict"];
  readonly pushConfirmed: boolean | null;
  readonly nextTarget: Session["workflow"]["nextTarget"];
  readonly delegatingSessionId: string | null;
  /** Sessions that this step's session has delegated. */
  readonly children: readonly string[];
  readonly documents: readonly { readonly documentId: string; readonly title: string }[];
}

/** A run as the dashboard shows it. */
export type RunView = Omit<Run, "steps"> & { readonly steps: readonly StepView[] };

/** Every run, its steps filled in from their sessions. */
export const runViews = (state: State): readonly RunView[] =>
  state.runs.map((run) => ({ ...run, steps: run.steps.flatMap((one) => stepView(state, run, one)) }));

function stepView(state: State, run: Run, { stepId, position, sessionId }: Run["steps"][number]): StepView[] {
  const session = state.sessions.find((one) => one.sessionId === sessionId);
  if (session === undefined) return [];
  const { workflow, claim, lastOwnerId, delegatingSessionId } = session;
  return [
    {
      stepId,
      position,
      mode: run.template[position]?.mode ?? null,
      sessionId,
      status: session.status,
      workerId: claim?.workerId ?? lastOwnerId,
      verdict: session.reviewVerdict,
      pushConfirmed: workflow.pushConfirmed,
      nextTarget: workflow.nextTarget,
      delegatingSessionId,
      children: state.sessions
        .filter((one) => one.delegatingSessionId === sessionId)
        .map((one) => one.sessionId),
      documents: state.documents
        .filter((one) => one.workflowRunId === run.runId && one.workflowStepId === stepId)
        .map(({ documentId, title }) => ({ documentId, title })),
    },
  ];
}
