import type { WorkerExit } from "./workerExit";

/** That the worker shall end once its turns are done, and how. */
export class Drain {
  #exit: WorkerExit | undefined;
  #stopSignal: string | undefined;
  #resolve: () => void = () => undefined;
  readonly #asked = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });

  get exit(): WorkerExit | undefined {
    return this.#exit;
  }

  /** The stop signal that is to be acknowledged once the worker has stopped. */
  get stopSignal(): string | undefined {
    return this.#exit?.kind === "stopped" ? this.#stopSignal : undefined;
  }

  /** Resolves when an end was first asked for. */
  get asked(): Promise<void> {
    return this.#asked;
  }

  /** The last word counts, but a signal does not overrule a person who stopped the worker here. */
  ask(exit: WorkerExit, stopSignal?: string): void {
    this.#stopSignal = stopSignal ?? this.#stopSignal;
    const before = this.#exit;
    const stoppedHere = before?.kind === "stopped" && !before.bySignal;
    const bySignal = exit.kind === "restart" && exit.signalId !== undefined;
    if (!(stoppedHere && bySignal)) this.#exit = exit;
    this.#resolve();
  }
}
