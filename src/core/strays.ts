import { withDeadline } from "../base/deadline";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import type { Attempt } from "./attempt";
import { AttemptAborted, releasedByHand } from "./attemptEnd";
import { planEnd, planOf } from "./attemptEnding";
import { claimAndRun } from "./claimAndRun";
import { neverHad } from "./claimNotes";
import type { EndPhase, SessionChange } from "./events";
import { statusAfter } from "./finish";
import { latestAttempt } from "./latestAttempt";
import { noSlot } from "./heldSlot";
import { PlatformError } from "./platformError";
import type { AttemptRecord } from "./ports/journal";
import type { WorkerPath } from "./ports/platform";
import { endLeftovers } from "./recover";
import type { Session, SessionStatus } from "./session";
import { bindSession } from "./sessionCalls";
import type { WorkerDeps } from "./workerDeps";
import type { WorkflowConfig } from "./workflowConfig";

/** A question about the session of this id. */
type IsSession = (sessionId: string) => boolean;

/** How long a stop waits for the releases of what it cannot finish, milliseconds; claims run out by themselves. */
const releaseMs = 15_000;

/**
 * Attempts of an earlier process that a poll did not bring back: the platform is asked how each stands, so that no row
 * claims to be interrupted for ever. The worktree is kept in every case.
 * @param isLive true for sessions that execute or end here, also since the platform was asked, and for those that the poll
 *   just offered, which settles them by itself.
 */
export async function settleStrays(
  deps: WorkerDeps,
  path: WorkerPath,
  isLive: IsSession,
  signal: AbortSignal,
): Promise<void> {
  for (const record of unfinished(deps, isLive)) {
    try {
      const session = await askAbout(deps, path, record, signal);
      if (isLive(record.sessionId)) continue;
      if (session === undefined || !holds(session, record)) await settle(deps, record, session);
    } catch (error) {
      signal.throwIfAborted();
      // The next poll asks again.
      deps.log.warn("a session could not be asked about", {
        sessionId: record.sessionId,
        message: messageOf(error),
      });
    }
  }
  await settleRows(deps, path, isLive, signal);
}

/**
 * A claim that only a poll showed, and that was gone before it could be taken up, has no record: its row would wait for ever.
 */
async function settleRows(
  deps: WorkerDeps,
  path: WorkerPath,
  isLive: IsSession,
  signal: AbortSignal,
): Promise<void> {
  const noted = new Set(unfinished(deps, isLive).map((record) => record.sessionId));
  for (const { sessionId, phase } of deps.store.state.sessions.values()) {
    if (phase !== "interrupted" || isLive(sessionId) || noted.has(sessionId)) continue;
    try {
      const session = await askAbout(deps, path, { sessionId }, signal);
      if (session?.claim !== undefined) continue;
      const { phase: ended, detail } = settledAs(session?.status);
      show(deps, { sessionId }, { phase: ended, at: deps.clock.now(), detail, byPerson: false });
    } catch (error) {
      signal.throwIfAborted();
      deps.log.warn("a session could not be asked about", { sessionId, message: messageOf(error) });
    }
  }
}

/**
 * Before anything is claimed: what a poll shows in the queue has ended for us, so a record that tells otherwise is closed.
 * A session that a person released is not claimed again this way, though the release's answer was lost.
 * @param isBusy true for sessions that execute or end here.
 */
export async function closeQueued(
  deps: WorkerDeps,
  polled: readonly Session[],
  isBusy: IsSession,
): Promise<void> {
  const queued = new Map(
    polled.filter((one) => one.status === "queued").map((one) => [one.sessionId, one] as const),
  );
  const left = [...unfinished(deps, isBusy), ...unsureReleases(deps, isBusy)];
  for (const record of left) {
    const session = queued.get(record.sessionId) ?? unwanted(deps, polled, record);
    if (session === undefined) continue;
    if (record.step !== "claiming" && record.ending === undefined && !wasGivenBack(record)) continue;
    try {
      // One that was given up is open again for this: its release was carried out.
      const open = record.step === "claiming" ? record : { ...record, outcome: "running" as const };
      await settle(deps, open, session);
    } catch (error) {
      const { sessionId } = record;
      deps.log.warn("a record could not be closed", { sessionId, message: messageOf(error) });
    }
  }
}

/** A claim that only a poll showed, and that ended before it could be taken up: its row shows what it showed before. */
export function closeRows(deps: WorkerDeps, polled: readonly Session[], isBusy: IsSession): void {
  for (const { sessionId, status } of polled) {
    const view = deps.store.state.sessions.get(sessionId);
    if (view?.phase !== "interrupted" || isBusy(sessionId)) continue;
    if (status !== "queued" && status !== "stale") continue;
    const record = latestAttempt(deps.journal, sessionId);
    if (record?.outcome === "running" || record?.step === "claiming") continue;
    const phase = record === undefined || record.claimId === "" ? "listed" : phaseOf[record.outcome];
    const byPerson = record?.releasedByPerson === true;
    const at = record?.endedAt ?? deps.clock.now();
    show(deps, { sessionId }, { phase, at, detail: record?.detail, byPerson });
  }
}

/**
 * A stopped worker holds nothing back: claims that wait to be gone on with go to the queue, and ends that were decided are
 * told. Never rejects but on abort.
 * @param releasing holds the session that is being given back, for those who look after strays meanwhile.
 */
export async function releaseStrays(
  deps: WorkerDeps,
  path: WorkerPath,
  releasing: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const late = new Error("the platform did not answer in time");
  try {
    const left = unfinished(deps, () => false);
    if (left.length === 0) return;
    const config = await deps.workflow();
    await withDeadline(deps.clock, releaseMs, late, signal, async (inner) => {
      for (const record of left) {
        releasing.add(record.sessionId);
        try {
          await releaseOne(deps, path, record, config, inner);
        } finally {
          releasing.delete(record.sessionId);
        }
      }
    });
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn("claims could not be released on the stop; they run out by themselves", {
      message: messageOf(error),
    });
  }
}

async function releaseOne(
  deps: WorkerDeps,
  path: WorkerPath,
  record: AttemptRecord,
  config: WorkflowConfig,
  signal: AbortSignal,
): Promise<void> {
  const { sessionId } = record;
  const session = await askAbout(deps, path, record, signal);
  if (session === undefined || !holds(session, record)) {
    await settle(deps, record, session);
    return;
  }
  const givenBack = wasGivenBack(record);
  const message = givenBack
    ? releasedByHand
    : asWritten("Given back to the queue: the worker was stopped before it could go on.");
  const released = planEnd(new AttemptAborted({ kind: "released", byPerson: givenBack, message }));
  const execution = {
    deps,
    config,
    calls: bindSession(deps.platform, path, sessionId),
    dispatch: (change: SessionChange) => deps.store.dispatch({ kind: "session", sessionId, change }),
    holdsClaim: true,
    slot: noSlot(deps.clock),
    givenBack,
    ...(record.ending === undefined && { decided: released }),
  };
  let attempt: Attempt | undefined;
  const stop = (): void => attempt?.abort({ kind: "processEnds" });
  signal.addEventListener("abort", stop, { once: true });
  try {
    await claimAndRun(execution, session, (one) => (attempt = one), signal);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function unfinished(deps: WorkerDeps, isLive: IsSession): readonly AttemptRecord[] {
  return deps.journal
    .list()
    .filter((record) => record.outcome === "running" || record.step === "claiming")
    .filter((record) => !isLive(record.sessionId));
}

/** A person gave it back, and the process that was to do so died on the way. */
function wasGivenBack({ outcome, releasedByPerson, ending }: AttemptRecord): boolean {
  const open = ending === undefined || ending.finish.kind === "release";
  return outcome === "running" && releasedByPerson && open;
}

/** The claim that was asked for has come and gone, or has ended, and a person gave the session back meanwhile. */
function unwanted(deps: WorkerDeps, polled: readonly Session[], record: AttemptRecord): Session | undefined {
  const { sessionId, claimId } = record;
  // What the disk did not take only the row knows.
  const shown = claimId === "" && deps.store.state.sessions.get(sessionId)?.releasedByPerson === true;
  if (!shown && !wasGivenBack(record)) return undefined;
  return polled.find((one) => one.sessionId === sessionId && one.status === "stale");
}

/** A person released the session, and the claim ended before the answer was known. */
function unsureReleases(deps: WorkerDeps, isBusy: IsSession): readonly AttemptRecord[] {
  return deps.journal
    .list()
    .filter(({ outcome, ending }) => outcome === "abandoned" && ending?.byPerson === true)
    .filter(({ sessionId, step }) => step !== "claiming" && !isBusy(sessionId));
}

/** Undefined when the session is not there for us any more. */
async function askAbout(
  deps: WorkerDeps,
  path: WorkerPath,
  record: Pick<AttemptRecord, "sessionId">,
  signal: AbortSignal,
): Promise<Session | undefined> {
  try {
    return await deps.platform.getSession(path, record.sessionId, signal);
  } catch (error) {
    if (PlatformError.is(error, "notFound", "forbidden")) return undefined;
    throw error;
  }
}

/** Still ours, and merely waiting to be gone on with. */
function holds(session: Session, record: AttemptRecord): boolean {
  const live = session.status === "active" || session.status === "awaiting_input";
  if (!live || session.claim === undefined) return false;
  // While a claim is asked for, its id is not known yet.
  return record.step === "claiming" || session.claim.claimId === record.claimId;
}

const phaseOf: Readonly<Record<Exclude<AttemptRecord["outcome"], "running">, EndPhase>> = {
  interrupted: "interrupted",
  completed: "complete",
  failed: "failed",
  released: "released",
  cancelled: "cancelled",
  abandoned: "claimLost",
};

async function settle(deps: WorkerDeps, record: AttemptRecord, session: Session | undefined): Promise<void> {
  const now = deps.clock.now();
  if (record.claimId === "") {
    await deps.journal.save(neverHad(record, now));
    const { releasedByPerson: byPerson, detail } = record;
    const phase = session?.status === "cancelled" ? "cancelled" : byPerson ? "released" : "listed";
    show(deps, record, { phase, at: now, detail: byPerson ? detail : undefined, byPerson });
    return;
  }
  if (record.outcome !== "running") {
    // It had ended before it was asked for anew.
    await deps.journal.save({ ...record, step: "ended" });
    const { detail, releasedByPerson: byPerson, endedAt: at = now } = record;
    show(deps, record, { phase: phaseOf[record.outcome], at, detail, byPerson });
    return;
  }
  if (record.ending !== undefined && session?.status === statusAfter[record.ending.finish.kind]) {
    const { outcome, phase, detail, byPerson } = planOf(record.ending).ending;
    await end(deps, record, outcome, phase, detail, byPerson || wasGivenBack(record));
    return;
  }
  const settled = settledAs(session?.status);
  if (settled.outcome === "abandoned" && wasGivenBack(record)) {
    await end(deps, record, "released", "released", releasedByHand, true);
    return;
  }
  await end(deps, record, settled.outcome, settled.phase, settled.detail, false);
}

/** What became of an attempt whose session stands so on the platform. */
function settledAs(status: SessionStatus | undefined): {
  readonly outcome: AttemptRecord["outcome"];
  readonly phase: EndPhase;
  readonly detail: string | undefined;
} {
  switch (status) {
    case "complete":
      return { outcome: "completed", phase: "complete", detail: undefined };
    case "error":
      return {
        outcome: "failed",
        phase: "failed",
        detail: asWritten("It was marked failed on the platform."),
      };
    case "cancelled":
      return {
        outcome: "cancelled",
        phase: "cancelled",
        detail: asWritten("Cancelled on the platform. The work so far is kept in its worktree."),
      };
    default:
      return {
        outcome: "abandoned",
        phase: "claimLost",
        detail: asWritten(
          "The claim on this session ended while the worker was away. What was done is kept in its worktree.",
        ),
      };
  }
}

async function end(
  deps: WorkerDeps,
  record: AttemptRecord,
  outcome: AttemptRecord["outcome"],
  phase: EndPhase,
  detail: string | undefined,
  byPerson: boolean,
): Promise<void> {
  await endLeftovers(deps, record);
  const at = deps.clock.now();
  const releasedByPerson = outcome === "released" && byPerson;
  const kept = outcome === "abandoned" ? {} : { ran: undefined, ending: undefined };
  const marker = undefined;
  await deps.journal.save({
    ...record,
    ...kept,
    marker,
    step: "ended",
    outcome,
    endedAt: at,
    detail,
    releasedByPerson,
  });
  show(deps, record, { phase, at, detail, byPerson });
}

function show(
  deps: WorkerDeps,
  record: Pick<AttemptRecord, "sessionId">,
  end: Omit<Extract<SessionChange, { kind: "ended" }>, "kind">,
): void {
  const change = { kind: "ended", ...end } as const;
  deps.store.dispatch({ kind: "session", sessionId: record.sessionId, change });
}
