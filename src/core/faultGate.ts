import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import type { Runtime } from "./ports/runtime";
import type { WorkerFault } from "./state";
import type { WorkerDeps } from "./workerDeps";
import { forTaskMode, type WorkflowConfig } from "./workflowConfig";

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
  /** The task modes that showed a fault which no probe has cleared: each may have a tool of its own. */
  readonly #suspected = new Set<string | undefined>();
  #fault: WorkerFault | undefined;
  #probation = false;
  /** What the latest sessions were begun with. */
  #config: WorkflowConfig | undefined;

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

  /** An attempt, of a session in this task mode, showed a fault of the worker. */
  report(reason: string, message: string, taskMode?: string): void {
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
    this.#suspected.add(taskMode);
    this.#probation = true;
    log.warn("claiming stops", { reason, message, holdMs: this.#holdMs });
    const known = this.#config;
    const provider =
      reason === "slots" || known === undefined ? undefined : toolOf(forTaskMode(known, taskMode)).provider;
    this.#show(reason, message, provider);
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
    this.#config = config;
    if (clock.monotonic() < this.#closedUntil) {
      const fault = this.#fault;
      if (fault !== undefined) this.#show(fault.reason, fault.message, fault.provider);
      return false;
    }
    const own = toolOf(config);
    if (this.#probed === keyOf(own)) return true;
    const suspected = [...this.#suspected].map((taskMode) => toolOf(forTaskMode(config, taskMode)));
    const tools = new Map([own, ...suspected].map((tool) => [keyOf(tool), tool]));
    try {
      for (const tool of tools.values()) {
        const probe = await runtime.probe({ ...tool, signal });
        if (probe.kind === "ready") continue;
        this.#show(probe.reason, probe.message, tool.provider);
        return false;
      }
      this.#probed = keyOf(own);
      this.#clear();
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      this.#show(
        "probeFailed",
        asWritten(
          "The coding tool could not be checked: {0}. Nothing is claimed meanwhile; it is tried again at the next poll.",
          messageOf(error),
        ),
      );
    }
    return false;
  }

  #clear(): void {
    this.#fault = undefined;
    this.#suspected.clear();
    const { store } = this.#deps;
    if (store.state.fault !== undefined) store.dispatch({ kind: "faultCleared" });
  }

  /** Shows the fault; one that is already known keeps its time. */
  #show(reason: string, message: string, provider?: string): void {
    const { store, clock } = this.#deps;
    if (this.#fault?.reason !== reason || this.#fault.message !== message) {
      this.#fault = { reason, message, since: clock.now(), ...(provider !== undefined && { provider }) };
    }
    if (store.state.fault !== this.#fault) store.dispatch({ kind: "faulted", fault: this.#fault });
  }
}

type Tool = Omit<Parameters<Runtime["probe"]>[0], "signal">;

/** What is probed of a tool. */
function toolOf({ runtime, policy }: WorkflowConfig): Tool {
  const { provider, command, environment } = runtime;
  return { provider, command, policy, environmentNames: environment };
}

function keyOf({ provider, command, policy, environmentNames }: Tool): string {
  return JSON.stringify([provider, command, policy, environmentNames]);
}
