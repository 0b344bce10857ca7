import { LinkedAbort } from "../base/abort";
import { messageOf, type Log } from "../base/log";
import { say } from "../base/words";
import { troubleWith } from "./platformWords";
import type { Configuration } from "./ports/configurations";
import type { Connection } from "./ports/connection";
import { LockError } from "./ports/machineLock";
import type { OwnerConnection } from "./ports/windowLink";
import type { Worker } from "./worker";
import type { SessionEnd } from "./workerSession";

export type RunSession = (
  connection: Connection,
  configuration: Configuration,
  onWorker: (worker: Worker | undefined) => void,
  signal: AbortSignal,
  onOwner: (owner: OwnerConnection | undefined) => void,
) => Promise<SessionEnd>;

/** How a run ended. */
export type RunEnd =
  | SessionEnd
  /** Whoever aborted it says what comes next. */
  | { readonly kind: "aborted" }
  /** It stopped, and a person asked for its start meanwhile. */
  | { readonly kind: "startAgain" }
  /** It must not run here; the message says what to do. */
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export interface WorkerRunOptions {
  readonly log: Log;
  readonly connection: Connection;
  readonly configuration: Configuration;
  readonly runSession: RunSession;
  readonly life: AbortSignal;
  /** Told once, after everything of the run has ended. */
  readonly onEnd: (run: WorkerRun, end: RunEnd) => void;
}

/** One run of the folder's worker, from waiting for its turn on this machine to its end. */
export class WorkerRun {
  readonly connection: Connection;
  readonly configuration: Configuration;
  /** Resolves when everything of the run has ended. */
  readonly done: Promise<void>;
  readonly #abort: LinkedAbort;
  #worker: Worker | undefined;
  #owner: OwnerConnection | undefined;
  #stopAsked = false;
  #again = false;

  constructor(options: WorkerRunOptions) {
    this.connection = options.connection;
    this.configuration = options.configuration;
    this.#abort = new LinkedAbort(options.life);
    this.done = this.#follow(options);
  }

  /** Undefined while it waits or starts. */
  get worker(): Worker | undefined {
    return this.#worker;
  }

  /** The window that runs the worker while this one waits, where it can be reached. */
  get owner(): OwnerConnection | undefined {
    return this.#owner;
  }

  /** It was told to end at once. */
  get ending(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Running turns finish first; what only waits or starts ends at once. */
  stop(): void {
    this.#stopAsked = true;
    this.#again = false;
    if (this.#worker === undefined) this.#abort.abort(new Error(stopped));
    else this.#worker.drain({ kind: "stopped", bySignal: false });
  }

  /** A person wants the worker: when it is about to stop, it starts again after that. */
  keep(): void {
    if (this.#worker?.stops === true) this.#again = true;
  }

  /** Gives back what runs, as far as the platform hears of it in time. */
  async release(message: string, signal: AbortSignal): Promise<void> {
    await this.#worker?.endAll({ kind: "released", byPerson: false, message }, signal);
  }

  /** Ends at once and leaves attempts to a later run. */
  async abort(reason: string): Promise<void> {
    this.#abort.abort(new Error(reason));
    await this.done;
  }

  async #follow(options: WorkerRunOptions): Promise<void> {
    const end = await this.#outcome(options);
    this.#worker = undefined;
    this.#abort.dispose();
    options.onEnd(this, end);
  }

  async #outcome({ log, runSession }: WorkerRunOptions): Promise<RunEnd> {
    const { signal } = this.#abort;
    const onWorker = (worker: Worker | undefined): void => {
      this.#worker = worker;
      // A restart that was under way already must not outlive the stop.
      if (worker === undefined && this.#stopAsked) this.#abort.abort(new Error(stopped));
    };
    const onOwner = (owner: OwnerConnection | undefined): void => {
      this.#owner = owner;
    };
    try {
      return this.#told(await runSession(this.connection, this.configuration, onWorker, signal, onOwner));
    } catch (error) {
      if (signal.aborted) return this.#told({ kind: "aborted" });
      log.error("the worker ended with an error", { message: messageOf(error) });
      if (error instanceof LockError) return { kind: "refused", message: error.message };
      return { kind: "failed", message: troubleWith(error, say) };
    }
  }

  /** The end as what a person asked for meanwhile makes it. */
  #told(end: RunEnd): RunEnd {
    if (end.kind === "stopped" || (this.#stopAsked && this.ending)) {
      return this.#again ? { kind: "startAgain" } : { kind: "stopped", bySignal: false };
    }
    return this.ending ? { kind: "aborted" } : end;
  }
}

const stopped = "the worker was stopped";
