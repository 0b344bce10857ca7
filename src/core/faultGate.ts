import { messageOf } from "../base/log";
import type { WorkerFault } from "./state";
import type { WorkerDeps } from "./workerDeps";
import type { WorkflowConfig } from "./workflowConfig";

const firstHoldMs = 30_000;
/** Long enough that a platform is not told of the same fault all day, short enough that a quota which is back is noticed. */
const longestHoldMs = 1_800_000;

/**
 * Stops claiming while the worker itself is at fault (no tool, not signed in there, out of quota, no sandbox), so that a
 * broken worker never claims and releases in a loop. A probe of the tool opens it again, for one session first; a fault
 * that a probe cannot see holds longer each time it comes back.
 */
export class FaultGate {
  readonly #deps: Pick<WorkerDeps, "clock" | "log" | "runtime" | "store">;
  #holdMs = firstHoldMs;
  #closedUntil = -Infinity;
  #lastReportAt = -Infinity;
  #probed: string | undefined;
  #fault: WorkerFault | undefined;
  #probation = false;

  constructor(deps: Pick<WorkerDeps, "clock" | "log" | "runtime" | "store">) {
    this.#deps = deps;
  }

  /** Nothing is known of the tool yet, or a fault was seen that no probe has cleared. */
  get suspects(): boolean {
    return this.#fault !== undefined || this.#probed === undefined;
  }

  /** After a fault one session at a time shows whether it is really gone. */
  get onProbation(): boolean {
    return this.#probation;
  }

  /** An attempt showed a fault of the worker. */
  report(reason: string, message: string): void {
    const { clock, log } = this.#deps;
    const now = clock.monotonic();
    // Several sessions that fail of the same thing at once are one fault.
    if (now >= this.#closedUntil) {
      const again = now - this.#lastReportAt < 2 * longestHoldMs;
      this.#holdMs = again ? Math.min(this.#holdMs * 2, longestHoldMs) : firstHoldMs;
      this.#closedUntil = now + this.#holdMs;
    }
    this.#lastReportAt = now;
    this.#probed = undefined;
    this.#probation = true;
    log.warn("claiming stops", { reason, message, holdMs: this.#holdMs });
    this.#show(reason, message);
  }

  /** The tool did something that a broken one could not. */
  worked(): void {
    this.#probation = false;
  }

  /** A person started or resumed the worker: probe at once. */
  retryNow(): void {
    this.#closedUntil = -Infinity;
    this.#probed = undefined;
  }

  /** True when the tool is known to work with this configuration. */
  async pass(config: WorkflowConfig, signal: AbortSignal): Promise<boolean> {
    const { clock, runtime } = this.#deps;
    if (clock.monotonic() < this.#closedUntil) {
      if (this.#fault !== undefined) this.#show(this.#fault.reason, this.#fault.message);
      return false;
    }
    const key = JSON.stringify([config.runtime.command, config.policy, config.runtime.environment]);
    if (this.#probed === key) return true;
    try {
      const probe = await runtime.probe({
        command: config.runtime.command,
        policy: config.policy,
        environmentNames: config.runtime.environment,
        signal,
      });
      if (probe.kind === "ready") {
        this.#probed = key;
        this.#clear();
        return true;
      }
      this.#show(probe.reason, probe.message);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#show(
        "probeFailed",
        `The coding tool could not be checked: ${messageOf(error)}. Nothing is claimed meanwhile; it is tried again at the next poll.`,
      );
    }
    return false;
  }

  #clear(): void {
    this.#fault = undefined;
    const { store } = this.#deps;
    if (store.state.fault !== undefined) store.dispatch({ kind: "faultCleared" });
  }

  /** Shows the fault; one that is already known keeps its time. */
  #show(reason: string, message: string): void {
    const { store, clock } = this.#deps;
    if (this.#fault?.reason !== reason || this.#fault.message !== message) {
      this.#fault = { reason, message, since: clock.now() };
    }
    if (store.state.fault !== this.#fault) store.dispatch({ kind: "faulted", fault: this.#fault });
  }
}
