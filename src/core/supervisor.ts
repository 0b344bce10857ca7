import { KeyedQueue } from "../base/keyedQueue";
import { messageOf, type Log } from "../base/log";
import { asWritten, say } from "../base/words";
import { UserError } from "./actions";
import { connectionOf, passGates, type GateDeps, type Ready } from "./gates";
import { troubleWith } from "./platformWords";
import type { Configuration } from "./ports/configurations";
import type { Connection } from "./ports/connection";
import type { AttemptRecord } from "./ports/journal";
import { broken, phaseAfter } from "./runPhases";
import type { Store } from "./store";
import { changeStored, isSameWorker } from "./storedConfiguration";
import type { WorkerPhase } from "./state";
import { WorkerRun, type RunEnd, type RunSession } from "./workerRun";

export interface SupervisorDeps extends GateDeps {
  readonly log: Log;
  readonly store: Store;
  readonly autoStart: () => boolean;
  readonly runSession: RunSession;
  /** What earlier runs of this worker left. */
  readonly records: (configuration: Configuration) => Promise<readonly AttemptRecord[]>;
}

/** Why no worker runs; `stopped` names the one that could. */
interface Waiting {
  readonly phase: WorkerPhase;
  readonly stopped?: Ready;
}

/**
 * Owns the one run of the folder's worker. What begins or ends a run is called inside of `operation`, so that no two of
 * them overlap.
 */
export class Supervisor {
  readonly #deps: SupervisorDeps;
  readonly #life: AbortSignal;
  readonly #operations = new KeyedQueue();
  /** Workers that were started in this window and that nobody stopped: they go on after what interrupted them. */
  readonly #wanted = new Set<string>();
  #run: WorkerRun | undefined;
  /** The platform and account that the rows on screen are of. */
  #shown: Connection | undefined;

  constructor(deps: SupervisorDeps, life: AbortSignal) {
    this.#deps = deps;
    this.#life = life;
  }

  get run(): WorkerRun | undefined {
    return this.#run;
  }

  /** Runs the task when those before it are over. */
  async operation<T>(task: () => Promise<T>): Promise<T> {
    return await this.#operations.run("operation", task);
  }

  /** No worker goes on by itself any more. */
  wantNone(): void {
    this.#wanted.clear();
  }

  /** Forgets what is on screen when it is of another platform or account than this. */
  async leaveFor(connection: Connection | undefined): Promise<void> {
    const shown = this.#shown;
    if (shown?.origin === connection?.origin && shown?.clientId === connection?.clientId) return;
    await this.endRun("the worker moved to another platform");
    this.#clear();
  }

  /** @param byPerson a person asked for the start: an earlier stop and autoStart do not matter. */
  async settle(byPerson: boolean): Promise<void> {
    const found = await this.#look(byPerson);
    if (found === undefined || this.#life.aborted) return;
    if ("phase" in found) {
      await this.#run?.abort("the worker must not run here any more");
      if (found.stopped !== undefined && this.#shown === undefined) await this.#restore(found.stopped);
      this.#show(found.phase);
      return;
    }
    const run = this.#run;
    if (run !== undefined && !run.ending && isSameWorker(run.configuration, found.configuration)) {
      if (byPerson) run.keep();
      return;
    }
    await run?.abort("another worker is to run here");
    this.#begin(found);
  }

  /** Undefined when it could not be found out and what runs may go on. */
  async #look(byPerson: boolean): Promise<Ready | Waiting | undefined> {
    const { log } = this.#deps;
    const run = this.#run?.ending === false ? this.#run : undefined;
    try {
      const found = await passGates(this.#deps, run?.configuration.folder, this.#life);
      if ("phase" in found) return found;
      return (await this.#mayRun(found, byPerson)) ? found : { phase: { kind: "stopped" }, stopped: found };
    } catch (error) {
      if (this.#life.aborted) return undefined;
      log.error("whether the worker may run could not be found out", { message: messageOf(error) });
      return run === undefined ? { phase: broken(troubleWith(error, say)) } : undefined;
    }
  }

  async #mayRun({ configuration }: Ready, byPerson: boolean): Promise<boolean> {
    const { configurations, autoStart } = this.#deps;
    const { stoppedByPerson, workerId } = configuration;
    if (byPerson) {
      if (stoppedByPerson) {
        await changeStored(configurations, configuration, { stoppedByPerson: false, paused: false });
      }
      return true;
    }
    if (this.#run !== undefined) return true;
    return !stoppedByPerson && (autoStart() || this.#wanted.has(workerId));
  }

  /** A stopped worker's sessions stay within reach: their changes can be shown, their branches published. */
  async #restore({ connection, configuration }: Ready): Promise<void> {
    const { store, records, log } = this.#deps;
    try {
      const found = await records(configuration);
      const { agentName, workspaceName } = configuration;
      store.dispatch({ kind: "identified", agentName, workspaceName, workerName: undefined });
      store.dispatch({ kind: "restored", records: found });
      this.#shown = connection;
    } catch (error) {
      log.warn("the sessions of a stopped worker could not be read", { message: messageOf(error) });
    }
  }

  #begin({ connection, configuration }: Ready): void {
    const { store, log, runSession } = this.#deps;
    const { agentName, workspaceName } = configuration;
    this.#clear();
    this.#shown = connection;
    store.dispatch({ kind: "identified", agentName, workspaceName, workerName: undefined });
    this.#show({ kind: "starting" });
    this.#wanted.add(configuration.workerId);
    this.#run = new WorkerRun({
      log,
      connection,
      configuration,
      runSession,
      life: this.#life,
      onEnd: (run, end) => this.#ended(run, end),
    });
  }

  #ended(run: WorkerRun, end: RunEnd): void {
    if (this.#run === run) this.#run = undefined;
    const phase = phaseAfter(end);
    if (phase !== undefined) {
      if (end.kind !== "signedOut" && end.kind !== "otherAccount") {
        this.#wanted.delete(run.configuration.workerId);
      }
      this.#show(phase);
    } else if (end.kind !== "aborted") {
      const byPerson = end.kind === "startAgain";
      this.operation(() => this.settle(byPerson)).catch((error: unknown) => this.#note(error));
    }
  }

  /** The error when the stop could not be saved. */
  async rememberStop(run: WorkerRun | undefined): Promise<UserError | undefined> {
    const { configurations, surroundings, log } = this.#deps;
    try {
      const { folder } = surroundings();
      const origin = connectionOf(this.#deps)?.origin;
      const here = folder === undefined || origin === undefined ? undefined : { folder, origin };
      const configuration =
        run?.configuration ?? (here && (await configurations.get(here.folder, here.origin)));
      if (configuration === undefined) return undefined;
      this.#wanted.delete(configuration.workerId);
      await changeStored(configurations, configuration, { stoppedByPerson: true });
      return undefined;
    } catch (error) {
      log.error("the stop could not be saved", { message: messageOf(error) });
      return new UserError(
        say(
          "The worker stops, but that could not be saved: {0}. It starts again when the window that runs it is reloaded.",
          troubleWith(error, say),
        ),
        { cause: error },
      );
    }
  }

  /** Releases what runs, then ends the run. */
  async endRun(why: string): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    await run.release(asWritten("Released: {0}. The worktree is kept.", why), this.#life);
    await run.abort(why);
    if (!this.#life.aborted) this.#show({ kind: "stopped" });
  }

  #clear(): void {
    const { store } = this.#deps;
    this.#shown = undefined;
    store.dispatch({ kind: "cleared" });
    store.dispatch({
      kind: "identified",
      agentName: undefined,
      workspaceName: undefined,
      workerName: undefined,
    });
  }

  #show(phase: WorkerPhase): void {
    this.#deps.store.dispatch({ kind: "phaseChanged", phase });
  }

  #note(error: unknown): void {
    this.#deps.log.error("the worker could not be brought up", { message: messageOf(error) });
  }
}
