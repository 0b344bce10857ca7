import { untilAborted, withBackground } from "../base/background";
import { withDeadline } from "../base/deadline";
import type { Disposable } from "../base/disposable";
import { messageOf } from "../base/log";
import { asWritten, say } from "../base/words";
import { UserError, type HandedWork } from "./actions";
import type { AbortCause } from "./attemptEnd";
import { Dispatcher } from "./dispatcher";
import { Drain } from "./drain";
import { FaultGate } from "./faultGate";
import { factsOf, sameFacts } from "./heartbeatFacts";
import { pathOf } from "./identity";
import { LateNotes } from "./lateNotes";
import type { PersonAnswer } from "./ports/person";
import type { PlatformError } from "./platformError";
import { OpenReads } from "./openReads";
import { followPages } from "./pageLoop";
import { runPollLoop } from "./pollLoop";
import type { HeartbeatFacts } from "./ports/heartbeat";
import type { RuntimeFacts, WorkerPath } from "./ports/platform";
import { endAllLeftovers } from "./recover";
import { closeQueued, closeRows, releaseStrays, settleStrays } from "./strays";
import { runVerifyLoop, runWakeLoop } from "./wakeLoop";
import { Waker } from "./waker";
import { runWatchLoop } from "./watchLoop";
import type { WorkerDeps } from "./workerDeps";
import { WorkerMode } from "./workerMode";
import { ExitRequest, type WorkerExit } from "./workerExit";
import { WorkerControl } from "./workerControl";
import { judgeRefusal } from "./workerRefusal";
import type { WorkflowConfig } from "./workflowConfig";
import type { Session } from "./session";

export type { WorkerExit } from "./workerExit";

/** How long the end of all sessions may take, milliseconds. */
const endAllMs = 15_000;

/** One run of a configured worker: starts all loops, awaits all, and says why it ended. */
export class Worker {
  readonly #deps: WorkerDeps;
  readonly #path: WorkerPath;
  readonly #runtimeFacts: RuntimeFacts;
  /** What ends the wait of each loop: for the next poll, the next control signal, the next look at sessions, a wake-up. */
  readonly #waker: Waker;
  readonly #controlWaker: Waker;
  readonly #watchWaker: Waker;
  readonly #verifyWaker: Waker;
  readonly #faults: FaultGate;
  readonly #late: LateNotes;
  /** What a stop is giving back. */
  readonly #releasing = new Set<string>();
  readonly #dispatcher: Dispatcher;
  readonly #mode: WorkerMode;
  readonly #control: WorkerControl;
  readonly #reads = new OpenReads();
  readonly #drain = new Drain();
  #intervalMs = 30_000;
  /** How soon claims that wait are to be looked at again, whatever the interval. */
  #waitingMs = Infinity;
  #facts: HeartbeatFacts | undefined;

  constructor(deps: WorkerDeps, runtimeFacts: RuntimeFacts) {
    this.#deps = deps;
    this.#mode = new WorkerMode(deps);
    this.#path = pathOf(deps.identity);
    this.#runtimeFacts = runtimeFacts;
    this.#waker = new Waker(deps.clock);
    this.#controlWaker = new Waker(deps.clock);
    this.#watchWaker = new Waker(deps.clock);
    this.#verifyWaker = new Waker(deps.clock);
    this.#control = new WorkerControl({
      deps,
      mode: this.#mode,
      waker: this.#controlWaker,
      reads: this.#reads,
      pause: (signalId) => this.#pause(signalId),
      resume: (signalId) => this.#resume(signalId),
      drain: (exit, signalId) => this.#drainFor(exit, exit.kind === "stopped" ? signalId : undefined),
      onRefused: (error, signal) => this.#refused(error, signal),
    });
    this.#faults = new FaultGate(deps);
    this.#late = new LateNotes(deps);
    this.#dispatcher = new Dispatcher({
      deps,
      late: this.#late,
      faults: this.#faults,
      mayClaim: () => this.#mode.kind === "open",
      mayContinue: () => this.#mode.kind !== "draining",
      onWaiting: () => this.#waitingChanged(),
      onFreed: (executed) => {
        this.#beatFacts();
        // A claim that failed waits for the next poll: trying at once would do so again and again.
        if (executed) this.#waker.wake();
      },
    });
  }

  /**
   * Runs until something ends it. When the signal aborts (this process ends) running attempts are left to a later process.
   * @param acknowledgeFirst a restart signal that this fresh worker acknowledges.
   */
  async run(acknowledgeFirst: string | undefined, signal: AbortSignal): Promise<WorkerExit> {
    const { store, heartbeat, journal } = this.#deps;
    store.dispatch({ kind: "restored", records: journal.list() });
    store.dispatch({
      kind: "phaseChanged",
      phase: { kind: this.#mode.kind === "paused" ? "paused" : "online" },
    });
    const listening = this.#listen();
    heartbeat.start(this.#currentFacts());
    try {
      return await withBackground(
        signal,
        [
          (inner) => this.#poll(inner),
          (inner) => this.#control.run(acknowledgeFirst, inner),
          (inner) => this.#watch(inner),
          (inner) => this.#wake(inner),
          (inner) => this.#verify(inner),
          (inner) => followPages(this.#deps, this.#path, inner),
        ],
        (inner) => this.#untilDrained(inner),
      );
    } catch (error) {
      return await this.#leave(error, signal);
    } finally {
      listening.dispose();
      await heartbeat.stop();
    }
  }

  pause(): void {
    this.#pause(undefined);
  }

  resume(): void {
    this.#resume(undefined);
  }

  #pause(signalId: string | undefined): void {
    if (!this.#mode.pause(signalId)) return;
    this.#deps.store.dispatch({ kind: "phaseChanged", phase: { kind: "paused" } });
    this.#beatFacts();
  }

  #resume(signalId: string | undefined): void {
    if (!this.#mode.resume(signalId)) return;
    this.#faults.retryNow();
    this.#deps.store.dispatch({ kind: "phaseChanged", phase: { kind: "online" } });
    this.#beatFacts();
    this.#waker.wake();
  }

  /** No new session; running turns finish; then the run ends with `exit`. Heartbeats go on meanwhile. */
  drain(exit: WorkerExit): void {
    this.#drainFor(exit, undefined);
  }

  #drainFor(exit: WorkerExit, stopSignal: string | undefined): void {
    this.#mode.drain();
    this.#drain.ask(exit, stopSignal);
    this.#deps.store.dispatch({ kind: "phaseChanged", phase: { kind: "stopping" } });
    this.#waitingChanged();
  }

  /** What waits for a person would hold up a stop for ever: it goes back, or on with the worker that starts afresh. */
  #waitingChanged(): void {
    const exit = this.#drain.exit;
    if (exit?.kind === "restart") this.#dispatcher.abortWaiting({ kind: "processEnds" });
    else if (exit !== undefined) {
      const message = asWritten(
        "Released: the worker stopped while this session waited for an answer. The worktree is kept.",
      );
      this.#dispatcher.abortWaiting({ kind: "released", byPerson: false, message });
    }
    this.#beatFacts();
  }

  /** A person answers what a session asks. Throws UserError when it is not asked any more. */
  answer(sessionId: string, questionId: string | undefined, answer: PersonAnswer): void {
    this.#dispatcher.answer(sessionId, questionId, answer);
  }

  /** A person hands work of a session on; the new session's id. Rejects with UserError. */
  async delegate(sessionId: string, work: HandedWork): Promise<string> {
    return await this.#dispatcher.delegate(sessionId, work);
  }

  /** Claims this session at the next poll, which is at once. */
  claim(sessionId: string): void {
    if (this.#mode.kind === "draining") {
      throw new UserError(say("The worker is stopping, so it claims nothing more. Start it again to claim."));
    }
    if (this.#mode.kind === "paused") {
      throw new UserError(say("The worker is paused, so it claims nothing. Resume it, then claim."));
    }
    if (this.#dispatcher.executing.includes(sessionId)) {
      throw new UserError(say("This session runs already."));
    }
    this.#dispatcher.want(sessionId);
    this.#faults.retryNow();
    this.#waker.wake();
  }

  /** Ends a running session; resolves when it has ended and the platform was told. */
  async end(sessionId: string, cause: AbortCause): Promise<void> {
    if (!this.#dispatcher.abort(sessionId, cause)) {
      throw new UserError(say("This session does not run now, so there is nothing to end."));
    }
    await this.#dispatcher.ended(sessionId);
  }

  /** It ends once its turns are done, and not to start afresh. */
  get stops(): boolean {
    return this.#drain.exit?.kind === "stopped";
  }

  /**
   * Ends every running session and claims no other, for example before signing out. What the platform does not hear of in
   * time is left as it is: its claim runs out.
   */
  async endAll(cause: AbortCause, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    this.#mode.drain();
    this.#dispatcher.abortAll(cause);
    const late = new Error("the platform did not answer in time");
    try {
      await withDeadline(clock, endAllMs, late, signal, () => this.#dispatcher.idle());
    } catch (error) {
      signal.throwIfAborted();
      log.warn("not every session could be ended", { message: messageOf(error) });
    }
  }

  /** Looks for work at once. */
  pollNow(): void {
    this.#waker.wake();
  }

  #listen(): Disposable {
    const { heartbeat, store } = this.#deps;
    return heartbeat.onDidBeat((result) => {
      store.dispatch({ kind: "beat", result });
      // The poll that follows finds out whether the worker itself was refused.
      if (result.kind === "failed" && result.reason !== "unreachable") this.#waker.wake();
    });
  }

  async #poll(signal: AbortSignal): Promise<never> {
    await endAllLeftovers(this.#deps);
    const { clock, random, log, store, platform } = this.#deps;
    return await runPollLoop(
      {
        clock,
        random,
        log,
        store,
        waker: this.#waker,
        intervalMs: () => Math.min(this.#intervalMs, this.#waitingMs),
        poll: (inner) => this.#reads.run(inner, (open) => platform.pollSessions(this.#path, open)),
        consider: (sessions, requestedAt, inner) => this.#consider(sessions, requestedAt, inner),
        onRefused: (error, inner) => this.#refused(error, inner),
      },
      signal,
    );
  }

  async #consider(sessions: readonly Session[], requestedAt: number, signal: AbortSignal): Promise<void> {
    this.#dispatcher.see(sessions, requestedAt);
    await this.#late.note();
    const isBusy = (sessionId: string): boolean =>
      this.#releasing.has(sessionId) || this.#dispatcher.executing.includes(sessionId);
    await closeQueued(this.#deps, sessions, isBusy);
    closeRows(this.#deps, sessions, isBusy);
    const config = await this.#readWorkflow(signal);
    if (config !== undefined) await this.#dispatcher.consider({ sessions, requestedAt }, config, signal);
    this.#waitingMs = await this.#dispatcher.keepWaiting({ sessions, requestedAt }, signal);
    const polled = new Set(sessions.map((session) => session.sessionId));
    const isLive = (sessionId: string): boolean => polled.has(sessionId) || isBusy(sessionId);
    await settleStrays(this.#deps, this.#path, isLive, signal);
    this.#beatFacts();
  }

  /** Undefined when the workflow must not be used now: nothing is claimed and the fault says why. */
  async #readWorkflow(signal: AbortSignal): Promise<WorkflowConfig | undefined> {
    const { store, log, clock } = this.#deps;
    try {
      const config = await this.#deps.workflow();
      this.#intervalMs = config.pollIntervalMs;
      const { maxConcurrentSessions, maxActiveExecutions } = config;
      store.dispatch({ kind: "limitsChanged", maxConcurrentSessions, maxActiveExecutions });
      if (store.state.fault?.reason === "workflow") store.dispatch({ kind: "faultCleared" });
      return config;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UserError)) throw error;
      const { message } = error;
      log.warn("the workflow blocks claiming", { message });
      const { fault } = store.state;
      if (fault?.reason !== "workflow" || fault.message !== message) {
        store.dispatch({ kind: "faulted", fault: { reason: "workflow", message, since: clock.now() } });
      }
      return undefined;
    }
  }

  async #watch(signal: AbortSignal): Promise<never> {
    const { clock, log, platform } = this.#deps;
    return await runWatchLoop(
      {
        clock,
        log,
        waker: this.#watchWaker,
        executing: () => this.#dispatcher.proven,
        read: (sessionId, inner) => platform.getSession(this.#path, sessionId, inner),
        abort: (sessionId, cause) => this.#dispatcher.abort(sessionId, cause),
        onRead: (session, requestedAt) => this.#dispatcher.see([session], requestedAt),
      },
      signal,
    );
  }

  /** The machine slept: the platform hears of us at once, and nothing is done for a claim before it is proven again. */
  async #wake(signal: AbortSignal): Promise<never> {
    const { clock, log, heartbeat, sense } = this.#deps;
    const onWake = (): void => {
      log.info("the machine slept or stood still: claims are verified", {
        sessions: this.#dispatcher.executing.length,
      });
      heartbeat.beatNow();
      this.#reads.cutOff();
      for (const waker of [this.#verifyWaker, this.#controlWaker, this.#watchWaker]) waker.wake();
    };
    return await runWakeLoop({ clock, sense, onWake }, signal);
  }

  async #verify(signal: AbortSignal): Promise<never> {
    return await runVerifyLoop(
      {
        waker: this.#verifyWaker,
        // The attempts outlive the loops, and must not hold up their end.
        verify: (inner) => untilAborted(this.#dispatcher.verifyClaims(), inner),
        onVerified: () => this.#waker.wake(),
      },
      signal,
    );
  }

  #refused(error: PlatformError, signal: AbortSignal): Promise<void> {
    return judgeRefusal(this.#deps.platform, this.#path, error, signal);
  }

  async #untilDrained(signal: AbortSignal): Promise<WorkerExit> {
    await untilAborted(this.#drain.asked, signal);
    await untilAborted(this.#dispatcher.idle(), signal);
    await this.#late.note();
    if (this.#drain.exit?.kind === "stopped") {
      await releaseStrays(this.#deps, this.#path, this.#releasing, signal);
    }
    await this.#mode.isSaved();
    const { stopSignal } = this.#drain;
    if (stopSignal !== undefined) await this.#control.acknowledgeStop(stopSignal, signal);
    const exit = this.#drain.exit ?? { kind: "stopped", bySignal: false };
    if (exit.kind === "restart" && exit.signalId !== undefined) {
      await this.#control.keepRestart(exit.signalId);
    }
    return exit;
  }

  /** The loops ended with an error: hands off the running attempts in the way the reason asks for. */
  async #leave(error: unknown, signal: AbortSignal): Promise<WorkerExit> {
    const exit = exitOf(error, signal);
    this.#mode.drain();
    this.#dispatcher.abortAll(
      exit?.kind === "rejected"
        ? { kind: "leaseLost", message: asWritten("the platform does not accept this worker any more") }
        : { kind: "processEnds" },
    );
    await this.#dispatcher.idle();
    if (exit !== undefined) return exit;
    this.#deps.log.error("the worker failed", { message: messageOf(error) });
    throw error;
  }

  #currentFacts(): HeartbeatFacts {
    return factsOf(this.#deps.store.state, this.#mode.kind, this.#runtimeFacts);
  }

  #beatFacts(): void {
    const facts = this.#currentFacts();
    if (this.#facts !== undefined && sameFacts(facts, this.#facts)) return;
    this.#facts = facts;
    this.#deps.heartbeat.update(facts);
  }
}

/** Undefined for an error that nothing foresaw. */
function exitOf(error: unknown, signal: AbortSignal): WorkerExit | undefined {
  if (signal.aborted) return { kind: "processEnds" };
  return error instanceof ExitRequest ? error.exit : undefined;
}
