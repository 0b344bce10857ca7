import { asWritten } from "../base/words";
import { shownArtifacts } from "./artifactNotes";
import type { SessionChange } from "./events";
import type { AttemptRecord } from "./ports/journal";
import type { RuntimeEvent } from "./ports/runtime";
import { withMissing } from "./runMissing";
import { polledRunView, runViewOf } from "./runNotes";
import type { RunView } from "./runView";
import type { Session } from "./session";
import { isLive, type SessionPhase, type SessionView } from "./state";
import { plainTitle } from "./text";

/** How many activities a row keeps. */
const recentLimit = 20;

const empty: Omit<SessionView, "sessionId" | "title" | "createdAt"> = {
  phase: "listed",
  startedAt: undefined,
  endedAt: undefined,
  detail: undefined,
  branch: undefined,
  worktreePath: undefined,
  baseCommit: undefined,
  threadId: undefined,
  model: undefined,
  externalUrl: undefined,
  plan: [],
  liveStep: undefined,
  questions: [],
  activities: [],
  usage: undefined,
  artifacts: [],
  stat: undefined,
  leaseEndsAt: undefined,
  claimable: false,
  releasedByPerson: false,
  archived: false,
};

/** A session as the first poll shows it. */
export function listedView(session: Session): SessionView {
  return {
    ...empty,
    sessionId: session.sessionId,
    title: plainTitle(session.title),
    createdAt: session.createdAt,
    externalUrl: session.externalUrl,
    claimable: session.status === "queued" || session.status === "stale",
    ...withRun(polledRunView(session, undefined)),
  };
}

function withRun(workflow: RunView | undefined): Pick<SessionView, "workflow"> {
  return workflow === undefined ? {} : { workflow };
}

const restoredPhase: Readonly<Record<AttemptRecord["outcome"], SessionPhase>> = {
  running: "interrupted",
  interrupted: "interrupted",
  completed: "complete",
  failed: "failed",
  released: "released",
  cancelled: "cancelled",
  abandoned: "claimLost",
};

const interruptedDetail = asWritten("Interrupted. It goes on by itself when the worker runs again.");

/** A session as an earlier process of this worker left it: never shown as running. */
export function restoredView(record: AttemptRecord): SessionView {
  const workflow = runViewOf(record.run);
  // Field by field: years of sessions are read at each start, and a copy that is then changed takes fifty times as long.
  const view: SessionView = {
    sessionId: record.sessionId,
    title: plainTitle(record.title),
    phase: restoredPhase[record.outcome],
    createdAt: record.startedAt,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    detail: record.outcome === "running" ? interruptedDetail : record.detail,
    branch: record.branch,
    worktreePath: record.worktreePath,
    baseCommit: record.baseCommit,
    threadId: record.threadId,
    provider: record.provider,
    model: undefined,
    externalUrl: undefined,
    plan: [],
    liveStep: undefined,
    questions: [],
    activities: [],
    usage: record.usage,
    artifacts: shownArtifacts(record.artifacts),
    stat: record.stat,
    leaseEndsAt: undefined,
    claimable: false,
    releasedByPerson: record.releasedByPerson,
    archived: record.archived,
  };
  return workflow === undefined ? view : withMissing({ ...view, workflow });
}

/** Changes that only a live attempt makes: one that comes late must not bring an ended session back to life. */
const ofLiveAttempt: ReadonlySet<SessionChange["kind"]> = new Set([
  "claimed",
  "leaseRenewed",
  "preparing",
  "progress",
  "runtime",
  "artifacts",
  "finishing",
  "asked",
  "answered",
]);

/** One session's next view. */
export function reduceSession(view: SessionView, change: SessionChange): SessionView {
  return withMissing(changed(view, change));
}

function changed(view: SessionView, change: SessionChange): SessionView {
  if (ofLiveAttempt.has(change.kind) && !isLive(view.phase)) return view;
  switch (change.kind) {
    case "claiming":
      return {
        ...view,
        phase: "claiming",
        startedAt: change.at,
        endedAt: undefined,
        detail: undefined,
        claimable: false,
        releasedByPerson: false,
        archived: false,
        plan: [],
        activities: [],
        liveStep: undefined,
        questions: [],
      };
    case "claimed":
      return { ...view, phase: "preparing", leaseEndsAt: change.leaseEndsAt };
    case "leaseRenewed":
      return { ...view, leaseEndsAt: change.leaseEndsAt };
    case "preparing":
      return { ...view, phase: "preparing", detail: change.detail, liveStep: undefined };
    case "progress":
      return view.phase === "preparing" || view.phase === "finishing"
        ? { ...view, detail: change.detail }
        : view;
    case "worktreeReady":
      return {
        ...view,
        branch: change.worktree.detached === true ? undefined : change.worktree.branch,
        worktreePath: change.worktree.path,
        baseCommit: change.worktree.baseCommit,
      };
    case "worktreeGone":
      return { ...view, worktreePath: undefined };
    case "run":
      return { ...view, workflow: change.run };
    case "runtime":
      return reduceRuntime(view, change.event, change.at, change.provider);
    case "asked":
      return { ...view, phase: "awaitingInput", questions: [...view.questions, change.question] };
    case "answered":
      return withoutQuestion(view, change.questionId, change.toolRuns);
    case "activity":
      return { ...view, activities: [...view.activities, change.activity].slice(-recentLimit) };
    case "stat":
      return { ...view, stat: change.stat };
    case "page":
      return { ...view, externalUrl: change.externalUrl };
    case "artifacts":
      return view.artifacts.length + change.artifacts.length === 0
        ? view
        : { ...view, artifacts: change.artifacts };
    case "finishing":
      return { ...view, phase: "finishing", detail: change.detail, liveStep: undefined, questions: [] };
    case "ended":
      return {
        ...view,
        phase: change.phase,
        endedAt: change.phase === "listed" ? undefined : change.at,
        startedAt: change.phase === "listed" ? undefined : view.startedAt,
        detail: change.detail,
        liveStep: undefined,
        questions: [],
        leaseEndsAt: undefined,
        releasedByPerson: change.phase === "released" && change.byPerson,
      };
    case "archived":
      return { ...view, archived: true };
  }
}

function withoutQuestion(view: SessionView, questionId: string, toolRuns: boolean): SessionView {
  const questions = view.questions.filter((one) => one.questionId !== questionId);
  const goesOn = view.phase === "awaitingInput" && questions.length === 0;
  return { ...view, questions, phase: goesOn ? (toolRuns ? "running" : "preparing") : view.phase };
}

function reduceRuntime(
  view: SessionView,
  event: RuntimeEvent,
  at: number | undefined,
  provider: string | undefined,
): SessionView {
  switch (event.kind) {
    case "processStarted":
      return view.phase === "finishing" ? view : { ...view, phase: "running", detail: undefined };
    case "threadStarted":
      return {
        ...view,
        ...(view.phase === "finishing" ? {} : { phase: "running", detail: undefined }),
        threadId: event.threadId,
        provider,
        model: event.model,
      };
    case "plan":
      return { ...view, plan: event.steps };
    case "commandStarted":
      return { ...view, liveStep: event.command, liveSince: at };
    case "commandCompleted":
      return { ...view, liveStep: view.liveStep === event.command ? undefined : view.liveStep };
    case "usage":
      return { ...view, usage: event.usage };
    case "retrying":
      return { ...view, detail: event.text };
    case "message":
    case "turnStarted":
    case "filesChanged":
      return view.detail === undefined ? view : { ...view, detail: undefined };
    case "reasoning":
    case "policyDecision":
    case "warning":
      return view;
  }
}
