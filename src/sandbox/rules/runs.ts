import { randomBytes } from "node:crypto";
import type { Platform } from "../state/platform";
import type { Run, RunStep, Session, State } from "../state/schema";
import { isCodeLike, nextOf, stepName, wayTo } from "./runSteps";
import { addSession, type NewSession } from "./sessions";
import { dropClaim, setStatus } from "./time";

/** What moving runs needs of the platform. `pullRequestUrl`: the address of the page with that key. */
export type RunGround = Pick<Platform, "state" | "clock" | "nextId"> & {
  readonly pullRequestUrl: (key: string) => string;
};

/** Longer than any run that people start by hand, and an end to a review that is never content. */
const mostSteps = 60;

export const runOf = (state: State, session: Session): Run | undefined =>
  session.workflow.runId === null
    ? undefined
    : state.runs.find((one) => one.runId === session.workflow.runId);

const sessionAt = (state: State, step: RunStep | undefined): Session | undefined =>
  state.sessions.find((one) => one.sessionId === step?.sessionId);

/** Where a session stands in its run. */
export interface Stand {
  readonly run: Run;
  readonly step: RunStep;
  readonly isCurrent: boolean;
}

/** Undefined for a session that carries out no step of a run. */
export function standOf(state: State, session: Session): Stand | undefined {
  const run = runOf(state, session);
  const step = run?.steps.find((one) => one.sessionId === session.sessionId);
  return run === undefined || step === undefined
    ? undefined
    : { run, step, isCurrent: run.steps.at(-1) === step };
}

/** The newest session that was to leave commits on the run's branch. */
const lastCode = (state: State, run: Run): Session | undefined =>
  run.steps
    .flatMap((one) => sessionAt(state, one) ?? [])
    .findLast((one) => isCodeLike(one.workflow.taskMode));

/** The workflow part of a session that is to carry out a step. */
function workflowAt(state: State, run: Run, stepId: string, position: number): Session["workflow"] {
  const mode = run.template[position]?.mode ?? null;
  // What a code step adds has to be confirmed anew; the others look at what the last one left.
  const pushConfirmed = isCodeLike(mode) ? false : (lastCode(state, run)?.workflow.pushConfirmed ?? null);
  return {
    runId: run.runId,
    stepId,
    taskMode: mode,
    branchName: run.branchName,
    pushConfirmed,
    nextTarget: null,
  };
}

/** Adds a session as the run's next step. */
export function addStep(
  ground: Pick<Platform, "state" | "clock" | "nextId">,
  run: Run,
  position: number,
  given: NewSession,
): Session {
  const stepId = ground.nextId("step");
  const session = addSession(ground, { ...given, workflow: workflowAt(ground.state, run, stepId, position) });
  run.steps.push({ stepId, position, sessionId: session.sessionId });
  run.updatedAt = ground.clock.now();
  return session;
}

/** Queues a step as the platform does it itself: for the step's own target, with the run's own words. */
export function queueStep(
  ground: Pick<Platform, "state" | "clock" | "nextId">,
  run: Run,
  position: number,
  note = "",
): Session {
  const step = run.template[position];
  const { workers } = ground.state;
  const target =
    workers.find((one) => one.workerId === step?.targetWorkerId) ??
    workers.find((one) => one.facts.groupId !== undefined && one.facts.groupId === step?.targetGroupId);
  return addStep(ground, run, position, {
    workspaceId: run.workspaceId,
    agentId: step?.agentId ?? "",
    ownerUserId: target?.ownerUserId ?? run.ownerUserId,
    title: run.title,
    prompt: note === "" ? run.prompt : `${run.prompt}\n\n${note}`,
    taskId: run.taskId,
    targetWorkerId: step?.targetWorkerId ?? null,
    targetGroupId: step?.targetGroupId ?? null,
  });
}

/** How many reviews of the newest run on the branch have asked for changes and are over. */
export function feedbacksOn(state: State, branch: string | undefined): number {
  const run = state.runs.findLast((one) => branch === undefined || one.branchName === branch);
  return state.sessions.filter(
    (one) =>
      one.status === "complete" &&
      one.reviewVerdict === "feedback" &&
      (run === undefined ? one.workflow.branchName === branch : one.workflow.runId === run.runId),
  ).length;
}

/**
 * Brings every run to where its sessions say that it is: names the next target to whoever holds its current step, queues
 * what the platform queues itself, and ends what has ended. Calling it again changes nothing.
 */
export function moveRuns(ground: RunGround): void {
  for (const run of ground.state.runs) if (run.status === "running") moveRun(ground, run);
}

function moveRun(ground: RunGround, run: Run): void {
  const { state } = ground;
  const sessions = run.steps.flatMap((one) => sessionAt(state, one) ?? []);
  run.branchName ??=
    sessions.findLast((one) => one.workflow.branchName !== null)?.workflow.branchName ?? null;
  run.pushConfirmed = lastCode(state, run)?.workflow.pushConfirmed === true;
  const broken = sessions.find((one) => one.status === "error" || one.status === "cancelled");
  if (broken !== undefined) {
    stop(ground, run, broken);
    return;
  }
  const step = run.steps.at(-1);
  const session = sessions.at(-1);
  if (step === undefined || session === undefined) return;
  for (const one of sessions) if (one !== session) one.workflow.nextTarget = null;
  switch (session.status) {
    case "complete":
      goOn(ground, run, step, session);
      break;
    case "active":
    case "awaiting_input":
      session.workflow.nextTarget = nextTarget(state, run, step, session);
      break;
    case "pending":
      session.workflow.nextTarget = null;
      stallWherePushIsMissing(ground, run, session);
      break;
    default:
      session.workflow.nextTarget = null;
  }
}

/** What the worker that holds the current step is told: where to delegate, or null where there is nowhere to. */
function nextTarget(
  state: State,
  run: Run,
  step: RunStep,
  session: Session,
): Session["workflow"]["nextTarget"] {
  const next = nextOf(run, step, session);
  if (next.kind !== "step") return null;
  const way = wayTo(state, run, step, session, next.position);
  return way.kind === "delegated" ? way.target : null;
}

function goOn(ground: RunGround, run: Run, step: RunStep, session: Session): void {
  const next = nextOf(run, step, session);
  switch (next.kind) {
    case "finished":
      openPullRequest(ground, run);
      end(ground, run, "finished", run.pullRequest === null ? "Nothing was pushed: no pull request." : null);
      return;
    case "rejected":
      end(ground, run, "rejected", `The review rejected the work at ${stepName(run, step.position)}.`);
      return;
    case "stalled":
      end(ground, run, "stalled", next.missing);
      return;
    case "step":
      goTo(ground, run, step, session, next.position);
  }
}

function goTo(ground: RunGround, run: Run, step: RunStep, session: Session, position: number): void {
  const way = wayTo(ground.state, run, step, session, position);
  const name = stepName(run, position);
  if (way.kind === "stalled") {
    end(ground, run, "stalled", way.missing);
  } else if (way.kind === "delegated") {
    const { targetWorkerId, targetGroupId } = way.target;
    const target = targetWorkerId === undefined ? `group ${targetGroupId ?? ""}` : `worker ${targetWorkerId}`;
    end(
      ground,
      run,
      "stalled",
      `The session was completed, and ${name} was not delegated to the ${target} (no session with delegatingSessionId ${session.sessionId}).`,
    );
  } else if (needsPush(session)) {
    end(ground, run, "stalled", pushIsMissing(session));
  } else if (run.steps.length >= mostSteps) {
    end(ground, run, "stopped", `The run has had ${mostSteps} steps and does not come to an end.`);
  } else {
    queueStep(ground, run, position, isFeedback(run, step, session) ? feedbackNote : "");
  }
}

const feedbackNote =
  "A review asked for changes. What it asks for is in the review document, the newest of this task's documents.";

const isFeedback = (run: Run, step: RunStep, session: Session): boolean =>
  run.template[step.position]?.mode === "review" && session.reviewVerdict === "feedback";

/** A code step whose branch nobody has seen on the remote: what builds on it cannot start. */
const needsPush = ({ workflow }: Session): boolean =>
  isCodeLike(workflow.taskMode) && workflow.pushConfirmed !== true;

const pushIsMissing = ({ workflow }: Session): string =>
  `The session was completed, and the branch ${workflow.branchName ?? "without a name"} was never confirmed as pushed (workflowPushConfirmed).`;

function stallWherePushIsMissing(ground: RunGround, run: Run, child: Session): void {
  const parent = ground.state.sessions.find((one) => one.sessionId === child.delegatingSessionId);
  if (parent?.status === "complete") end(ground, run, "stalled", pushIsMissing(parent));
}

function stop(ground: RunGround, run: Run, broken: Session): void {
  const step = run.steps.find((one) => one.sessionId === broken.sessionId);
  const name = stepName(run, step?.position ?? 0);
  const reason =
    broken.status === "cancelled"
      ? `It was cancelled at ${name}.`
      : `It failed at ${name}: ${broken.errorMessage ?? ""}`;
  end(ground, run, "stopped", reason);
  // What was to come after it and has not begun never will.
  for (const one of run.steps) {
    const session = sessionAt(ground.state, one);
    if (session?.status !== "queued" && session?.status !== "pending") continue;
    dropClaim(session);
    setStatus(session, "cancelled", ground.clock.now());
  }
}

function end(ground: RunGround, run: Run, status: Run["status"], reason: string | null): void {
  run.status = status;
  run.reason = reason;
  run.updatedAt = ground.clock.now();
}

/** As the platform does after the last push: the page stands for it, and the last code session names it. */
function openPullRequest(ground: RunGround, run: Run): void {
  const pushed = lastCode(ground.state, run);
  if (pushed?.workflow.pushConfirmed !== true) return;
  const key = randomBytes(16).toString("base64url");
  run.pullRequest = { key, url: ground.pullRequestUrl(key) };
  pushed.externalUrl = run.pullRequest.url;
  pushed.updatedAt = ground.clock.now();
}
