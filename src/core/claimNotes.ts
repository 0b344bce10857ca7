import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import type { AttemptResult } from "./attempt";
import { latestAttempt } from "./latestAttempt";
import type { AttemptRecord } from "./ports/journal";
import { resumes } from "./recover";
import type { Session } from "./session";
import type { Execution } from "./takeClaim";
import type { WorkerDeps } from "./workerDeps";

/**
 * Before a claim is asked for it is noted, since its answer may be lost. The record of an earlier attempt stays as it is but
 * for the step; what a new claim does not go on with is taken out of it, so that it is not after a crash either.
 * @returns the fault of a disk that does not take the note: then nothing may be claimed.
 */
export async function noteClaiming(
  { deps, dispatch }: Execution,
  session: Session,
  before: AttemptRecord | undefined,
): Promise<AttemptResult | undefined> {
  const earlier = before !== undefined && before.claimId !== "" ? before : undefined;
  const obsolete = earlier?.outcome === "abandoned" && !resumes(earlier, session);
  const record: AttemptRecord =
    earlier === undefined
      ? blank(session, deps.clock.now())
      : {
          ...earlier,
          step: "claiming",
          ...(obsolete ? { threadId: undefined, ran: undefined, ending: undefined } : {}),
        };
  try {
    await deps.journal.save(record);
    return undefined;
  } catch (error) {
    const message = asWritten(
      "The session could not be noted down on this machine: {0}. Nothing was claimed. Check the disk and the permissions of ~/.one.",
      messageOf(error),
    );
    const phase = "listed";
    dispatch({ kind: "ended", phase, at: deps.clock.now(), detail: message, byPerson: false });
    return { claimId: undefined, phase, fault: { reason: "storage", message } };
  }
}

/** The claim is not to be had: what was noted before stands again. */
export async function noteNotClaimed(
  deps: WorkerDeps,
  session: Session,
  before: AttemptRecord | undefined,
): Promise<void> {
  const now = deps.clock.now();
  const record: AttemptRecord =
    before !== undefined && before.claimId !== "" ? before : neverHad(blank(session, now), now);
  try {
    await deps.journal.save(record);
  } catch (error) {
    deps.log.error("the attempt's record could not be stored", {
      sessionId: session.sessionId,
      message: messageOf(error),
    });
  }
}

/** A person gave the session back while its claim was asked for: later processes know of it too. */
export async function noteGivenBack(deps: WorkerDeps, sessionId: string, detail: string): Promise<void> {
  const { journal, log } = deps;
  const record = latestAttempt(journal, sessionId);
  // An earlier attempt's own end stands.
  if (record?.claimId !== "") return;
  const outcome = record.outcome === "running" ? "running" : "released";
  try {
    await journal.save({ ...record, outcome, detail, releasedByPerson: true });
  } catch (error) {
    log.warn("a release could not be noted", { sessionId, message: messageOf(error) });
  }
}

/** A claim that was asked for and, as the platform says, not had. */
export function neverHad(record: AttemptRecord, now: number): AttemptRecord {
  const outcome = record.releasedByPerson ? "released" : "abandoned";
  return { ...record, step: "ended", outcome, endedAt: now };
}

function blank(session: Session, now: number): AttemptRecord {
  return {
    sessionId: session.sessionId,
    claimId: "",
    title: session.title,
    startedAt: now,
    step: "claiming",
    worktreePath: undefined,
    workingDirectory: undefined,
    branch: undefined,
    baseCommit: undefined,
    baseBranch: undefined,
    headCommit: undefined,
    threadId: undefined,
    marker: undefined,
    tries: 0,
    ran: undefined,
    outcome: "running",
    ending: undefined,
    endedAt: undefined,
    detail: undefined,
    stat: undefined,
    releasedByPerson: false,
    archived: false,
  };
}
