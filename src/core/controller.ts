import { LinkedAbort } from "../base/abort";
import { jittered } from "../base/backoff";
import type { Clock } from "../base/clock";
import { messageOf } from "../base/log";
import { say } from "../base/words";
import { UserError, type DelegationTargets, type HandedWork } from "./actions";
import { releasedByHand } from "./attemptEnd";
import { chooseAgent, registerChoice, type RegisterDeps } from "./configure";
import { connectionOf } from "./gates";
import type { Questions } from "./ports/connection";
import type { OwnerConnection } from "./ports/windowLink";
import type { PersonAnswer } from "./ports/person";
import type { ListedWorker } from "./ports/platform";
import { whyNotStarted } from "./runPhases";
import { isSameWorker } from "./storedConfiguration";
import type { WorkerPhase } from "./state";
import { Supervisor, type SupervisorDeps } from "./supervisor";
import { inWords } from "./userErrors";
import type { Worker } from "./worker";
import type { WorkerRun } from "./workerRun";

/** Between two questions for the account, when the one before had no answer. */
const firstWaitMs = 5000;
const longestWaitMs = 60_000;

export interface ControllerDeps extends SupervisorDeps {
  readonly clock: Clock;
  readonly configure: Pick<RegisterDeps, "random" | "registration"> & { readonly questions: Questions };
}

/** Carries out what a person asks of the worker of this folder. */
export class Controller {
  readonly #deps: ControllerDeps;
  readonly #life = new LinkedAbort();
  readonly #supervisor: Supervisor;
  #accountChecks = 0;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#supervisor = new Supervisor(deps, this.#life.signal);
  }

  /** The window that runs this folder's worker, where that is another one and can be reached. */
  get owner(): OwnerConnection | undefined {
    return this.#run?.owner;
  }

  /** Looks at the surroundings again and starts, stops or explains accordingly. Never rejects. */
  async refresh(): Promise<void> {
    await this.#operation(() => this.#settle(false)).catch((error: unknown) => {
      this.#deps.log.error("the worker could not be brought up", { message: messageOf(error) });
    });
  }

  async signIn(): Promise<void> {
    this.requireTrust();
    const { signal } = this.#life;
    const { authentication } = this.#deps.connection();
    await inWords(say("You could not be signed in"), say("Nothing was changed. Try again."), signal, () =>
      authentication.signIn(signal),
    );
    await this.#operation(() => this.#settle(false));
    if (this.#phase.kind === "notConfigured") await this.configure();
  }

  /** Releases what runs while there is still a token, then forgets the tokens. */
  async signOut(): Promise<void> {
    await this.#operation(async () => {
      await this.#supervisor.endRun("the worker was signed out");
      this.#supervisor.wantNone();
      const { signal } = this.#life;
      await inWords(
        say("The worker stopped, but the sign-in could not be forgotten"),
        say("Sign out again."),
        signal,
        () => this.#deps.connection().authentication.signOut(),
      );
      await this.#settle(false);
    });
  }

  async configure(): Promise<void> {
    this.requireTrust();
    const { signal } = this.#life;
    const { configure, checkFolder } = this.#deps;
    const folder = this.#requireFolder();
    const connection = this.#deps.connection();
    const told = <T>(task: () => Promise<T>): Promise<T> =>
      inWords(
        say("The worker could not be configured"),
        say("What was configured before is kept."),
        signal,
        task,
      );
    await told(() => checkFolder(folder, signal));
    // Asked outside of the queue: an open question holds up no stop and no sign-out.
    const choice = await told(() => chooseAgent(connection, configure.questions, signal));
    if (choice === undefined) return;
    await this.#operation(async () => {
      if (connectionOf(this.#deps) !== connection || this.#deps.surroundings().folder !== folder) {
        throw new UserError(say("The platform or the folder changed meanwhile. Configure the worker again."));
      }
      const { configurations } = this.#deps;
      const configuration = await told(() =>
        registerChoice({ ...configure, configurations, connection, folder }, choice, signal),
      );
      const run = this.#run;
      if (run !== undefined && !isSameWorker(run.configuration, configuration)) {
        await this.#supervisor.endRun("the worker was configured anew");
      }
      await this.#settle(true);
    });
  }

  async start(): Promise<void> {
    this.requireTrust();
    await this.#operation(() => this.#settle(true));
    this.#requireStarted();
  }

  /** Running turns finish first; the worker stays stopped until a person starts it. */
  async stop(): Promise<void> {
    const { run, unsaved } = await this.#askStop();
    await this.#seeStopped(run);
    if (unsaved !== undefined) throw unsaved;
  }

  /** As `stop`, answered as soon as it is under way. Rejects with UserError when it stops and that is not saved. */
  async beginStop(): Promise<void> {
    const { run, unsaved } = await this.#askStop();
    this.#seeStopped(run).catch((error: unknown) => {
      this.#deps.log.error("the worker could not be stopped", { message: messageOf(error) });
    });
    if (unsaved !== undefined) throw unsaved;
  }

  async #askStop(): Promise<{
    readonly run: WorkerRun | undefined;
    readonly unsaved: UserError | undefined;
  }> {
    return await this.#operation(async () => {
      const run = this.#run;
      const unsaved = await this.#supervisor.rememberStop(run);
      run?.stop();
      if (run?.ending === true) await run.done;
      return { run, unsaved };
    });
  }

  async #seeStopped(run: WorkerRun | undefined): Promise<void> {
    if (run === undefined) return;
    await run.done;
    // What the worker noted while it ended may have taken the stop's place.
    await this.#operation(async () => {
      if (this.#run === undefined && !this.#life.signal.aborted) await this.#supervisor.rememberStop(run);
    });
  }

  /** Running turns finish first, claims are kept. */
  async restart(): Promise<void> {
    this.requireTrust();
    await this.#operation(async () => {
      if (this.#run?.worker === undefined) await this.#run?.abort("the worker starts anew");
      const worker = this.#run?.worker;
      await this.#settle(true);
      if (worker === undefined || worker.stops || this.#run?.worker !== worker) return;
      worker.drain({ kind: "restart", signalId: undefined });
    });
    this.#requireStarted();
  }

  pause(): void {
    this.#requireWorker().pause();
  }

  resume(): void {
    this.#requireWorker().resume();
  }

  claim(sessionId: string): void {
    this.#requireWorker().claim(sessionId);
  }

  answer(sessionId: string, questionId: string | undefined, answer: PersonAnswer): void {
    this.#requireWorker().answer(sessionId, questionId, answer);
  }

  async delegate(sessionId: string, work: HandedWork): Promise<string> {
    return await this.#requireWorker().delegate(sessionId, work);
  }

  async delegationTargets(): Promise<DelegationTargets> {
    const run = this.#run;
    if (run === undefined) throw new UserError(say("The worker is not running. Start it first."));
    const { workspaceId, agentId, workerId } = run.configuration;
    const { signal } = this.#life;
    const list = (): Promise<readonly ListedWorker[]> =>
      run.connection.platform.listWorkers({ workspaceId, agentId }, signal);
    const told = say("The workers that work can go to could not be listed");
    return {
      workers: await inWords(told, say("Nothing was delegated. Try again."), signal, list),
      ownId: workerId,
    };
  }

  async release(sessionId: string): Promise<void> {
    const cause = {
      kind: "released",
      byPerson: true,
      message: releasedByHand,
    } as const;
    await this.#requireWorker().end(sessionId, cause);
  }

  async fail(sessionId: string, reason: string): Promise<void> {
    await this.#requireWorker().end(sessionId, { kind: "failed", message: reason });
  }

  /** Somebody signed in or out, here or in another window: a running worker belongs to one account only. */
  async checkAccount(): Promise<void> {
    const check = (this.#accountChecks += 1);
    const run = this.#run;
    const another = run !== undefined && (await this.#isOfAnother(run));
    await this.#leaveAccount(another === true ? run : undefined);
    if (another !== undefined || this.#life.signal.aborted) return;
    this.#checkAgain(run, check).catch((error: unknown) => {
      if (this.#life.signal.aborted) return;
      this.#deps.log.error("the account could not be checked", { message: messageOf(error) });
    });
  }

  /** Asks for the account until there is an answer, the run is over or a later check has begun. */
  async #checkAgain(run: WorkerRun | undefined, check: number): Promise<void> {
    const { clock, configure } = this.#deps;
    for (let failures = 0; run !== undefined; failures += 1) {
      const waitMs = Math.min(firstWaitMs * 2 ** failures, longestWaitMs);
      await clock.sleep(jittered(waitMs, 0.2, configure.random), this.#life.signal);
      if (this.#run !== run || this.#accountChecks !== check) return;
      const another = await this.#isOfAnother(run);
      if (another === true) await this.#leaveAccount(run);
      if (another !== undefined) return;
    }
  }

  async #leaveAccount(run: WorkerRun | undefined): Promise<void> {
    await this.#operation(async () => {
      if (run !== undefined && this.#run === run) await run.abort("another account is signed in");
      await this.#settle(false);
    });
  }

  /** Settings or the workflow changed: look for work with the new values. */
  pollNow(): void {
    this.#run?.worker?.pollNow();
  }

  /** Another platform or account is to be used from now on: what runs under the old one is released first. */
  async reconnect(): Promise<void> {
    await this.#operation(async () => {
      await this.#supervisor.leaveFor(connectionOf(this.#deps));
      await this.#settle(false);
    });
  }

  /** This process ends: attempts are left to the next one, nothing is told with a claim that it will go on with. */
  async shutDown(): Promise<void> {
    this.#life.abort(new Error("the extension host ends"));
    await this.#run?.done;
    this.#deps.store.dispatch({ kind: "phaseChanged", phase: { kind: "stopped" } });
  }

  /** @throws UserError in Restricted Mode. */
  requireTrust(): void {
    const refusal = this.#deps.surroundings().trusted ? undefined : whyNotStarted({ kind: "untrusted" });
    if (refusal !== undefined) throw new UserError(refusal);
  }

  async #operation<T>(task: () => Promise<T>): Promise<T> {
    return await this.#supervisor.operation(task);
  }

  async #settle(byPerson: boolean): Promise<void> {
    await this.#supervisor.settle(byPerson);
  }

  get #run(): WorkerRun | undefined {
    return this.#supervisor.run;
  }

  /** Undefined when it cannot be found out now. */
  async #isOfAnother(run: WorkerRun): Promise<boolean | undefined> {
    try {
      if (!(await run.connection.authentication.isSignedIn())) return false;
      const user = await run.connection.platform.getCurrentUser(this.#life.signal);
      return user.userId !== run.configuration.userId;
    } catch (error) {
      this.#deps.log.warn("the account could not be checked", { message: messageOf(error) });
      return undefined;
    }
  }

  get #phase(): WorkerPhase {
    return this.#deps.store.state.phase;
  }

  #requireStarted(): void {
    const refusal = whyNotStarted(this.#phase);
    if (refusal !== undefined) throw new UserError(refusal);
  }

  #requireFolder(): string {
    const { folder } = this.#deps.surroundings();
    if (folder === undefined) {
      throw new UserError(say("Open the folder that the worker is to work in, then configure it."));
    }
    return folder;
  }

  #requireWorker(): Worker {
    const worker = this.#run?.worker;
    if (worker === undefined) throw new UserError(say("The worker is not running. Start it first."));
    return worker;
  }
}
