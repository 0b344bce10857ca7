import type { PlanStep, RuntimeEvent } from "../../core/ports/runtime";
import type { UsageTotals } from "../../core/ports/platform";
import { headOf } from "../textTail";
import { chunkUpdate, noticeUpdate, planUpdate, toolUpdate, usageUpdate, type TokenUsage } from "./protocol";
import type { AcpState, MappingContext } from "./state";
import { endTools, mapTool } from "./toolCalls";

type Mapped = readonly [AcpState, readonly RuntimeEvent[]];
type Mapper = (state: AcpState, update: unknown, context: MappingContext) => Mapped | undefined;

const messageChars = 100_000;
const summaryChars = 4000;
/** Pieces beyond this are dropped: what is told of a text is shorter. */
const heldChars = 200_000;
const planSteps = 50;

/**
 * One `session/update` of the session in core's words. Pure. One that is unknown, or does not have the expected shape,
 * changes nothing.
 * @param kind its `sessionUpdate`.
 */
export function mapUpdate(state: AcpState, kind: string, update: unknown, context: MappingContext): Mapped {
  return mappers.get(kind)?.(state, update, context) ?? [state, []];
}

/** What is still untold when the turn has ended. Pure. */
export function mapEnd(state: AcpState, completed: boolean, context: MappingContext): Mapped {
  const [closed, events] = closeText(state, context, completed);
  return [closed, [...events, ...endTools(closed, context)]];
}

/** The totals that the agent told with a turn's end. Pure. */
export function mapTotals(state: AcpState, told: TokenUsage): Mapped {
  const cached = (told.cachedReadTokens ?? 0) + (told.cachedWriteTokens ?? 0);
  // Some agents count what came from the cache as input, others apart from it.
  const apart = told.totalTokens > told.inputTokens + told.outputTokens;
  return usageEvents(state, {
    inputTokens: told.inputTokens + (apart ? cached : 0),
    cachedInputTokens: told.cachedReadTokens ?? 0,
    outputTokens: told.outputTokens,
    reasoningOutputTokens: told.thoughtTokens ?? 0,
    totalTokens: told.totalTokens,
    contextWindow: state.usage?.contextWindow,
  });
}

const mappers: ReadonlyMap<string, Mapper> = new Map<string, Mapper>([
  ["agent_message_chunk", (state, update, context) => chunk(state, update, context, "message")],
  ["agent_thought_chunk", (state, update, context) => chunk(state, update, context, "thought")],
  ["tool_call", toolTold],
  ["tool_call_update", toolTold],
  ["plan", planTold],
  ["usage_update", usageTold],
  ["notice", noticeTold],
]);

function chunk(
  state: AcpState,
  update: unknown,
  context: MappingContext,
  kind: "message" | "thought",
): Mapped | undefined {
  const note = chunkUpdate.safeParse(update).data;
  if (note === undefined) return undefined;
  const piece = note.content.text ?? note.content.name ?? "";
  const { open } = state;
  const id = note.messageId ?? (open?.kind === kind ? open.id : undefined);
  if (open?.kind === kind && open.id === id) {
    const room = heldChars - open.text.length;
    return [room <= 0 ? state : { ...state, open: { ...open, text: open.text + piece.slice(0, room) } }, []];
  }
  const [closed, events] = closeText(state, context, false);
  const next = { kind, id: id ?? `${kind}-${state.texts + 1}`, text: piece.slice(0, heldChars) };
  return [{ ...closed, open: next, texts: state.texts + 1 }, events];
}

function closeText(state: AcpState, { redact }: MappingContext, final: boolean): Mapped {
  const { open } = state;
  if (open === undefined) return [state, []];
  const next: AcpState = { ...state, open: undefined };
  const text = redact(open.text).trim();
  if (text === "") return [next, []];
  if (open.kind === "thought") {
    return [next, [{ kind: "reasoning", itemId: open.id, summary: headOf(text, summaryChars) }]];
  }
  const whole = headOf(text, messageChars);
  return [{ ...next, lastMessage: whole }, [{ kind: "message", itemId: open.id, text: whole, final }]];
}

function toolTold(state: AcpState, update: unknown, context: MappingContext): Mapped | undefined {
  const note = toolUpdate.safeParse(update).data;
  if (note === undefined) return undefined;
  const [closed, before] = closeText(state, context, false);
  const [next, events] = mapTool(closed, note, context);
  return [next, [...before, ...events]];
}

function planTold(state: AcpState, update: unknown, { redact }: MappingContext): Mapped | undefined {
  const note = planUpdate.safeParse(update).data;
  if (note === undefined) return undefined;
  const steps = note.entries.slice(0, planSteps).map(({ content, status }): PlanStep => {
    const known = status === "completed" ? status : status === "in_progress" ? "inProgress" : "pending";
    return { text: headOf(redact(content), 500), status: known };
  });
  const plan = JSON.stringify(steps);
  if (plan === state.plan) return undefined;
  return [{ ...state, plan }, [{ kind: "plan", explanation: undefined, steps }]];
}

/** While the turn runs only the filled part of the context is told: the tokens are at least that many. */
function usageTold(state: AcpState, update: unknown): Mapped | undefined {
  const note = usageUpdate.safeParse(update).data;
  if (note === undefined || !(note.used >= 0 && note.size >= 0)) return undefined;
  const before = state.usage ?? nothingUsed;
  const totalTokens = Math.max(before.totalTokens, Math.round(note.used));
  return usageEvents(state, { ...before, totalTokens, contextWindow: Math.round(note.size) });
}

const nothingUsed: UsageTotals = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
  totalTokens: 0,
  contextWindow: undefined,
};

function usageEvents(state: AcpState, usage: UsageTotals): Mapped {
  const counts = [usage.inputTokens, usage.outputTokens, usage.totalTokens, usage.contextWindow ?? 0];
  if (counts.some((one) => !Number.isSafeInteger(one) || one < 0)) return [state, []];
  const same = state.usage !== undefined && JSON.stringify(state.usage) === JSON.stringify(usage);
  return [{ ...state, usage }, same ? [] : [{ kind: "usage", usage }]];
}

function noticeTold(state: AcpState, update: unknown, { redact }: MappingContext): Mapped | undefined {
  const note = noticeUpdate.safeParse(update).data;
  if (note === undefined || note.severity === "info") return undefined;
  const text = [note.title, note.description ?? ""].filter((one) => one !== "").join(": ");
  return [state, [{ kind: "warning", text: headOf(redact(text), 2000) }]];
}
