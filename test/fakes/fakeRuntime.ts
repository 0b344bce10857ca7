import { abortReason } from "../../src/base/clock";
import type {
  RunFailureReason,
  RunOutcome,
  RunRequest,
  Runtime,
  RuntimeEvent,
  RuntimeProbe,
} from "../../src/core/ports/runtime";

/** What a scripted run may do. */
interface Stage {
  readonly request: RunRequest;
  readonly signal: AbortSignal;
  readonly emit: (event: RuntimeEvent) => void;
  /** Waits until the test opens this session's gate, or the run is aborted. */
  readonly gate: () => Promise<void>;
}
export type Script = (stage: Stage) => Promise<RunOutcome>;

export const completed: RunOutcome = { kind: "completed", finalMessage: "All done" };

export function failed(reason: RunFailureReason, message = `It failed: ${reason}.`): RunOutcome {
  return { kind: "failed", reason, message };
}

/** Starts a process and a thread, waits at the gate, completes. */
export const gated: Script = async ({ request, emit, gate }) => {
  emit({ kind: "processStarted", processId: 4242 });
  emit({
    kind: "threadStarted",
    threadId: request.resumeThreadId ?? `thread-${request.sessionId}`,
    model: "scripted",
    modelProvider: undefined,
  });
  await gate();
  emit({ kind: "message", itemId: "m1", text: `Worked on ${request.sessionId}`, final: false });
  return completed;
};

type Probed = Pick<Parameters<Runtime["probe"]>[0], "provider" | "command">;

/** A coding tool that plays scripts and knows how many runs live. */
export class FakeRuntime implements Runtime {
  readonly provider = "codex";
  readonly runs: RunRequest[] = [];
  readonly live = new Set<string>();
  mostLive = 0;
  probes = 0;
  /** The providers that were probed. */
  readonly probed = new Set<string>();
  probeAnswer: RuntimeProbe = { kind: "ready", provider: "codex", version: "1.0.0" };
  /** Programs that are not there, whatever the answer above. */
  readonly missing = new Set<string>();
  /** Markers whose leftovers were asked to be ended. */
  readonly swept: string[] = [];
  /** How many leftovers cannot be ended. */
  stuck = 0;
  script: Script = gated;
  /** Called when a run is aborted, before it has ended; awaited, as a process takes time to die. */
  onAborted: () => Promise<void> = async () => Promise.resolve();
  readonly #gates = new Map<string, () => void>();
  readonly #opened = new Set<string>();
  #generation = 0;

  /** Lets a run that waits, or will wait, at its gate go on. */
  open(sessionId: string): void {
    this.#opened.add(sessionId);
    this.#gates.get(sessionId)?.();
  }

  /** Every process of the tool is gone. */
  killAll(): void {
    this.live.clear();
    this.#generation += 1;
  }

  async probe({ provider, command: [program = ""] }: Probed): Promise<RuntimeProbe> {
    this.probes += 1;
    this.probed.add(provider);
    await Promise.resolve();
    if (!this.missing.has(program)) return this.probeAnswer;
    return { kind: "unavailable", reason: "notFound", message: `${program} is not installed.` };
  }

  async endLeftovers(marker: string): Promise<number> {
    await Promise.resolve();
    this.swept.push(marker);
    return this.stuck;
  }

  async run(
    request: RunRequest,
    onEvent: (event: RuntimeEvent) => void,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    signal.throwIfAborted();
    if (this.live.has(request.sessionId)) throw new Error(`${request.sessionId} is executed twice at once`);
    this.runs.push(request);
    const generation = this.#generation;
    this.live.add(request.sessionId);
    this.mostLive = Math.max(this.mostLive, this.live.size);
    try {
      const outcome = await this.script({
        request,
        signal,
        emit: onEvent,
        gate: () => this.#wait(request.sessionId, signal),
      });
      signal.throwIfAborted();
      return outcome;
    } catch (error) {
      if (!signal.aborted) throw error;
      await this.onAborted();
      throw abortReason(signal);
    } finally {
      if (generation === this.#generation) this.live.delete(request.sessionId);
    }
  }

  #wait(sessionId: string, signal: AbortSignal): Promise<void> {
    if (this.#opened.delete(sessionId)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(abortReason(signal));
      signal.addEventListener("abort", onAbort, { once: true });
      this.#gates.set(sessionId, () => {
        this.#gates.delete(sessionId);
        this.#opened.delete(sessionId);
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
    });
  }
}
