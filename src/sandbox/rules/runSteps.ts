import type { Run, RunStep, Session, State, TemplateStep } from "../state/schema";

/** Modes that leave commits on the run's branch. */
const codeLike = new Set(["code", "execute", "resolve_conflicts"]);

export const isCodeLike = (mode: string | null): boolean => mode !== null && codeLike.has(mode);

/** Where a run goes when a session of it has ended well. */
export type Next =
  | { readonly kind: "step"; readonly position: number }
  | { readonly kind: "finished" }
  | { readonly kind: "rejected" }
  | { readonly kind: "stalled"; readonly missing: string };

/** The step after `step`, whose session is `session`. A review without a verdict leads nowhere. */
export function nextOf(run: Run, step: RunStep, session: Session): Next {
  if (run.template[step.position]?.mode === "review") {
    switch (session.reviewVerdict) {
      case null:
        return { kind: "stalled", missing: "The review ended without a verdict (reviewVerdict)." };
      case "reject":
        return { kind: "rejected" };
      case "feedback":
        return backToCode(run, step);
      case "approve":
        break;
    }
  }
  const position = step.position + 1;
  return position < run.template.length ? { kind: "step", position } : { kind: "finished" };
}

function backToCode(run: Run, step: RunStep): Next {
  const position = run.template.slice(0, step.position).findLastIndex((one) => isCodeLike(one.mode));
  return position === -1
    ? {
        kind: "stalled",
        missing: "The review asks for changes, and the run has no step before it that makes any.",
      }
    : { kind: "step", position };
}

/** How the run comes to its next step: the platform queues it, or the worker delegates it. */
export type Way =
  | { readonly kind: "queued" }
  | { readonly kind: "delegated"; readonly target: NonNullable<Session["workflow"]["nextTarget"]> }
  | { readonly kind: "stalled"; readonly missing: string };

/** The way from the session, held or last held by a worker, to a step of the template. */
export function wayTo(state: State, run: Run, from: RunStep, session: Session, position: number): Way {
  const next = run.template[position];
  const before = run.template[from.position];
  const holder = session.claim?.workerId ?? session.lastOwnerId;
  if (next === undefined || before === undefined) return { kind: "queued" };
  if (next.targetWorkerId !== null) {
    return next.targetWorkerId === holder
      ? { kind: "queued" }
      : { kind: "delegated", target: { targetWorkerId: next.targetWorkerId } };
  }
  if (next.targetGroupId !== null) {
    return next.targetGroupId === before.targetGroupId
      ? { kind: "queued" }
      : { kind: "delegated", target: { targetGroupId: next.targetGroupId } };
  }
  return next.agentId === session.agentId ? { kind: "queued" } : toAgent(state, run, next);
}

/** A delegation names a worker or a group; a step that names an agent only takes its first worker. */
function toAgent(state: State, run: Run, step: TemplateStep): Way {
  const worker = state.workers.find(
    (one) => one.agentId === step.agentId && one.workspaceId === run.workspaceId && one.rejected === null,
  );
  return worker === undefined
    ? { kind: "stalled", missing: `The agent ${step.agentId} has no worker that the next step could go to.` }
    : { kind: "delegated", target: { targetWorkerId: worker.workerId } };
}

/** How a person calls a step: `step 2 (code)`. */
export const stepName = (run: Run, position: number): string =>
  `step ${position + 1} (${run.template[position]?.mode ?? "no mode"})`;
