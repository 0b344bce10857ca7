import type { Position } from "./conversation";
import type { Step } from "./script";
import type { ModelUsage } from "./usage";

/** One server-sent event, without its sequence number. */
export type ModelEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Steps that end a response: the client acts on them and asks again. */
export type CallStep = Extract<Step, { type: "plan" | "command" | "file" | "patch" | "toolCall" | "repeat" }>;

export function isCall(step: Step): step is CallStep {
  return ["plan", "command", "file", "patch", "toolCall", "repeat"].includes(step.type);
}

/** The tool of the client that a step needs. */
export function toolOf(step: CallStep): string {
  switch (step.type) {
    case "plan":
      return "update_plan";
    case "command":
    case "repeat":
      return "exec_command";
    case "file":
    case "patch":
      return "apply_patch";
    case "toolCall":
      return step.name;
  }
}

const chunkSize = 24;
const chunks = (text: string): string[] => text.match(new RegExp(`[\\s\\S]{1,${chunkSize}}`, "g")) ?? [];

/** The events of a message. */
export function messageEvents(id: string, index: number, text: string, isFinal: boolean): ModelEvent[] {
  const item = { type: "message", id, role: "assistant", phase: isFinal ? "final_answer" : "commentary" };
  return [
    { type: "response.output_item.added", output_index: index, item: { ...item, content: [] } },
    ...chunks(text).map((delta) => ({
      type: "response.output_text.delta",
      item_id: id,
      output_index: index,
      content_index: 0,
      delta,
    })),
    {
      type: "response.output_item.done",
      output_index: index,
      item: { ...item, content: [{ type: "output_text", text }] },
    },
  ];
}

/** The events of a reasoning summary. */
export function reasoningEvents(id: string, index: number, text: string): ModelEvent[] {
  const item = { type: "reasoning", id, encrypted_content: null };
  return [
    { type: "response.output_item.added", output_index: index, item: { ...item, summary: [] } },
    { type: "response.reasoning_summary_part.added", item_id: id, output_index: index, summary_index: 0 },
    {
      type: "response.reasoning_summary_text.delta",
      item_id: id,
      output_index: index,
      summary_index: 0,
      delta: text,
    },
    {
      type: "response.output_item.done",
      output_index: index,
      item: { ...item, summary: [{ type: "summary_text", text }] },
    },
  ];
}

/** The events of a call; the step's number stands in its id, so that the next request tells where the turn is. */
export function callEvents(
  step: CallStep,
  stepIndex: number,
  position: Position,
  index: number,
  fill: (text: string) => string,
): ModelEvent[] {
  const callId = `call_${position.turnKey}_${stepIndex}_${position.calls}`;
  if (step.type === "file" || step.type === "patch") {
    const input = step.type === "patch" ? step.patch : addFilePatch(fill(step.path), fill(step.content));
    const item = { type: "custom_tool_call", id: `ct${callId}`, call_id: callId, name: "apply_patch" };
    return [
      { type: "response.output_item.added", output_index: index, item: { ...item, input: "" } },
      { type: "response.custom_tool_call_input.delta", item_id: item.id, output_index: index, delta: input },
      { type: "response.output_item.done", output_index: index, item: { ...item, input } },
    ];
  }
  const args = JSON.stringify(argumentsOf(step, fill));
  const item = { type: "function_call", id: `fc${callId}`, call_id: callId, name: toolOf(step) };
  return [
    { type: "response.output_item.added", output_index: index, item: { ...item, arguments: "" } },
    { type: "response.function_call_arguments.delta", item_id: item.id, output_index: index, delta: args },
    { type: "response.function_call_arguments.done", item_id: item.id, output_index: index, arguments: args },
    { type: "response.output_item.done", output_index: index, item: { ...item, arguments: args } },
  ];
}

type FunctionStep = Exclude<CallStep, { type: "file" | "patch" }>;

function argumentsOf(step: FunctionStep, fill: (text: string) => string): object {
  switch (step.type) {
    case "plan":
      return {
        ...(step.explanation === undefined ? {} : { explanation: step.explanation }),
        plan: step.plan,
      };
    case "repeat":
      return { cmd: fill(step.cmd) };
    case "command":
      return step.justification === undefined
        ? { cmd: fill(step.cmd) }
        : {
            cmd: fill(step.cmd),
            sandbox_permissions: "require_escalated",
            justification: step.justification,
          };
    case "toolCall":
      return step.arguments;
  }
}

function addFilePatch(path: string, content: string): string {
  const lines = content
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `+${line}`);
  return ["*** Begin Patch", `*** Add File: ${path}`, ...lines, "*** End Patch", ""].join("\n");
}

/** What ends a response. */
export const completedEvent = (id: string, usage: ModelUsage): ModelEvent => ({
  type: "response.completed",
  response: { id, object: "response", status: "completed", output: [], usage },
});
