import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { Attempt, type AttemptResult } from "./attempt";
import { AttemptAborted } from "./attemptEnd";
import { planEnd, planOf, type EndPlan } from "./attemptEnding";
import { noteClaiming, noteNotClaimed } from "./claimNotes";
import { whyNotOurs } from "./eligibility";
import { latestAttempt } from "./latestAttempt";
import type { Lease } from "./lease";
import type { AttemptRecord } from "./ports/journal";
import { carryOver, endLeftovers, resumes, resumptionOf } from "./recover";
import { runNotesOf } from "./runNotes";
import type { Session } from "./session";
import { whyNotRunnable } from "./taskMode";
import { takeClaim, type Execution, type TakenClaim } from "./takeClaim";
import type { WorkerDeps } from "./workerDeps";
import { forTaskMode } from "./workflowConfig";

/**
 * One session from claim to end: claims it (or proves the claim that is there), checks that it is ours to run, executes.
 * Undefined when there was no claim to be had.
 * @param onAttempt told of the attempt once its claim is proven, before it runs.
 */
export async function claimAndRun(
  execution: Execution,
  session: Session,
  onAttempt: (attempt: Attempt) => void,
  signal: AbortSignal,
): Promise<AttemptResult | undefined> {
  const { deps, dispatch, holdsClaim } = execution;
  const before = latestAttempt(deps.journal, session.sessionId);
  dispatch({ kind: "claiming", at: deps.clock.now() });
  if (!(await endLeftovers(deps, before))) {
    showStuck(execution);
    return undefined;
  }
  if (!holdsClaim) {
    const unnoted = await noteClaiming(execution, session, before);
    if (unnoted !== undefined) return unnoted;
  }
  const held = await takeClaim(execution, session, signal);
  if (typeof held === "string") {
    if (!holdsClaim && held === "refused") await noteNotClaimed(deps, session, before);
    return undefined;
  }
  const attempt = await makeAttempt(execution, session, held, before);
  onAttempt(attempt);
  return await attempt.run();
}

async function makeAttempt(
  execution: Execution,
  session: Session,
  held: TakenClaim,
  before: AttemptRecord | undefined,
): Promise<Attempt> {
  const { deps, config, calls, dispatch, holdsClaim } = execution;
  const resumption = resumptionOf(before, session, deps.folder);
  const record = {
    ...recordFor(held.session, held.lease, before, resumes(before, session), deps.clock.now()),
    releasedByPerson: execution.givenBack === true,
  };
  await carryOver(deps, before, record.claimId, resumption);
  const refused = (await noteDown(deps, record)) ?? execution.decided ?? decide(held.session, deps);
  const ending = refused === undefined ? resumption.ending : undefined;
  const own = forTaskMode(config, held.session.workflow?.taskMode);
  return new Attempt(
    {
      ...deps,
      config: own,
      remark:
        own.worktree.mode === config.worktree.mode
          ? undefined
          : asWritten(
              "Sessions of a workflow run get a worktree of their own, also where the worker shares a folder.",
            ),
      calls,
      dispatch,
      slot: execution.slot,
      folders: () => deps.attemptFolders(session.sessionId, record.folders),
      prompt: (one, turn) => deps.prompt(one, own, turn),
    },
    {
      session: held.session,
      lease: held.lease,
      record,
      resumption: { ...resumption, ending },
      continued: holdsClaim,
      decided: refused ?? (ending && planOf(ending)),
    },
  );
}

/** What an earlier attempt started still lives: beside it nothing may work in the same checkout. */
function showStuck({ deps, dispatch, holdsClaim }: Execution): void {
  dispatch({
    kind: "ended",
    phase: holdsClaim ? "interrupted" : "listed",
    at: deps.clock.now(),
    detail: asWritten(
      "Processes of its earlier run could not be ended, so it does not go on yet. Its work is kept in the worktree. It is tried again at the next poll.",
    ),
    byPerson: false,
  });
}

/** Without a note on disk nothing is executed: after a crash nobody would know of it. */
async function noteDown(deps: WorkerDeps, record: AttemptRecord): Promise<EndPlan | undefined> {
  try {
    await deps.journal.save(record);
    return undefined;
  } catch (error) {
    return planEnd({
      kind: "failed",
      reason: "storage",
      message: asWritten(
        "The session could not be noted down on this machine: {0}. Nothing was executed. Check the disk and the permissions of ~/.one.",
        messageOf(error),
      ),
    });
  }
}

/** A claimed session that turns out to be one we must not run is ended with the reason, nothing is executed. */
function decide(session: Session, deps: WorkerDeps): EndPlan | undefined {
  const foreign = whyNotOurs(session, deps.identity);
  if (foreign !== undefined) {
    const message = asWritten(
      "Given back: this session is not for this worker, since {0}. Nothing was executed.",
      foreign,
    );
    return planEnd(new AttemptAborted({ kind: "released", byPerson: false, message }));
  }
  const message = whyNotRunnable(session);
  return message === undefined ? undefined : planEnd({ kind: "failed", reason: "notExecutable", message });
}

/**
 * An attempt that goes on with an earlier one keeps what that one was at, under the same claim or a new one. What ended
 * otherwise only lends its worktree.
 */
function recordFor(
  session: Session,
  lease: Lease,
  before: AttemptRecord | undefined,
  resumed: boolean,
  now: number,
): AttemptRecord {
  const kept = resumed ? before : undefined;
  return {
    sessionId: session.sessionId,
    claimId: lease.claimId,
    title: session.title,
    startedAt: now,
    worktreePath: before?.worktreePath,
    workingDirectory: before?.workingDirectory,
    branch: before?.branch,
    baseCommit: before?.baseCommit,
    baseBranch: before?.baseBranch,
    threadId: kept?.threadId,
    step: stepOf(kept),
    headCommit: before?.headCommit,
    marker: undefined,
    tries: kept?.tries ?? 0,
    ran: kept?.ran,
    asked: kept?.asked,
    used: kept?.used,
    documents: kept?.documents,
    told: kept?.told,
    outcome: "running",
    ending: kept?.ending,
    endedAt: undefined,
    detail: undefined,
    stat: kept?.stat,
    usage: kept?.usage,
    folders: kept?.folders,
    artifacts: kept?.artifacts,
    run: runNotesOf(session, kept?.run),
    releasedByPerson: false,
    archived: false,
  };
}

/** Until the attempt does something itself, a later process has to know how far the one before it came. */
function stepOf(kept: AttemptRecord | undefined): AttemptRecord["step"] {
  if (kept?.ending !== undefined) return "finishing";
  if (kept?.ran !== undefined) return "committing";
  return kept?.threadId !== undefined || kept?.step === "executing" ? "executing" : "preparing";
}
