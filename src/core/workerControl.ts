import { messageOf } from "../base/log";
import { runControlLoop } from "./controlLoop";
import { pathOf } from "./identity";
import type { OpenReads } from "./openReads";
import type { PlatformError } from "./platformError";
import type { ControlType } from "./ports/platform";
import type { Waker } from "./waker";
import type { WorkerDeps } from "./workerDeps";
import type { WorkerExit } from "./workerExit";
import type { WorkerMode } from "./workerMode";

export interface WorkerControlOptions {
  readonly deps: WorkerDeps;
  readonly mode: WorkerMode;
  readonly waker: Waker;
  readonly reads: OpenReads;
  readonly pause: (signalId: string) => void;
  readonly resume: (signalId: string) => void;
  /** Turns are finished first. */
  readonly drain: (exit: WorkerExit, signalId: string) => void;
  readonly onRefused: (error: PlatformError, signal: AbortSignal) => Promise<void>;
}

/** What the platform's control signals do to the worker. Each is noted on the disk with what it did, then acknowledged. */
export class WorkerControl {
  readonly #options: WorkerControlOptions;

  constructor(options: WorkerControlOptions) {
    this.#options = options;
  }

  /** Reads and carries out until the signal aborts. @param acknowledgeFirst a restart that this fresh worker acknowledges. */
  async run(acknowledgeFirst: string | undefined, signal: AbortSignal): Promise<never> {
    const { deps, mode, waker, reads, onRefused } = this.#options;
    const { clock, log, platform, identity } = deps;
    const path = pathOf(identity);
    // Carried out by an earlier run: all that is left is to say so.
    const done = new Set([acknowledgeFirst, deps.handledSignal]);
    return await runControlLoop(
      {
        clock,
        log,
        waker,
        onRefused,
        read: (inner) => reads.run(inner, (open) => platform.getWorker(path, open)),
        isKept: () => mode.isSaved(),
        acknowledge: (signalId, inner) => platform.acknowledgeControlSignal(path, signalId, inner),
        act: (type, signalId) => (done.has(signalId) ? "done" : this.#act(type, signalId)),
      },
      signal,
    );
  }

  #act(type: ControlType, signalId: string): "done" | "later" {
    const { pause, resume, drain } = this.#options;
    switch (type) {
      case "pause":
        pause(signalId);
        return "done";
      case "resume":
        resume(signalId);
        return "done";
      case "stop":
        drain({ kind: "stopped", bySignal: true }, signalId);
        return "later";
      case "restart":
        drain({ kind: "restart", signalId }, signalId);
        return "later";
    }
  }

  /** Acted on first, acknowledged after; without an answer the next run acknowledges it, and is not stopped by it again. */
  async acknowledgeStop(signalId: string, signal: AbortSignal): Promise<void> {
    const { platform, identity, saveControl, log } = this.#options.deps;
    try {
      await saveControl({ stoppedByPerson: true, handledSignal: signalId });
      await platform.acknowledgeControlSignal(pathOf(identity), signalId, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn("the stop could not be saved or acknowledged", { signalId, message: messageOf(error) });
    }
  }

  /** Even when this process dies before the fresh worker runs, the restart is not carried out twice. */
  async keepRestart(signalId: string): Promise<void> {
    const { saveControl, log } = this.#options.deps;
    try {
      await saveControl({ handledSignal: signalId });
    } catch (error) {
      log.warn("the restart could not be noted", { signalId, message: messageOf(error) });
    }
  }
}
