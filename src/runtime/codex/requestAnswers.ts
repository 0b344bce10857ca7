import { LinkedAbort } from "../../base/abort";
import type { Clock } from "../../base/clock";
import type { Disposable } from "../../base/disposable";
import type { Log } from "../../base/log";
import type { RunRequest, RuntimeEvent } from "../../core/ports/runtime";
import type { RpcAnswer } from "../jsonRpc";
import { readToolCall } from "../tools";
import type { Conversation } from "./conversation";
import { changeItem, resolvedNote } from "./protocol";
import { planRequest, toolAnswer, type RequestPlan } from "./requests";

export interface RequestsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly request: RunRequest;
  readonly onEvent: (event: RuntimeEvent) => void;
  readonly conversation: Pick<Conversation, "cancelledByPerson" | "interrupt" | "steer">;
  /** While it is held, the turn's limits stand still. */
  readonly hold: () => Disposable;
}

/** Announced changes that are remembered: what is asked about comes right after its announcement. */
const changesKept = 20;

/** Answers each request of the app-server of one run. What waits for a person is given up when the signal aborts. */
export class Requests {
  readonly #deps: RequestsDeps;
  readonly #signal: AbortSignal;
  readonly #open = new Map<number | string, LinkedAbort>();
  readonly #changes = new Map<string, readonly string[]>();

  constructor(deps: RequestsDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  answer(method: string, params: unknown, id: number | string): RpcAnswer | Promise<RpcAnswer> | undefined {
    const { clock, request, onEvent } = this.#deps;
    const plan = planRequest(method, params, {
      nowMs: clock.now(),
      approvals: request.policy.approvals,
      workingDirectory: request.workingDirectory,
      filesOf: (itemId) => this.#changes.get(itemId) ?? [],
    });
    if (plan === undefined) {
      this.#deps.log.warn("codex asked for something that is not known here", {
        method: method.slice(0, 100),
      });
      return undefined;
    }
    if (plan.kind === "answered") {
      if (plan.event !== undefined) onEvent(plan.event);
      return plan.answer;
    }
    return this.#whileOpen(id, (signal) =>
      plan.kind === "asks" ? this.#ask(plan, signal) : this.#use(plan, signal),
    );
  }

  notified(method: string, params: unknown): void {
    if (method === "serverRequest/resolved") {
      const note = resolvedNote.safeParse(params).data;
      if (note !== undefined) this.#open.get(note.requestId)?.abort(new Error("codex waits no longer"));
    }
    if (method !== "item/started") return;
    const note = changeItem.safeParse(params).data;
    if (note === undefined) return;
    this.#changes.set(
      note.item.id,
      note.item.changes.map((one) => one.path),
    );
    const [oldest] = this.#changes.keys();
    if (this.#changes.size > changesKept && oldest !== undefined) this.#changes.delete(oldest);
  }

  async #whileOpen(
    id: number | string,
    task: (signal: AbortSignal) => Promise<RpcAnswer>,
  ): Promise<RpcAnswer> {
    const scope = new LinkedAbort(this.#signal);
    const held = this.#deps.hold();
    this.#open.set(id, scope);
    try {
      return await task(scope.signal);
    } finally {
      if (this.#open.get(id) === scope) this.#open.delete(id);
      held.dispose();
      scope.dispose();
    }
  }

  async #ask(plan: Extract<RequestPlan, { kind: "asks" }>, signal: AbortSignal): Promise<RpcAnswer> {
    const { request, conversation } = this.#deps;
    const given = await request.ask(plan.question, signal);
    if (!signal.aborted && given.kind === "decision") {
      // Before the answer, so that the model hears it with its next breath, however short that is.
      if (given.guidance !== undefined) await conversation.steer(given.guidance);
      if (given.decision === "cancel") {
        conversation.cancelledByPerson();
        if (plan.interrupts) await conversation.interrupt();
      }
    }
    return { result: plan.answer(given) };
  }

  async #use(plan: Extract<RequestPlan, { kind: "uses" }>, signal: AbortSignal): Promise<RpcAnswer> {
    const read = readToolCall(plan.tool, plan.arguments);
    if ("wrong" in read) return toolAnswer(read.wrong, false);
    const { text, ok } = await this.#deps.request.useTool(read.call, read.key, signal);
    return toolAnswer(text, ok);
  }
}
