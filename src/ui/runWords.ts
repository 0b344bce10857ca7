import type { RunPush, RunVerdict, RunView } from "../core/runView";
import type { SessionView } from "../core/state";
import { clip } from "../core/text";
import type { L10n } from "./l10n";
import { canPublish, lacksPush, pushes, runState } from "./runModel";
import { oneLine } from "./safeText";
import type { TooltipFact } from "./tooltip";
import type { NameOf } from "./workerNames";

/** Longest name of a step that a row shows beside others. */
const stepLength = 24;
const nameLength = 60;

/** The step's mode as a heading: `Plan`, `Code`, `Review`; one that is not known as the platform says it. */
export function modeName(mode: string | undefined, l10n: L10n): string | undefined {
  switch (mode) {
    case undefined:
      return undefined;
    case "plan":
      return l10n.t("Plan");
    case "research":
      return l10n.t("Research");
    case "code":
      return l10n.t("Code");
    case "execute":
      return l10n.t("Execute");
    case "resolve_conflicts":
      return l10n.t("Resolve conflicts");
    case "review":
      return l10n.t("Review");
    default:
      return named(mode);
  }
}

/** The step's own name where it is one for people: `2`, `step-2`, `second review`; not `step_36_80286c`. */
function stepName({ stepId }: RunView): string | undefined {
  const readable = stepId !== undefined && stepId.length <= stepLength && !/[0-9a-f]{5}|\d{3}/iu.test(stepId);
  return readable ? named(stepId) : undefined;
}

export function verdictWord(verdict: RunVerdict, l10n: L10n): string {
  switch (verdict) {
    case "approve":
      return l10n.t("approved");
    case "feedback":
      return l10n.t("asks for changes");
    case "reject":
      return l10n.t("rejected");
  }
}

function pushWord(push: RunPush, l10n: L10n): string {
  switch (push) {
    case "none":
      return l10n.t("not pushed");
    case "pushed":
      return l10n.t("pushed, not confirmed");
    case "confirmed":
      return l10n.t("pushed");
  }
}

/** How the branch stands that the session's work belongs on; undefined while that is not due. */
export function pushOf(session: SessionView, l10n: L10n): string | undefined {
  const push = session.workflow?.push ?? "none";
  if (!pushes(session) || (push === "none" && !lacksPush(session))) return undefined;
  return pushWord(push, l10n);
}

/** Who the run goes to next: by name where that is known. */
export function nextWord({ nextTarget }: RunView, l10n: L10n, nameOf: NameOf): string | undefined {
  const id = nextTarget?.targetWorkerId;
  if (id !== undefined) return l10n.t("worker {0}", named(nameOf(id) ?? id));
  if (nextTarget?.targetGroupId !== undefined) return l10n.t("group {0}", named(nextTarget.targetGroupId));
  return undefined;
}

/** The name of the worker that the run goes to next, where there is one and its name is known. */
export function nextName({ nextTarget, childId }: RunView, nameOf: NameOf): string | undefined {
  const id = nextTarget?.targetWorkerId;
  return id === undefined || childId !== undefined ? undefined : nameOf(id);
}

/** What a run lacks to go on, and what to do. */
export interface RunLack {
  readonly what: string;
  readonly advice: string;
}

/**
 * What the run lacks because of this session; undefined where it lacks nothing.
 * @param latest false where a later session of the run is here: then the run lacks nothing of this one.
 */
export function runLack(session: SessionView, latest: boolean, l10n: L10n): RunLack | undefined {
  const { workflow, phase } = session;
  const goesOn = phase === "listed" || (phase === "released" && session.claimable);
  if (workflow === undefined || !latest || goesOn) return undefined;
  const stopped = phase === "cancelled" ? l10n.t("The run stopped with this step.") : undefined;
  const what = workflow.missing ?? stopped;
  return what === undefined ? undefined : { what: oneLine(what), advice: adviceFor(session, l10n) };
}

function adviceFor(session: SessionView, l10n: L10n): string {
  if (session.phase === "released") {
    return l10n.t("Claim the step again when it is queued. What was done is kept.");
  }
  if (canPublish(session)) {
    return l10n.t(
      "What was done is kept. Publish the branch from here, or start the step again in One Horizon.",
    );
  }
  return l10n.t("What was done is kept. Start the step again in One Horizon.");
}

/** A session's place in its run in words: step, how the run stands, verdict, push. Empty outside of runs. */
export function runStanding(session: SessionView, latest: boolean, l10n: L10n): readonly string[] {
  const run = session.workflow;
  if (run === undefined) return [];
  const verdict = run.verdict === undefined ? undefined : verdictWord(run.verdict, l10n);
  const words = [stepName(run), runStateWord(session, latest, l10n), verdict, pushOf(session, l10n)];
  return words.filter((one) => one !== undefined);
}

function runStateWord(session: SessionView, latest: boolean, l10n: L10n): string | undefined {
  switch (runState(session, latest)) {
    case "stalled":
      return l10n.t("stalled");
    case "handedOver":
      return l10n.t("handed over");
    case "rejected":
      // The verdict says it.
      return undefined;
    case undefined:
      return undefined;
  }
}

/** The facts of a session's run for a card. */
export function runFacts(
  session: SessionView,
  latest: boolean,
  l10n: L10n,
  nameOf: NameOf,
): readonly TooltipFact[] {
  const run = session.workflow;
  if (run === undefined) return [];
  const lack = runLack(session, latest, l10n);
  return [
    { name: l10n.t("Workflow run"), value: run.runId },
    { name: l10n.t("Step"), value: run.stepId },
    { name: l10n.t("Mode"), value: modeName(run.mode, l10n) },
    { name: l10n.t("Branch"), value: run.branch ?? session.branch },
    { name: l10n.t("Push"), value: pushOf(session, l10n) },
    {
      name: l10n.t("Verdict"),
      value: run.verdict === undefined ? undefined : verdictWord(run.verdict, l10n),
    },
    { name: l10n.t("Handed over by"), value: run.parentId },
    { name: l10n.t("Handed over to"), value: run.childId },
    {
      name: l10n.t("Goes next to"),
      value: run.childId === undefined ? nextWord(run, l10n, nameOf) : undefined,
    },
    { name: l10n.t("Missing"), value: lack === undefined ? undefined : `${lack.what} ${lack.advice}` },
  ];
}

function named(name: string): string {
  return clip(oneLine(name), nameLength);
}
