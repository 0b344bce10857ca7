import { messageOf } from "../base/log";
import type { Disposable } from "../base/disposable";
import { asWritten } from "../base/words";
import type { HandedWork } from "./actions";
import type { Attempt, AttemptResult } from "./attempt";
import { releasedByHand, type AbortCause } from "./attemptEnd";
import { claimAndRun } from "./claimAndRun";
import { noteGivenBack } from "./claimNotes";
import type { SessionChange } from "./events";
import type { FaultGate } from "./faultGate";
import type { LateNotes } from "./lateNotes";
import { pathOf } from "./identity";
import { latestAttempt } from "./latestAttempt";
import { GroupTurns } from "./groupTurns";
import { HeldSlot } from "./heldSlot";
import type { PersonAnswer } from "./ports/person";
import { notAsked } from "./questionDesk";
import { notWorking } from "./delegation";
import { Offers } from "./offers";
import { troubleWith } from "./platformWords";
import { renewWaiting } from "./renewWaiting";
import { resumes } from "./recover";
import { bindSession } from "./sessionCalls";
import { showsLife } from "./narrate";
import type { Session } from "./session";
import type { WorkerDeps } from "./workerDeps";
import type { WorkflowConfig } from "./workflowConfig";

export interface DispatcherOptions {
  readonly deps: WorkerDeps;
  readonly faults: FaultGate;
  readonly late: LateNotes;
  /** False while paused or stopping: nothing new is claimed. */
  readonly mayClaim: () => boolean;
  /** False while stopping: a claim that an earlier process left is not taken up any more. */
  readonly mayContinue: () => boolean;
  /** A session began to wait for a person, or waits no longer. */
  readonly onWaiting: () => void;
  /** A slot is free again. `executed`: a session ended, so there may be more to do at once. */
  readonly onFreed: (executed: boolean) => void;
}

/** A person who asked for a session does not wait for longer between two tries, milliseconds, whatever the workflow says. */
const wishMs = 30_000;

interface Running {
  done: Promise<void>;
  attempt: Attempt | undefined;
  readonly aborts: AbortCause[];
  /** A person asked for it. */
  readonly wanted: boolean;
}

type ReleaseCause = Extract<AbortCause, { kind: "released" }>;

function byPerson(cause: AbortCause): cause is ReleaseCause {
  return cause.kind === "released" && cause.byPerson;
}

/** Claims the sessions that are to be executed here, as far as there is room, and owns the running attempts. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #running = new Map<string, Running>();
  readonly #offers: Offers;
  readonly #turns: GroupTurns | undefined;
  /** How soon what is left to a neighbour may be taken, milliseconds. */
  #leftMs = Infinity;
  /** The sessions that were begun by the answer at hand: it says nothing about their claims any more. */
  readonly #begun = new Set<string>();
  /** What a person asked for while a claim was asked for that was not had: it holds for that claim, should it come to light. */
  readonly #givenBack = new Map<string, AbortCause>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#offers = new Offers(options.deps);
    const { clock, log, identity, groups } = options.deps;
    this.#turns = groups && new GroupTurns({ clock, log, workerId: identity.workerId, ...groups });
  }

  /** Every session that is being claimed or executed here. */
  get executing(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** The sessions whose claim is proven. */
  get proven(): readonly string[] {
    return this.executing.filter((sessionId) => this.#running.get(sessionId)?.attempt !== undefined);
  }

  /** A person asks for this session. */
  want(sessionId: string): void {
    this.#givenBack.delete(sessionId);
    this.#offers.want(sessionId);
  }

  /** Answers what a session asks here. Throws UserError when nothing is asked. */
  answer(sessionId: string, questionId: string | undefined, answer: PersonAnswer): void {
    const attempt = this.#running.get(sessionId)?.attempt;
    if (attempt === undefined) throw notAsked();
    attempt.answer(questionId, answer);
  }

  /** Hands work of a session that works here on; the new session's id. Rejects with UserError. */
  async delegate(sessionId: string, work: HandedWork): Promise<string> {
    const attempt = this.#running.get(sessionId)?.attempt;
    if (attempt === undefined) throw notWorking();
    return await attempt.delegate(work);
  }

  /** The platform's word on sessions that run here: one may hold an answer. @param requestedAt monotonic instant. */
  see(sessions: readonly Session[], requestedAt: number): void {
    for (const session of sessions) this.#running.get(session.sessionId)?.attempt?.see(session, requestedAt);
  }

  /** Ends what only waits for a person. */
  abortWaiting(cause: AbortCause): void {
    for (const [sessionId, { attempt }] of this.#running) {
      if (attempt?.waits === true) this.abort(sessionId, cause);
    }
  }

  /** Ends a session's attempt from outside. False when none runs here. */
  abort(sessionId: string, cause: AbortCause): boolean {
    const running = this.#running.get(sessionId);
    if (running === undefined) return false;
    running.aborts.push(cause);
    running.attempt?.abort(cause);
    return true;
  }

  abortAll(cause: AbortCause): void {
    for (const sessionId of this.executing) this.abort(sessionId, cause);
  }

  /** Resolves when each claim that is in use here is proven again, or given up. Never rejects. */
  async verifyClaims(): Promise<void> {
    const attempts = [...this.#running.values()].flatMap((one) => one.attempt ?? []);
    await Promise.all(attempts.map((attempt) => attempt.verifyClaim()));
  }

  /** Resolves when no attempt runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map((one) => one.done));
  }

  /** Resolves when this session's attempt has ended. */
  async ended(sessionId: string): Promise<void> {
    await this.#running.get(sessionId)?.done;
  }

  /** Looks at what a poll showed: goes on with what is already ours, then claims what there is room for. */
  async consider(
    polled: { readonly sessions: readonly Session[]; readonly requestedAt: number },
    config: WorkflowConfig,
    signal: AbortSignal,
  ): Promise<void> {
    const { faults, mayClaim, mayContinue } = this.#options;
    const idle = this.#offers.current(polled).filter((session) => !this.#running.has(session.sessionId));
    for (const session of idle) {
      if (!this.#offers.holdsClaim(session)) continue;
      await this.#begin(session, true, config, () => !signal.aborted && mayContinue(), signal);
    }
    this.#leftMs = Infinity;
    await this.#lookAround(config);
    if (!mayClaim()) return;
    const all = this.#offers.candidates(idle);
    const candidates = all.filter((session) => !this.#tellsOnly(session));
    for (const session of all.filter((one) => this.#tellsOnly(one))) {
      await this.#begin(session, false, config, () => !signal.aborted && mayClaim(), signal);
    }
    if (candidates.length === 0 && !faults.suspects) return;
    if (!(await faults.pass(config, signal))) return;
    for (const session of candidates) {
      if (this.#leaves(session)) continue;
      await this.#begin(session, false, config, () => !signal.aborted && mayClaim(), signal);
    }
    // The others see what was taken.
    if (candidates.length > 0) await this.#lookAround(config);
  }

  async #lookAround(config: WorkflowConfig): Promise<void> {
    const { deps, mayClaim } = this.#options;
    const takes = mayClaim() && deps.autoClaim() && deps.store.state.fault === undefined;
    const hasRoom = takes && this.#hasRoom(config);
    const pollMs = config.pollIntervalMs;
    await this.#turns?.look({ running: this.#running.size, hasRoom, pollMs });
  }

  /** A neighbour of the same group that runs less gets the first go at it. */
  #leaves(session: Session): boolean {
    if (this.#turns === undefined || this.#offers.isWanted(session.sessionId)) return false;
    const leftMs = this.#turns.leftMs(session, this.#running.size);
    if (leftMs > 0) this.#leftMs = Math.min(this.#leftMs, leftMs);
    return leftMs > 0;
  }

  /**
   * Claims of ours that wait for a slot or a person are kept alive meanwhile. Resolves with how soon they, and what a person
   * asked for, are to be looked at again, milliseconds. Never rejects but on abort.
   */
  async keepWaiting(
    polled: { readonly sessions: readonly Session[]; readonly requestedAt: number },
    signal: AbortSignal,
  ): Promise<number> {
    const waiting = this.#offers
      .current(polled)
      .filter(({ sessionId }) => !this.#running.has(sessionId) && !this.#begun.has(sessionId))
      .filter((session) => this.#offers.keepsClaim(session));
    this.#begun.clear();
    const renewedMs = await renewWaiting(this.#options.deps, waiting, signal);
    const withinMs = Math.min(renewedMs, this.#leftMs);
    return this.#hasWish ? Math.min(withinMs, wishMs) : withinMs;
  }

  /** What a person asked for waits for its turn, or its claim is asked for and may not be had. */
  get #hasWish(): boolean {
    const open = [...this.#running.values()].some((one) => one.wanted && one.attempt === undefined);
    return open || this.#offers.hasWish;
  }

  /** Nothing is executed any more for this session: its end was decided, and needs no slot to be told. */
  #tellsOnly(session: Session): boolean {
    const record = latestAttempt(this.#options.deps.journal, session.sessionId);
    return resumes(record, session) && record.ending !== undefined;
  }

  #hasRoom(config: WorkflowConfig): boolean {
    // Two sessions cannot share one checkout.
    const limit = config.worktree.mode === "repository" ? 1 : config.maxConcurrentSessions;
    return this.#running.size < (this.#options.faults.onProbation ? 1 : limit);
  }

  /** Takes a slot, then starts; without a free slot nothing is claimed. */
  async #begin(
    session: Session,
    holdsClaim: boolean,
    config: WorkflowConfig,
    may: () => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    if (!may() || this.#options.late.has(session.sessionId)) return;
    let slot: Disposable | undefined;
    if (!this.#tellsOnly(session)) {
      if (!this.#hasRoom(config)) return;
      slot = await this.#takeSlot(session, config);
      if (slot === undefined) return;
      if (!may()) {
        slot.dispose();
        return;
      }
    }
    const aborts = this.#givesBack(session.sessionId, holdsClaim);
    const wanted = this.#offers.began(session.sessionId);
    const running: Running = { done: Promise.resolve(), attempt: undefined, aborts, wanted };
    this.#running.set(session.sessionId, running);
    this.#begun.add(session.sessionId);
    running.done = this.#runHolding(slot, session, holdsClaim, config, signal);
  }

  /** A claim on what a person gave back is given back too, wherever it comes from. */
  #givesBack(sessionId: string, holdsClaim: boolean): AbortCause[] {
    const asked = this.#givenBack.get(sessionId);
    if (asked !== undefined) return [asked];
    if (!holdsClaim || !this.#offers.isGivenBack(sessionId)) return [];
    return [{ kind: "released", byPerson: true, message: releasedByHand }];
  }

  async #takeSlot(session: Session, config: WorkflowConfig): Promise<Disposable | undefined> {
    const { deps, faults } = this.#options;
    try {
      return await deps.slots.tryAcquire(config.maxActiveExecutions, session.sessionId);
    } catch (error) {
      faults.report(
        "slots",
        asWritten(
          "The machine's execution slots cannot be used: {0}. Nothing is claimed meanwhile. Check the disk and the permissions of ~/.one.",
          messageOf(error),
        ),
      );
      return undefined;
    }
  }

  async #runHolding(
    slot: Disposable | undefined,
    session: Session,
    holdsClaim: boolean,
    config: WorkflowConfig,
    signal: AbortSignal,
  ): Promise<void> {
    const { deps, onFreed } = this.#options;
    const { sessionId } = session;
    const held = new HeldSlot(slot, {
      clock: deps.clock,
      acquire: () => this.#takeSlot(session, config),
      onFreed: () => onFreed(true),
    });
    const dispatch = (change: SessionChange): void => this.#tell(sessionId, change);
    let result: AttemptResult | undefined;
    try {
      const calls = bindSession(deps.platform, pathOf(deps.identity), sessionId);
      const givenBack = this.#running.get(sessionId)?.aborts.some(byPerson) === true;
      const execution = { deps, config, calls, dispatch, holdsClaim, slot: held, givenBack };
      result = await claimAndRun(execution, session, (attempt) => this.#adopt(attempt), signal);
    } catch (error) {
      deps.log.error("a session could not be started", { sessionId, message: messageOf(error) });
      const detail = asWritten(
        "It could not be started: {0}. It is tried again at the next poll.",
        troubleWith(error),
      );
      dispatch({ kind: "ended", phase: "listed", at: deps.clock.now(), detail, byPerson: false });
    } finally {
      held.dispose();
      await this.#noteWishes(sessionId, result?.claimId === undefined, holdsClaim);
      this.#running.delete(sessionId);
      this.#ended(session, result);
    }
  }

  /** What a person asked for outlasts a claim that was not had. */
  async #noteWishes(sessionId: string, notHad: boolean, holdsClaim: boolean): Promise<void> {
    this.#givenBack.delete(sessionId);
    const running = this.#running.get(sessionId);
    if (!notHad || running === undefined) return;
    const cause = running.aborts.find(byPerson);
    if (cause === undefined) {
      // It is tried again at the next poll, as the row says.
      if (running.wanted) this.#offers.want(sessionId);
      return;
    }
    this.#givenBack.set(sessionId, cause);
    const { message: detail } = cause;
    const { deps } = this.#options;
    if (!holdsClaim) await noteGivenBack(deps, sessionId, detail);
    // A claim that may live on is tried again; one that is gone leaves what the person asked for.
    else if (deps.store.state.sessions.get(sessionId)?.phase !== "claimLost") return;
    const at = deps.clock.now();
    this.#tell(sessionId, { kind: "ended", phase: "released", at, detail, byPerson: true });
  }

  #ended({ sessionId, workflow }: Session, result: AttemptResult | undefined): void {
    const { faults, late, onFreed } = this.#options;
    if (result?.unnoted !== undefined) late.keep(result.unnoted);
    if (result?.fault !== undefined) {
      faults.report(result.fault.reason, result.fault.message, workflow?.taskMode);
    }
    const keepAway = result?.phase === "released" && result.fault === undefined;
    const claimId = result?.claimId;
    this.#offers.ended(sessionId, { ...(claimId !== undefined && { claimId }), keepAway });
    onFreed(claimId !== undefined);
  }

  #tell(sessionId: string, change: SessionChange): void {
    if (change.kind === "runtime" && showsLife(change.event)) this.#options.faults.worked();
    this.#options.deps.store.dispatch({ kind: "session", sessionId, change });
    if (change.kind === "asked" || change.kind === "answered") this.#options.onWaiting();
  }

  #adopt(attempt: Attempt): void {
    const running = this.#running.get(attempt.sessionId);
    if (running === undefined) return;
    running.attempt = attempt;
    for (const cause of running.aborts) attempt.abort(cause);
  }
}
