import { withBackground } from "../base/background";
import { LinkedAbort } from "../base/abort";
import { abortReason } from "../base/clock";
import { messageOf } from "../base/log";
import { asWritten, say } from "../base/words";
import type { HandedWork } from "./actions";
import { shownArtifacts } from "./artifactNotes";
import { AttemptAborted, type AbortCause } from "./attemptEnd";
import { endingOf, endsTelling, planEnd, type EndPlan, type Ending } from "./attemptEnding";
import { makeReporter, tellEnd, type TellingDeps } from "./attemptTelling";
import { doWork } from "./attemptWork";
import type { WakeSense } from "../base/wakeSense";
import { ClaimGate } from "./claimGate";
import { notWorking } from "./delegation";
import { gatedCalls } from "./gatedCalls";
import { StorageError, type RunWork, type WorkDeps, type WorkResult } from "./work";
import type { EndPhase, SessionChange } from "./events";
import type { HeldSlot } from "./heldSlot";
import { keepAttemptLease } from "./attemptLease";
import { LeaseLost, type Lease } from "./lease";
import type { AttemptRecord, Journal } from "./ports/journal";
import type { PersonAnswer } from "./ports/person";
import { notAsked, QuestionDesk } from "./questionDesk";
import type { Resumption } from "./recover";
import type { Reporter } from "./reporter";
import type { SessionCalls } from "./sessionCalls";
import { RunLog, runViewOf, whyNotComplete, type RunNotes } from "./runNotes";
import type { Session } from "./session";
import { modeOf } from "./taskMode";
import { Toolbox } from "./toolbox";
import { UsageMeter } from "./usageMeter";
import { wasCancelled } from "./wasCancelled";

export interface AttemptDeps extends WorkDeps {
  readonly sense: WakeSense;
  readonly journal: Journal;
  readonly calls: SessionCalls;
  readonly dispatch: (change: SessionChange) => void;
  readonly slot: HeldSlot;
}

/** What an attempt starts from: a live claim, and what an earlier process left where there was one. */
export interface AttemptStart {
  readonly session: Session;
  readonly lease: Lease;
  readonly record: AttemptRecord;
  readonly resumption: Resumption;
  /** The claim was there already: an earlier process may have reported under it. */
  readonly continued: boolean;
  /** Set when nothing may be executed: only this end is told. */
  readonly decided: EndPlan | undefined;
}

export interface AttemptResult {
  /** Undefined when there was no claim. */
  readonly claimId: string | undefined;
  readonly phase: EndPhase;
  /** Set when the worker itself is at fault: claiming stops until a probe passes. */
  readonly fault: { readonly reason: string; readonly message: string } | undefined;
  /** Set when the disk did not take the end: it is to be noted later. */
  readonly unnoted?: AttemptRecord | undefined;
}

/** One local execution of a claimed session, from the proven claim to complete, fail, release or hands off. */
export class Attempt {
  readonly #deps: AttemptDeps;
  readonly #start: AttemptStart;
  /** Ends the work; the end is still told. */
  readonly #stop = new LinkedAbort();
  /** Ends everything: the claim is not ours any more, or this process ends. */
  readonly #handsOff = new LinkedAbort();
  readonly #over = new LinkedAbort();
  /** A person gave the session back, whatever its end had been before. */
  #givenBack = false;
  readonly #gate: ClaimGate;
  readonly #calls: SessionCalls;
  readonly #marker: string;
  #record: AttemptRecord;
  #seen: Session["untrusted"] | undefined;
  #desk: QuestionDesk | undefined;
  #toolbox: Toolbox | undefined;

  constructor(deps: AttemptDeps, start: AttemptStart) {
    this.#deps = deps;
    this.#start = start;
    this.#record = start.record;
    this.#givenBack = start.record.releasedByPerson;
    this.#gate = new ClaimGate(deps.sense);
    this.#calls = gatedCalls(deps.calls, this.#gate);
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
    if (cause.kind === "released" && cause.byPerson) this.#noteGivenBack();
    if (endsTelling(cause)) this.#handsOff.abort(reason);
    this.#stop.abort(reason);
  }

  /** It waits for a person now. */
  get waits(): boolean {
    return this.#desk?.waits ?? false;
  }

  /** @throws UserError when this is not asked any more, or not answered so. */
  answer(questionId: string | undefined, answer: PersonAnswer): void {
    if (this.#desk === undefined) throw notAsked();
    this.#desk.answer(questionId, answer);
  }

  /** A person hands work of this session on. Resolves with the new session's id; rejects with UserError. */
  async delegate(work: HandedWork): Promise<string> {
    if (this.#toolbox === undefined || this.waits) throw notWorking();
    return await this.#toolbox.delegateByHand(work, this.#over.signal);
  }

  /** The session as the platform showed it, which may hold an answer. @param requestedAt monotonic instant. */
  see(session: Session, requestedAt: number): void {
    this.#seen = session.untrusted;
    this.#desk?.see(session, requestedAt);
  }

  /**
   * The machine slept, so the claim may have died meanwhile. Nothing is sent, committed or spawned until a renewal has
   * proven it; without one within 30 s it is given up. Resolves when it is proven, or this attempt is over. Never rejects.
   */
  async verifyClaim(): Promise<void> {
    this.#gate.doubt();
    await this.#gate.pass(this.#over.signal).catch(() => undefined);
  }

  /** Never rejects: every end is a result. */
  async run(): Promise<AttemptResult> {
    const { clock, log } = this.#deps;
    this.#deps.dispatch({ kind: "artifacts", artifacts: shownArtifacts(this.#record.artifacts) });
    this.#showRun(this.#record.run);
    const ending = this.#forPerson(await this.#toEnd());
    this.#over.abort(new Error("the attempt is over"));
    log.info("attempt ended", { sessionId: this.sessionId, phase: ending.phase, detail: ending.detail });
    const endedAt = clock.now();
    const noted = ending.outcome === "running" || (await this.#close(ending, endedAt));
    this.#deps.dispatch({
      kind: "ended",
      phase: ending.phase,
      at: endedAt,
      detail: ending.detail,
      byPerson: ending.byPerson,
    });
    const { claimId } = this.#start.lease;
    const unnoted = noted ? undefined : this.#record;
    return { claimId, phase: ending.phase, fault: ending.fault, unnoted };
  }

  /** At once: a process that dies before the end is told must not have the next one go on with the work. */
  #noteGivenBack(): void {
    if (this.#givenBack) return;
    this.#givenBack = true;
    if (this.#record.outcome === "running") void this.#saveQuietly({ releasedByPerson: true });
  }

  #forPerson(ending: Ending): Ending {
    return ending.phase === "released" && this.#givenBack ? { ...ending, byPerson: true } : ending;
  }

  /** What an abandoned attempt was at is kept: the session may come back here as stale. False when the disk did not take it. */
  async #close(ending: Ending, endedAt: number): Promise<boolean> {
    const kept = ending.outcome === "abandoned";
    const pending = this.#record.ending;
    // Should it turn out that it was carried out, it is what the person asked for.
    const asked = this.#givenBack && pending?.finish.kind === "release";
    return await this.#saveQuietly({
      step: "ended",
      outcome: ending.outcome,
      endedAt,
      detail: ending.detail,
      releasedByPerson: ending.phase === "released" && ending.byPerson,
      ...(kept ? {} : { ran: undefined, ending: undefined }),
      ...(kept && asked ? { ending: { ...pending, byPerson: true } } : {}),
    });
  }

  async #toEnd(): Promise<Ending> {
    const { clock, log, calls, dispatch } = this.#deps;
    try {
      return await this.#execute();
    } catch (error) {
      // Nothing runs any more, however long the question below takes.
      dispatch({ kind: "finishing", detail: say("the claim ended") });
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
    const telling = this.#telling();
    const reporter = makeReporter(telling);
    return await withBackground(
      this.#handsOff.signal,
      [(signal) => this.#keepLease(reporter, signal), (signal) => reporter.run(signal)],
      async (signal) => {
        const desk = this.#openDesk(reporter, signal);
        const plan = this.#start.decided ?? planEnd(await this.#workUnless(signal, reporter, desk));
        signal.throwIfAborted();
        desk.end();
        this.#deps.dispatch({ kind: "finishing", detail: say("reporting") });
        const before = this.#start.resumption.ending;
        const activityId = before?.activityId ?? this.#deps.random.uuid();
        return await tellEnd(telling, reporter, plan, activityId, before !== undefined, signal);
      },
    );
  }

  #openDesk(reporter: Reporter, signal: AbortSignal): QuestionDesk {
    const { clock, random, log, slot, dispatch } = this.#deps;
    const deps = {
      clock,
      random,
      log,
      slot,
      reporter,
      sessionId: this.sessionId,
      read: (inner: AbortSignal) => this.#calls.read(inner),
      isEnding: () => this.#stop.signal.aborted,
      change: dispatch,
      record: async (facts: Partial<AttemptRecord>) => {
        await this.#saveQuietly(facts);
      },
    };
    this.#desk = new QuestionDesk(deps, signal);
    return this.#desk;
  }

  /** Undefined for a session of no run. */
  #openRun(): RunWork | undefined {
    const { run } = this.#record;
    const mode = modeOf(this.#start.session);
    if (run === undefined || mode === undefined) return undefined;
    const save = (facts: Partial<AttemptRecord>): Promise<void> => this.#save(facts);
    return { mode, log: new RunLog(run, save, (notes) => this.#showRun(notes)) };
  }

  #showRun(notes: RunNotes | undefined): void {
    const run = runViewOf(notes);
    if (run !== undefined) this.#deps.dispatch({ kind: "run", run });
  }

  #telling(): TellingDeps {
    const { clock, random, log, journal, dispatch } = this.#deps;
    const { lease, continued } = this.#start;
    return {
      clock,
      random,
      log,
      journal,
      continued,
      calls: this.#calls,
      sessionId: this.sessionId,
      claimId: lease.claimId,
      whyNotComplete: () => whyNotComplete(this.#start.session, this.#record.run),
      onAccepted: ({ activityId, type, message, occurredAt }) =>
        dispatch({ kind: "activity", activity: { activityId, type, message, at: occurredAt } }),
      save: (facts) => this.#save(facts),
    };
  }

  #keepLease(reporter: Reporter, signal: AbortSignal): Promise<never> {
    const abort = (cause: AbortCause): void => this.abort(cause);
    const [gate, calls, { sessionId }] = [this.#gate, this.#calls, this];
    return keepAttemptLease(
      { ...this.#deps, gate, calls, sessionId, reporter, abort },
      this.#start.lease,
      signal,
    );
  }

  /** Runs the work until it ends, the claim ends, or somebody asks for its end. */
  async #workUnless(
    claimSignal: AbortSignal,
    reporter: Reporter,
    desk: QuestionDesk,
  ): Promise<WorkResult | AttemptAborted> {
    const scope = new LinkedAbort(claimSignal);
    const stop = this.#stop.signal;
    const follow = (): void => scope.abort(abortReason(stop));
    stop.addEventListener("abort", follow, { once: true });
    if (stop.aborted) follow();
    const { session, resumption, lease } = this.#start;
    const { claimId } = lease;
    const run = this.#openRun();
    const toolbox = new Toolbox({
      session,
      reporter,
      desk,
      claimId,
      run: run?.log,
      log: this.#deps.log,
      calls: this.#calls,
      used: this.#record.used ?? [],
      documents: () => this.#record.documents,
      save: (facts) => this.#save(facts),
    });
    this.#toolbox = toolbox;
    try {
      return await doWork(
        this.#deps,
        {
          session,
          reporter,
          claimId,
          run,
          calls: this.#calls,
          leftAt: this.#record.worktreePath,
          resumeThreadId: resumption.threadId,
          tries: this.#record.tries,
          interrupted: resumption.interrupted,
          marker: this.#marker,
          noted: resumption.noted,
          ran: resumption.ran,
          meter: new UsageMeter(this.#record.threadId, this.#record.usage),
          artifacts: this.#record.artifacts,
          documents: () => this.#record.documents,
          told: () => this.#record.told,
          seen: () => this.#seen,
          asked: resumption.asked,
          desk,
          useTool: (call, key, inner) => toolbox.use(call, key, inner),
          change: (change) => this.#hear(change),
          record: async (facts) => {
            await this.#saveQuietly(facts);
          },
          step: async (step, facts) => {
            await this.#save({ ...facts, step, marker: this.#marker });
            await this.#gate.pass(scope.signal);
          },
        },
        scope.signal,
      );
    } catch (error) {
      if (!claimSignal.aborted && error instanceof AttemptAborted) return error;
      throw error;
    } finally {
      this.#toolbox = undefined;
      stop.removeEventListener("abort", follow);
      scope.dispose();
    }
  }

  /** Tokens go with the next record that is saved: they change too often for one of their own. */
  #hear(change: SessionChange): void {
    if (change.kind === "runtime" && change.event.kind === "usage") {
      this.#record = { ...this.#record, usage: change.event.usage };
    }
    this.#deps.dispatch(change);
  }

  /** Rejects with StorageError when the disk does not take it. */
  async #save(facts: Partial<AttemptRecord>): Promise<void> {
    this.#record = { ...this.#record, ...facts };
    try {
      await this.#deps.journal.save(this.#record);
    } catch (error) {
      throw new StorageError(
        asWritten(
          "The session could not be noted down on this machine: {0}. What was done is kept in the worktree. Check the disk and the permissions of ~/.one.",
          messageOf(error),
        ),
      );
    }
  }

  async #saveQuietly(facts: Partial<AttemptRecord>): Promise<boolean> {
    try {
      await this.#save(facts);
      return true;
    } catch (error) {
      this.#deps.log.error("the attempt's record could not be stored", {
        sessionId: this.sessionId,
        message: messageOf(error),
      });
      return false;
    }
  }
}
