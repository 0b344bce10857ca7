import { untilAborted } from "../base/background";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { fullJitterMs } from "../base/backoff";
import type { Random } from "../base/random";
import { allowedPlan, endingAsTold, lastWords, pendingOf, type EndPlan, type Ending } from "./attemptEnding";
import { finishClaim } from "./finish";
import type { AttemptRecord, Journal } from "./ports/journal";
import type { Activity } from "./ports/platform";
import { OutboxLog } from "./outboxLog";
import { Reporter } from "./reporter";
import type { SessionCalls } from "./sessionCalls";

/** How long a disk that does not take the note of an end is tried again, milliseconds. */
const noteMs = 30_000;

/** One claim's voice: what is told with it, and how its end is told. */
export interface TellingDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly journal: Journal;
  readonly calls: SessionCalls;
  readonly sessionId: string;
  readonly claimId: string;
  /** An earlier process may have used this claim. */
  readonly continued: boolean;
  readonly onAccepted: (activity: Activity) => void;
  /** Why the session must not be completed; undefined when it may be. */
  readonly whyNotComplete: () => string | undefined;
  /** Rejects when the disk does not take it. */
  readonly save: (facts: Partial<AttemptRecord>) => Promise<void>;
}

export function makeReporter(deps: TellingDeps): Reporter {
  const { clock, random, log, journal, calls, sessionId, claimId, continued, onAccepted } = deps;
  return new Reporter({
    clock,
    random,
    log,
    sessionId,
    continued,
    onAccepted,
    outbox: new OutboxLog({
      log,
      sessionId,
      initial: journal.outbox(sessionId, claimId),
      append: (entry) => journal.append(sessionId, claimId, entry),
    }),
    sendActivity: (activity, signal) => calls.activity(claimId, activity, signal),
    sendMetadata: (metadata, signal) => calls.patch(claimId, metadata, signal),
  });
}

/**
 * The end is noted, then told: what waits, the last activity, the finish. A later process tells the same one.
 * @param toldBefore an earlier process noted this end, and may have told some of it.
 */
export async function tellEnd(
  deps: TellingDeps,
  reporter: Reporter,
  decided: EndPlan,
  activityId: string,
  toldBefore: boolean,
  signal: AbortSignal,
): Promise<Ending> {
  const plan = allowedPlan(decided, deps.whyNotComplete());
  reporter.close();
  // Before the end is noted: an end that stands in the journal may have been told, and nothing but the finish comes after it.
  if (!toldBefore) reporter.note({ providerStatus: plan.finish.kind === "complete" ? "completed" : "ended" });
  await noteEnd(deps, plan, activityId, signal);
  await untilAborted(reporter.tellLast({ activityId, ...lastWords(plan.finish) }), signal);
  return endingAsTold(plan, await finishClaim(deps, plan.finish, signal));
}

/**
 * A session that is given back has nothing to lose, and work that is done is worth more than its note: when the disk does
 * not take it for long, the end is told all the same.
 */
async function noteEnd(
  deps: TellingDeps,
  plan: EndPlan,
  activityId: string,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, log, sessionId } = deps;
  const until = clock.monotonic() + (plan.finish.kind === "release" ? 0 : noteMs);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await deps.save({ step: "finishing", ending: pendingOf(plan, activityId) });
      return;
    } catch (error) {
      signal.throwIfAborted();
      log.error("the end of an attempt could not be noted", { sessionId, message: messageOf(error) });
      if (clock.monotonic() >= until) return;
      await clock.sleep(500 + fullJitterMs(attempt, { baseMs: 1000, maxMs: 8000 }, random), signal);
    }
  }
}
