import { messageOf } from "../base/log";
import { Attempt, type AttemptResult } from "./attempt";
import { AttemptAborted } from "./attemptEnd";
import type { WorkResult } from "./work";
import { whyModeUnsupported, whyNotOurs } from "./eligibility";
import type { Lease } from "./lease";
import type { AttemptRecord } from "./ports/journal";
import type { Session } from "./session";
import { takeClaim, type Execution } from "./takeClaim";
import type { WorkerDeps } from "./workerDeps";

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
  const { deps, config, calls, dispatch } = execution;
  dispatch({ kind: "claiming", at: deps.clock.now() });
  const held = await takeClaim(execution, session, signal);
  if (held === undefined) return undefined;
  const before = deps.journal.list().find((record) => record.sessionId === session.sessionId);
  const record = recordFor(held.session, held.lease, before, deps.clock.now());
  const attempt = new Attempt(
    {
      ...deps,
      config,
      calls,
      dispatch,
      folders: () => deps.attemptFolders(session.sessionId),
      prompt: (one, interrupted) => deps.prompt(one, config, interrupted),
    },
    {
      session: held.session,
      lease: held.lease,
      record,
      resumeThreadId: record.threadId,
      continued: execution.holdsClaim,
      decided: (await noteDown(deps, record)) ?? decide(held.session, deps),
    },
  );
  onAttempt(attempt);
  return await attempt.run();
}

/** Without a note on disk nothing is executed: after a crash nobody would know of it. */
async function noteDown(deps: WorkerDeps, record: AttemptRecord): Promise<WorkResult | undefined> {
  try {
    await deps.journal.save(record);
    return undefined;
  } catch (error) {
    return {
      kind: "failed",
      reason: "storage",
      message: `The session could not be noted down on this machine: ${messageOf(error)}. Nothing was executed. Check the disk and the permissions of ~/.one.`,
    };
  }
}

/** A claimed session that turns out to be one we must not run is ended with the reason, nothing is executed. */
function decide(session: Session, deps: WorkerDeps): WorkResult | AttemptAborted | undefined {
  const foreign = whyNotOurs(session, deps.identity);
  if (foreign !== undefined) {
    const message = `Given back: this session is not for this worker, since ${foreign}. Nothing was executed.`;
    return new AttemptAborted({ kind: "released", byPerson: false, message });
  }
  const message = whyModeUnsupported(session);
  return message === undefined ? undefined : { kind: "failed", reason: "notExecutable", message };
}

/**
 * An attempt that an earlier process left running goes on with its thread, under the same claim or a new one; the count of
 * activities belongs to the claim. What ended otherwise only lends its worktree.
 */
function recordFor(
  session: Session,
  lease: Lease,
  before: AttemptRecord | undefined,
  now: number,
): AttemptRecord {
  const wasRunning = before?.outcome === "running";
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
    threadId: wasRunning ? before.threadId : undefined,
    step: "preparing",
    headCommit: before?.headCommit,
    marker: undefined,
    tries: 0,
    outcome: "running",
    ran: undefined,
    ending: undefined,
    endedAt: undefined,
    detail: undefined,
    stat: undefined,
    releasedByPerson: false,
    archived: false,
  };
}
