import { untilAborted, withBackground } from "../base/background";
import { LinkedAbort } from "../base/abort";
import { messageOf } from "../base/log";
import type { Random } from "../base/random";
import { AttemptAborted, type AbortCause } from "./attemptEnd";
import { endingAsTold, endingOf, endsTelling, planEnd, type Ending } from "./attemptEnding";
import { doWork } from "./attemptWork";
import { StorageError, type WorkDeps, type WorkResult } from "./work";
import type { EndPhase, SessionChange } from "./events";
import { finishClaim } from "./finish";
import { keepLease, LeaseLost, type Lease } from "./lease";
import type { Activity } from "./ports/platform";
import type { AttemptRecord, Journal } from "./ports/journal";
import { Reporter } from "./reporter";
import type { SessionCalls } from "./sessionCalls";
import type { Session } from "./session";
import { wasCancelled } from "./wasCancelled";

export interface AttemptDeps extends WorkDeps {
  readonly random: Random;
  readonly journal: Journal;
  readonly calls: SessionCalls;
  readonly dispatch: (change: SessionChange) => void;
}

/** What an attempt starts from: a live claim, and the record of an earlier process where there is one. */
export interface AttemptStart {
  readonly session: Session;
  readonly lease: Lease;
  readonly record: AttemptRecord;
  readonly resumeThreadId: string | undefined;
  /** The claim was there already: an earlier process may have reported under it. */
  readonly continued: boolean;
  /** Set when nothing may be executed: only this end is told. */
  readonly decided: WorkResult | AttemptAborted | undefined;
}

export interface AttemptResult {
  readonly claimId: string;
  readonly phase: EndPhase;
  /** Set when the worker itself is at fault: claiming stops until a probe passes. */
  readonly fault: { readonly reason: string; readonly message: string } | undefined;
}

/** One local execution of a claimed session, from the proven claim to complete, fail, release or hands off. */
export class Attempt {
  readonly #deps: AttemptDeps;
  readonly #start: AttemptStart;
  /** Ends the work; the end is still told. */
  readonly #stop = new LinkedAbort();
  /** Ends everything: the claim is not ours any more, or this process ends. */
  readonly #handsOff = new LinkedAbort();
  #record: AttemptRecord;
  readonly #marker: string;

  constructor(deps: AttemptDeps, start: AttemptStart) {
    this.#deps = deps;
    this.#start = start;
    this.#record = start.record;
    this.#marker = deps.random.uuid();
  }

  get sessionId(): string {
    return this.#start.session.sessionId;
  }

  /**
   * Ends the work from outside; what is still told to the platform depends on the first cause. A later one changes
   * nothing, unless it ends the telling too.
   */
  abort(cause: AbortCause): void {
    const reason = new AttemptAborted(cause);
    if (endsTelling(cause)) this.#handsOff.abort(reason);
    this.#stop.abort(reason);
  }

  /** Never rejects: every end is a result. */
  async run(): Promise<AttemptResult> {
    const { clock, log } = this.#deps;
    const ending = await this.#toEnd();
    log.info("attempt ended", { sessionId: this.sessionId, phase: ending.phase, detail: ending.detail });
    const endedAt = clock.now();
    if (ending.outcome !== "running") {
      await this.#save({
        outcome: ending.outcome,
        endedAt,
        detail: ending.detail,
        releasedByPerson: ending.phase === "released" && ending.byPerson,
      });
    }
    this.#deps.dispatch({
      kind: "ended",
      phase: ending.phase,
      at: endedAt,
      detail: ending.detail,
      byPerson: ending.byPerson,
    });
    return { claimId: this.#start.lease.claimId, phase: ending.phase, fault: ending.fault };
  }

  async #toEnd(): Promise<Ending> {
    const { clock, log, calls } = this.#deps;
    try {
      return await this.#execute();
    } catch (error) {
      if (error instanceof LeaseLost && (await wasCancelled({ clock, calls }, this.#handsOff.signal))) {
        return endingOf(new AttemptAborted({ kind: "cancelled" }));
      }
      if (!(error instanceof AttemptAborted || error instanceof LeaseLost)) {
        log.error("an attempt ended unexpectedly", { sessionId: this.sessionId, message: messageOf(error) });
      }
      return endingOf(error);
    }
  }

  async #execute(): Promise<Ending> {
    const { lease } = this.#start;
    const reporter = this.#makeReporter(this.#deps.journal.outbox(this.sessionId, lease.claimId).sequence);
    return await withBackground(
      this.#handsOff.signal,
      [(signal) => this.#keepLease(lease, reporter, signal), (signal) => reporter.run(signal)],
      async (claimSignal) => {
        const work = this.#start.decided ?? (await this.#workUnless(claimSignal, reporter));
        return await this.#tellEnd(work, reporter, claimSignal);
      },
    );
  }

  #makeReporter(lastSequence: number): Reporter {
    const { clock, random, log, calls } = this.#deps;
    const { claimId } = this.#start.lease;
    return new Reporter({
      clock,
      random,
      log,
      sessionId: this.sessionId,
      lastSequence,
      continued: this.#start.continued,
      sendActivity: async (activity, signal) => {
        await calls.activity(claimId, activity, signal);
      },
      sendMetadata: (metadata, signal) => calls.patch(claimId, metadata, signal),
      onAccepted: (activity) => this.#accepted(activity),
    });
  }

  async #accepted(activity: Activity): Promise<void> {
    const { activityId, type, message, occurredAt } = activity;
    this.#deps.dispatch({ kind: "activity", activity: { activityId, type, message, at: occurredAt } });
    const { claimId } = this.#start.lease;
    const entry = { kind: "accepted", activityId, sequence: activity.sequence } as const;
    try {
      await this.#deps.journal.append(this.sessionId, claimId, entry);
    } catch (error) {
      this.#deps.log.error("a report could not be noted", {
        sessionId: this.sessionId,
        message: messageOf(error),
      });
    }
  }

  #keepLease(lease: Lease, reporter: Reporter, signal: AbortSignal): Promise<never> {
    const { clock, random, calls, log } = this.#deps;
    return keepLease(
      {
        clock,
        random,
        renew: (claimId, inner) => calls.renew(claimId, Math.round(lease.grantedMs / 1000), inner),
        onRenewed: (renewed) => {
          const leaseEndsAt = clock.now() + renewed.endsAtMonotonic - clock.monotonic();
          this.#deps.dispatch({ kind: "leaseRenewed", leaseEndsAt });
        },
        onBounded: (bounded) => {
          const minutes = Math.max(0, Math.floor((bounded.endsAtMonotonic - clock.monotonic()) / 60_000));
          log.warn("the platform does not renew claims", { sessionId: this.sessionId, minutes });
          reporter.tell(
            "progress",
            `The platform does not extend claims, so this attempt must end within ${minutes} minutes.`,
          );
        },
        onEndsSoon: () =>
          this.abort({
            kind: "outOfTime",
            message:
              "The claim ran out before the work was done, and the platform does not extend claims. What was done is kept in the worktree. Set claim.leaseSeconds in WORKFLOW.md higher for work this long.",
          }),
      },
      lease,
      signal,
    );
  }

  /** Runs the work until it ends, the claim ends, or somebody asks for its end. */
  async #workUnless(claimSignal: AbortSignal, reporter: Reporter): Promise<WorkResult | AttemptAborted> {
    const scope = new LinkedAbort(claimSignal);
    const stop = this.#stop.signal;
    const follow = (): void => scope.abort(asError(stop.reason));
    stop.addEventListener("abort", follow, { once: true });
    if (stop.aborted) follow();
    try {
      return await doWork(
        this.#deps,
        {
          session: this.#start.session,
          reporter,
          resumeThreadId: this.#start.resumeThreadId,
          interrupted: this.#start.resumeThreadId !== undefined,
          marker: this.#marker,
          noted: undefined,
          ran: undefined,
          change: (change) => this.#hear(change),
          record: (facts) => this.#save(facts),
          step: (step, facts) => this.#saveStep({ ...facts, step, marker: this.#marker }),
        },
        scope.signal,
      );
    } catch (error) {
      if (!claimSignal.aborted && error instanceof AttemptAborted) return error;
      throw error;
    } finally {
      stop.removeEventListener("abort", follow);
      scope.dispose();
    }
  }

  /** The last activity, then the finish that the result asks for. */
  async #tellEnd(
    work: WorkResult | AttemptAborted,
    reporter: Reporter,
    signal: AbortSignal,
  ): Promise<Ending> {
    signal.throwIfAborted();
    const { clock, random, log, calls } = this.#deps;
    const plan = planEnd(work);
    this.#deps.dispatch({ kind: "finishing", detail: "reporting" });
    reporter.note({ providerStatus: plan.finish.kind === "complete" ? "completed" : "ended" });
    reporter.tell(plan.activity.type, plan.activity.text);
    await untilAborted(reporter.flush(), signal);
    const { claimId } = this.#start.lease;
    const deps = { clock, random, log, sessionId: this.sessionId, calls, claimId };
    return endingAsTold(plan, await finishClaim(deps, plan.finish, signal));
  }

  /** Tokens go with the next record that is saved: they change too often for one of their own. */
  #hear(change: SessionChange): void {
    if (change.kind === "runtime" && change.event.kind === "usage") {
      this.#record = { ...this.#record, usage: change.event.usage };
    }
    this.#deps.dispatch(change);
  }

  /** Rejects with StorageError. */
  async #saveStep(facts: Partial<AttemptRecord>): Promise<void> {
    this.#record = { ...this.#record, ...facts };
    try {
      await this.#deps.journal.save(this.#record);
    } catch (error) {
      throw new StorageError(
        `The session could not be noted down on this machine: ${messageOf(error)}. What was done is kept in the worktree. Check the disk and the permissions of ~/.one.`,
      );
    }
  }

  async #save(facts: Partial<AttemptRecord>): Promise<void> {
    this.#record = { ...this.#record, ...facts };
    try {
      await this.#deps.journal.save(this.#record);
    } catch (error) {
      this.#deps.log.error("the attempt's record could not be stored", {
        sessionId: this.sessionId,
        message: messageOf(error),
      });
    }
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
