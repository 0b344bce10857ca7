import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Thread, Turn } from "./protocol";
import { turnRecord } from "./protocol";
import { work, type UseTool } from "./stepWork";

/** How a turn tells what it does. */
export type Notify = (method: string, params: object) => void;

const steps = ["Look at the task", "Write a note", "Report"];
const stepMs = 400;
const contextWindow = 258_400;

/** Plays one turn to its end; an abort of the signal interrupts it. Never rejects. */
export async function playTurn(
  thread: Thread,
  turn: Turn,
  notify: Notify,
  use: UseTool,
  signal: AbortSignal,
): Promise<void> {
  const inTurn = { threadId: thread.id, turnId: turn.id };
  const plan = (done: number): void => {
    notify("turn/plan/updated", {
      ...inTurn,
      explanation: null,
      plan: steps.map((step, index) => ({
        step,
        status: index < done ? "completed" : index === done ? "inProgress" : "pending",
      })),
    });
  };
  const item = (
    body: Readonly<Record<string, unknown>>,
    finished: Readonly<Record<string, unknown>>,
  ): void => {
    const at = Date.now();
    const started = { ...body, startedAtMs: at, completedAtMs: null };
    const completed = { ...body, ...finished, startedAtMs: at, completedAtMs: Date.now() };
    notify("item/started", { item: started, ...inTurn, startedAtMs: at });
    notify("item/completed", { item: completed, ...inTurn, completedAtMs: Date.now() });
    turn.items.push(completed);
  };
  const say = (text: string, phase: "commentary" | "final_answer"): void =>
    item({ type: "agentMessage", id: `msg_${randomUUID()}`, text: "", phase }, { text });
  const end = (status: "completed" | "interrupted" | "failed", error: string | null = null): void => {
    notify("thread/status/changed", { threadId: thread.id, status: { type: "idle" } });
    notify("turn/completed", { threadId: thread.id, turn: turnRecord(turn, status, Date.now(), error) });
  };

  notify("thread/status/changed", { threadId: thread.id, status: { type: "active", activeFlags: [] } });
  notify("turn/started", { threadId: thread.id, turn: turnRecord(turn, "inProgress", Date.now()) });
  try {
    say(
      "I am the scripted coding tool of the One Horizon sandbox, not a model. I follow a fixed script.",
      "commentary",
    );
    plan(0);
    await sleep(stepMs, undefined, { signal });
    plan(1);
    await sleep(stepMs, undefined, { signal });
    const { said, note } = await work(thread, turn.id, use);
    if (note !== undefined) {
      const changes = [{ path: note.path, kind: { type: "add" }, diff: note.content }];
      item(
        { type: "fileChange", id: `call_${randomUUID()}`, changes, status: "inProgress" },
        { status: "completed" },
      );
    }
    plan(2);
    await sleep(stepMs, undefined, { signal });
    notify("thread/tokenUsage/updated", { ...inTurn, tokenUsage: noUsage });
    plan(3);
    say(said, "final_answer");
    end("completed");
  } catch (error) {
    if (signal.aborted) end("interrupted");
    else end("failed", error instanceof Error ? error.message : "The scripted tool failed.");
  }
}

const zero = {
  totalTokens: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
};
const noUsage = { total: zero, last: zero, modelContextWindow: contextWindow };
