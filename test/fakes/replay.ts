import assert from "node:assert/strict";
import type { Question } from "../../src/core/ports/person";
import type { RunOutcome, RuntimeEvent } from "../../src/core/ports/runtime";
import { completedBefore } from "../../src/runtime/codex/doneBefore";
import { turnFailure } from "../../src/runtime/codex/failure";
import { mapNotification } from "../../src/runtime/codex/mapping";
import { changeItem, threadAnswer, turnAnswer } from "../../src/runtime/codex/protocol";
import { planRequest } from "../../src/runtime/codex/requests";
import { widerThanAsked } from "../../src/runtime/codex/safety";
import { initialMapping, type MappingState } from "../../src/runtime/codex/state";
import { readToolCall } from "../../src/runtime/tools";
import type { Transcript, TranscriptLine } from "./transcripts";

/** What a recorded conversation means to the worker. */
export interface Replayed {
  readonly events: readonly RuntimeEvent[];
  readonly questions: readonly Question[];
  /** Calls of the worker's own tools, or what was wrong with them. */
  readonly tools: readonly unknown[];
  /** How the turn ended; undefined where it was given up. */
  readonly outcome: RunOutcome | { readonly kind: string } | undefined;
}

type Message = TranscriptLine["message"];

/** Feeds what codex said to the pure part of the adapter, and holds the answers it would give against the recorded ones. */
export class Replay {
  readonly #transcript: Transcript;
  readonly #asked = new Map<unknown, string>();
  readonly #files = new Map<string, readonly string[]>();
  /** What the worker answers now, by the id of the request. */
  readonly #answers = new Map<unknown, unknown>();
  readonly #events: RuntimeEvent[] = [];
  readonly #questions: Question[] = [];
  readonly #tools: unknown[] = [];
  #state: MappingState = initialMapping;
  #before: RunOutcome | undefined;

  constructor(transcript: Transcript) {
    this.#transcript = transcript;
  }

  /** Throws where the adapter no longer understands or answers as it did. */
  run(): Replayed {
    for (const { from, message } of this.#transcript.lines) {
      if (from === "worker") this.#sent(message);
      else if (message.method === undefined) this.#answered(message);
      else if (message.id === undefined) this.#notified(message.method, message.params);
      else this.#requested(message.method, message);
    }
    const outcome = this.#before ?? this.#outcome();
    return { events: this.#events, questions: this.#questions, tools: this.#tools, outcome };
  }

  #sent(message: Message): void {
    if (message.method !== undefined) this.#asked.set(message.id, message.method);
    else if (this.#answers.has(message.id)) assert.deepEqual(this.#answers.get(message.id), message.result);
  }

  #answered({ id, result, error }: Message): void {
    assert.equal(error, undefined, JSON.stringify(error));
    const { policy, workKey } = this.#transcript.head;
    switch (this.#asked.get(id)) {
      case "thread/start":
      case "thread/resume": {
        const answer = threadAnswer.parse(result);
        assert.equal(widerThanAsked(policy, answer), undefined);
        const { thread, model, modelProvider } = answer;
        this.#state = { ...this.#state, threadId: thread.id };
        this.#events.push({
          kind: "threadStarted",
          threadId: thread.id,
          model: model ?? undefined,
          modelProvider: modelProvider ?? undefined,
        });
        return;
      }
      case "turn/start":
        this.#turnStarted(turnAnswer.parse(result).turn.id);
        return;
      case "thread/turns/list":
        this.#before = completedBefore(result, workKey);
        return;
      default:
    }
  }

  /** Told once, by the answer or by the notification. */
  #turnStarted(turnId: string): void {
    if (this.#state.turnId !== undefined) return;
    this.#state = { ...this.#state, turnId };
    this.#events.push({ kind: "turnStarted", turnId });
  }

  #notified(method: string, params: unknown): void {
    const change = method === "item/started" ? changeItem.safeParse(params).data?.item : undefined;
    if (change !== undefined) {
      this.#files.set(
        change.id,
        change.changes.map((one) => one.path),
      );
    }
    const [state, events] = mapNotification(this.#state, method, params);
    this.#state = state;
    this.#events.push(...events);
  }

  #requested(method: string, { id, params }: Message): void {
    const { policy, answers } = this.#transcript.head;
    const plan = planRequest(method, params, {
      nowMs: 0,
      approvals: policy.approvals,
      workingDirectory: "/lab/project",
      filesOf: (itemId) => this.#files.get(itemId) ?? [],
    });
    assert.ok(plan !== undefined, `${method} is not known any more`);
    if (plan.kind === "asks") {
      const given = answers[this.#questions.length];
      assert.ok(given !== undefined, `the transcript holds no answer to ${plan.question.what}`);
      this.#questions.push(plan.question);
      this.#answers.set(id, plan.answer(given));
    } else if (plan.kind === "uses") this.#tools.push(readToolCall(plan.tool, plan.arguments));
    else if (plan.event !== undefined) this.#events.push(plan.event);
  }

  #outcome(): Replayed["outcome"] {
    const { end, finalMessage, lastMessage } = this.#state;
    if (end === undefined) return undefined;
    if (end.status === "failed") return turnFailure(end.error);
    if (end.status !== "completed") return { kind: end.status };
    return { kind: "completed", finalMessage: finalMessage ?? lastMessage };
  }
}
