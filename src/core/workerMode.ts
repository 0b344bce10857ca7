import { messageOf } from "../base/log";
import type { WorkerDeps } from "./workerDeps";

/** What a running worker may do: claim, only go on with what it has, or only finish it. */
export class WorkerMode {
  readonly #deps: Pick<WorkerDeps, "savePaused" | "log">;
  #kind: "open" | "paused" | "draining";
  #saved: Promise<void> = Promise.resolve();

  constructor(deps: Pick<WorkerDeps, "startPaused" | "savePaused" | "log">) {
    this.#deps = deps;
    this.#kind = deps.startPaused ? "paused" : "open";
  }

  get kind(): "open" | "paused" | "draining" {
    return this.#kind;
  }

  /** Resolves when the last pause or resume is on disk: only then is its signal acknowledged. */
  get saved(): Promise<void> {
    return this.#saved;
  }

  /** False when it was not open. */
  pause(): boolean {
    if (this.#kind !== "open") return false;
    this.#kind = "paused";
    this.#save(true);
    return true;
  }

  /** False when it was not paused. */
  resume(): boolean {
    if (this.#kind !== "paused") return false;
    this.#kind = "open";
    this.#save(false);
    return true;
  }

  /** There is no way back. */
  drain(): void {
    this.#kind = "draining";
  }

  #save(paused: boolean): void {
    const { savePaused, log } = this.#deps;
    this.#saved = this.#saved
      .then(() => savePaused(paused))
      .catch((error: unknown) => {
        log.warn("a pause could not be saved", { paused, message: messageOf(error) });
      });
  }
}
