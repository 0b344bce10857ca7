import { messageOf } from "../base/log";
import type { OutboxState } from "./outbox";
import { latestAttempt } from "./latestAttempt";
import type { AttemptRecord, PendingEnding } from "./ports/journal";
import type { OpenQuestion } from "./ports/person";
import type { ActivityType } from "./ports/platform";
import type { RunOutcome } from "./ports/runtime";
import type { NotedWorktree } from "./ports/worktrees";
import type { Session } from "./session";
import type { WorkerDeps } from "./workerDeps";

/** What an attempt takes over from an earlier one that was cut off. */
export interface Resumption {
  readonly threadId: string | undefined;
  /** The coding tool was at work: the model is told that it was interrupted. */
  readonly interrupted: boolean;
  /** Verified before anything is done there. */
  readonly noted: NotedWorktree | undefined;
  /** The coding tool had ended: it is not run again. */
  readonly ran: RunOutcome | undefined;
  /** It waited for a person: they are asked again. */
  readonly asked: OpenQuestion | undefined;
  /** The end was decided: only it is told. */
  readonly ending: PendingEnding | undefined;
}

const afresh: Resumption = {
  threadId: undefined,
  interrupted: false,
  noted: undefined,
  ran: undefined,
  asked: undefined,
  ending: undefined,
};

/**
 * Does an attempt on this session go on with the earlier one? A session that came back to the queue is new work, unless the
 * earlier attempt never ended here.
 * @param session as it was before it was claimed, or with the claim that it carries already.
 */
export function resumes(before: AttemptRecord | undefined, session: Session): before is AttemptRecord {
  if (before === undefined) return false;
  if (before.outcome === "running") return true;
  if (before.outcome !== "abandoned") return false;
  // A claim whose answer was lost: what is not to be gone on with was taken out of the record before it.
  return session.status === "stale" || before.step === "claiming";
}

export function resumptionOf(
  before: AttemptRecord | undefined,
  session: Session,
  folder: string,
): Resumption {
  if (!resumes(before, session)) return afresh;
  const { sessionId, worktreePath: path, branch, headCommit, threadId, ran, asked, ending } = before;
  const known = path !== undefined && branch !== undefined && headCommit !== undefined;
  return {
    threadId,
    interrupted: threadId !== undefined || before.step === "executing",
    noted: known ? { sessionId, folder, path, branch, headCommit } : undefined,
    ran,
    asked,
    ending,
  };
}

/**
 * Processes that an earlier worker left are ended before anything else happens; a record whose processes are gone forgets
 * their marker. Never rejects.
 */
export async function endAllLeftovers(deps: WorkerDeps): Promise<void> {
  const left = deps.journal.list().filter((record) => record.outcome === "running");
  await Promise.all(left.map((record) => endLeftovers(deps, record)));
}

/** False when processes of the attempt could not be ended: then nothing may be executed for its session. */
export async function endLeftovers(deps: WorkerDeps, record: AttemptRecord | undefined): Promise<boolean> {
  if (record?.marker === undefined) return true;
  const { runtime, journal, log } = deps;
  const { sessionId } = record;
  const left = await runtime.endLeftovers(record.marker);
  if (left > 0) {
    log.error("processes of an earlier attempt could not be ended", { sessionId, left });
    return false;
  }
  const now = latestAttempt(journal, sessionId);
  try {
    if (now?.marker === record.marker) await journal.save({ ...now, marker: undefined });
  } catch (error) {
    // They are looked for once more the next time.
    log.warn("a record could not be stored", { sessionId, message: messageOf(error) });
  }
  return true;
}

const lastOfClaim: ReadonlySet<ActivityType> = new Set(["completion", "failure", "release"]);

/** What the claim before could not tell goes on under the new one, noted before the record names the new claim. */
export async function carryOver(
  deps: WorkerDeps,
  before: AttemptRecord | undefined,
  claimId: string,
  resumption: Resumption,
): Promise<void> {
  if (before === undefined || before.claimId === "" || before.claimId === claimId) return;
  const left = deps.journal.outbox(before.sessionId, before.claimId);
  const { sending } = left;
  // The last word of an end that is not told any more would be untrue.
  const obsolete =
    sending !== undefined &&
    lastOfClaim.has(sending.type) &&
    resumption.ending?.activityId !== sending.activityId;
  const from: OutboxState = obsolete ? { ...left, sending: undefined } : left;
  if (isEmpty(from)) return;
  try {
    await deps.journal.append(before.sessionId, claimId, { kind: "carried", from });
  } catch (error) {
    deps.log.error("what was not told yet could not be carried over to the new claim", {
      sessionId: before.sessionId,
      message: messageOf(error),
    });
  }
}

function isEmpty({ waiting, sending, metadata, leftOut, told = [] }: OutboxState): boolean {
  const left = waiting.length + leftOut + told.length + Object.keys(metadata).length;
  return left === 0 && sending === undefined;
}
