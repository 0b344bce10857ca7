import { messageOf } from "../base/log";
import type { ControlChange } from "./storedConfiguration";
import type { WorkerDeps } from "./workerDeps";

/** What a running worker may do: claim, only go on with what it has, or only finish it. */
export class WorkerMode {
  readonly #deps: Pick<WorkerDeps, "saveControl" | "log">;
  #kind: "open" | "paused" | "draining";
  /** What is not on disk yet. */
  #unsaved: ControlChange | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: Pick<WorkerDeps, "startPaused" | "saveControl" | "log">) {
    this.#deps = deps;
    this.#kind = deps.startPaused ? "paused" : "open";
  }

  get kind(): "open" | "paused" | "draining" {
    return this.#kind;
  }

  /** False when it was not open. While it drains, the pause is for the worker that comes after. */
  pause(signalId?: string): boolean {
    const changes = this.#kind === "open";
    if (changes) this.#kind = "paused";
    this.#keep({ paused: true }, signalId);
    return changes;
  }

  /** False when it was not paused. */
  resume(signalId?: string): boolean {
    const changes = this.#kind === "paused";
    if (changes) this.#kind = "open";
    this.#keep({ paused: false }, signalId);
    return changes;
  }

  /** There is no way back. */
  drain(): void {
    this.#kind = "draining";
  }

  /** True when every pause and resume is on disk: only then is its signal acknowledged. What failed is tried again first. */
  async isSaved(): Promise<boolean> {
    await this.#saving;
    if (this.#unsaved !== undefined) await this.#queueWrite();
    return this.#unsaved === undefined;
  }

  /** The signal goes with what it changed: carried out once, also when this process dies before it is acknowledged. */
  #keep(change: ControlChange, signalId: string | undefined): void {
    const handled = signalId === undefined ? {} : { handledSignal: signalId };
    this.#unsaved = { ...this.#unsaved, ...change, ...handled };
    void this.#queueWrite();
  }

  /** What was wanted since goes over what could not be written. */
  #with(failed: ControlChange): ControlChange {
    return { ...failed, ...this.#unsaved };
  }

  #queueWrite(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  async #write(): Promise<void> {
    const change = this.#unsaved;
    if (change === undefined) return;
    this.#unsaved = undefined;
    try {
      await this.#deps.saveControl(change);
    } catch (error) {
      this.#unsaved = this.#with(change);
      this.#deps.log.warn("a pause could not be saved", {
        paused: change.paused,
        message: messageOf(error),
      });
    }
  }
}
