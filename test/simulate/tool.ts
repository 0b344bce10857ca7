import { abortReason, type Clock } from "../../src/base/clock";
import type {
  RunFailureReason,
  RunOutcome,
  RunRequest,
  Runtime,
  RuntimeEvent,
  RuntimeProbe,
} from "../../src/core/ports/runtime";
import { Asking, type AskWatch } from "./asking";
import type { Dice } from "./dice";
import { never, type Life } from "./life";
import type { Plan } from "./plan";
import type { Timeline } from "./timeline";

/** One process of the coding tool. */
export interface ToolProcess {
  readonly number: number;
  readonly sessionId: string;
  readonly marker: string;
  readonly life: Life;
  alive: boolean;
  /** Its host is dead, and whatever should end it has not done so yet. */
  orphaned: boolean;
}

/** Told of what the tool does. */
export interface ToolWatch {
  readonly questions: AskWatch;
  started(process: ToolProcess, request: RunRequest): void;
  said(process: ToolProcess, token: string): void;
  ended(process: ToolProcess, outcome: RunOutcome | undefined): void;
}

const failures: readonly [RunFailureReason, ...RunFailureReason[]] = [
  "turnFailed",
  "crashed",
  "stalled",
  "turnTimeout",
  "protocol",
  "outOfQuota",
  "notSignedIn",
  "modelUnreachable",
  "startTimeout",
  "sandboxUnavailable",
];

/** The coding tool as it is installed on the machine. */
export class Tool {
  readonly processes = new Set<ToolProcess>();
  readonly #dice: Dice;
  readonly #plan: Plan;
  readonly #timeline: Timeline;
  readonly #watch: ToolWatch;
  readonly #asking: Asking;
  readonly #askDice: Dice;
  #started = 0;
  #said = 0;
  calm = false;

  constructor(dice: Dice, askDice: Dice, plan: Plan, timeline: Timeline, watch: ToolWatch) {
    this.#dice = dice;
    this.#askDice = askDice;
    this.#asking = new Asking(askDice, watch.questions);
    this.#plan = plan;
    this.#timeline = timeline;
    this.#watch = watch;
  }

  /** The processes of a dead host die within a second, most often. */
  died(life: Life): void {
    for (const process of this.processes) {
      if (process.life !== life) continue;
      process.orphaned = true;
      if (this.#dice.chance(0.9)) this.#timeline.after(this.#dice.between(0, 1000), () => this.#end(process));
    }
  }

  runtimeOf(life: Life, clock: Clock): Runtime {
    return {
      provider: "codex",
      probe: () => life.call(() => this.#probe()),
      run: (request, onEvent, signal) => this.#run(life, clock, request, onEvent, signal),
      endLeftovers: (marker) =>
        life.call(async () => {
          if (!this.calm && this.#dice.chance(0.05)) return 1;
          for (const process of this.processes) if (process.marker === marker) this.#end(process);
          return await Promise.resolve(0);
        }),
    };
  }

  #probe(): RuntimeProbe {
    if (!this.calm && this.#dice.chance(this.#plan.toolFailures / 4)) {
      return { kind: "unavailable", reason: "notFound", message: "It is not there." };
    }
    return { kind: "ready", provider: "codex", version: "1.0.0" };
  }

  #end(process: ToolProcess): void {
    process.alive = false;
    this.processes.delete(process);
  }

  async #run(
    life: Life,
    clock: Clock,
    request: RunRequest,
    onEvent: (event: RuntimeEvent) => void,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    signal.throwIfAborted();
    if (!life.step()) return await never();
    this.#started += 1;
    const { sessionId, marker } = request;
    const process: ToolProcess = {
      number: this.#started,
      sessionId,
      marker,
      life,
      alive: true,
      orphaned: false,
    };
    this.processes.add(process);
    this.#watch.started(process, request);
    life.pending += 1;
    try {
      const outcome = await this.#play(process, clock, request, onEvent, signal);
      if (!life.step()) return await never();
      signal.throwIfAborted();
      this.#end(process);
      this.#watch.ended(process, outcome);
      return outcome;
    } catch (error) {
      if (!signal.aborted) throw error;
      // Interrupted, then killed: it takes its time, and may say something meanwhile.
      if (this.#dice.chance(0.3)) this.#say(process, onEvent);
      await clock.sleep(this.#dice.pick([0, 0, 50, 2000, 5500]), new AbortController().signal);
      if (!life.step()) return await never();
      this.#end(process);
      this.#watch.ended(process, undefined);
      throw abortReason(signal);
    } finally {
      life.pending -= 1;
    }
  }

  async #play(
    process: ToolProcess,
    clock: Clock,
    request: RunRequest,
    onEvent: (event: RuntimeEvent) => void,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    const dice = this.#dice;
    const fails = !this.calm && dice.chance(this.#plan.toolFailures);
    const reason = dice.pick(failures);
    await clock.sleep(dice.between(20, 1500), signal);
    if (fails && dice.chance(0.3)) return { kind: "failed", reason, message: `It failed: ${reason}.` };
    onEvent({ kind: "processStarted", processId: process.number });
    const threadId = request.resumeThreadId ?? `thread_${process.number}`;
    onEvent({ kind: "threadStarted", threadId, model: "scripted", modelProvider: undefined });
    const steps = dice.between(0, 5);
    const longest = dice.pick([300, 1500, 4000, 4000, 15_000, 40_000]);
    for (let step = 0; step < steps; step += 1) {
      await clock.sleep(dice.between(0, longest), signal);
      const lines = dice.chance(0.02) ? dice.between(10, 60) : dice.between(1, 2);
      for (let line = 0; line < lines; line += 1) this.#say(process, onEvent);
      if (this.#askDice.chance(this.#plan.asks)) {
        const cancelled = await this.#asking.ask(process, clock, request, signal);
        if (cancelled) return { kind: "failed", reason: "turnCancelled", message: "A person cancelled it." };
      }
      if (dice.chance(0.3)) onEvent({ kind: "usage", usage: usageOf(step) });
    }
    await clock.sleep(dice.between(0, longest), signal);
    await this.#judge(request, signal);
    if (fails) return { kind: "failed", reason, message: `It failed: ${reason}.` };
    return { kind: "completed", finalMessage: `Done by ${process.number}` };
  }

  /** Who may write nothing came to look, and now and then to a verdict. */
  async #judge({ policy, useTool }: RunRequest, signal: AbortSignal): Promise<void> {
    if (policy.sandbox !== "read-only" || this.#askDice.chance(0.3)) return;
    const verdict = this.#askDice.pick(["approve", "feedback", "reject"]);
    await useTool({ tool: "set_review_verdict", verdict, reason: "So it seems." }, verdict, signal);
  }

  #say(process: ToolProcess, onEvent: (event: RuntimeEvent) => void): void {
    this.#said += 1;
    const token = `<${this.#said}>`;
    this.#watch.said(process, token);
    const itemId = String(this.#said);
    if (this.#dice.chance(0.15)) {
      onEvent({
        kind: "commandCompleted",
        itemId,
        command: token,
        exitCode: 0,
        durationMs: 5,
        outputTail: "",
      });
    } else {
      onEvent({ kind: "message", itemId, text: token, final: false });
    }
  }
}

function usageOf(step: number): Extract<RuntimeEvent, { kind: "usage" }>["usage"] {
  const some = 100 * (step + 1);
  return {
    inputTokens: some,
    cachedInputTokens: 0,
    outputTokens: some,
    reasoningOutputTokens: 0,
    totalTokens: 2 * some,
    contextWindow: undefined,
  };
}
