import type { PlanStep, RuntimeEvent } from "../../core/ports/runtime";
import type { UsageTotals } from "../../core/ports/platform";
import { headOf } from "../textTail";
import { mapItem } from "./items";
import {
  configWarningNote,
  errorNote,
  itemNote,
  planNote,
  turnCompletedNote,
  turnStartedNote,
  usageNote,
  warningNote,
} from "./protocol";
import type { MappingState } from "./state";

export type Mapped = readonly [MappingState, readonly RuntimeEvent[]];

const textChars = 2000;
const planSteps = 50;

/**
 * One notification of the app-server in core's words. Pure. A notification that is unknown, or does not have the
 * expected shape, changes nothing.
 */
export function mapNotification(state: MappingState, method: string, params: unknown): Mapped {
  const mapper = mappers.get(method);
  return mapper?.(state, params) ?? [state, []];
}

/** Does a notification of this kind change anything here? */
export function isRead(method: string): boolean {
  return mappers.has(method);
}

type Mapper = (state: MappingState, params: unknown) => Mapped | undefined;

const mappers: ReadonlyMap<string, Mapper> = new Map<string, Mapper>([
  ["turn/started", turnStarted],
  ["turn/completed", turnCompleted],
  ["turn/plan/updated", planUpdated],
  ["thread/tokenUsage/updated", usageUpdated],
  ["item/started", (state, params) => item(state, params, "started")],
  ["item/completed", (state, params) => item(state, params, "completed")],
  ["error", errorTold],
  ["warning", warningTold],
  ["configWarning", configWarningTold],
]);

function isOurs(state: MappingState, note: { readonly threadId: string }): boolean {
  return note.threadId === state.threadId;
}

function turnStarted(state: MappingState, params: unknown): Mapped | undefined {
  const note = turnStartedNote.safeParse(params).data;
  if (note === undefined || !isOurs(state, note) || note.turn.id === state.turnId) return undefined;
  return [{ ...state, turnId: note.turn.id }, [{ kind: "turnStarted", turnId: note.turn.id }]];
}

function turnCompleted(state: MappingState, params: unknown): Mapped | undefined {
  const note = turnCompletedNote.safeParse(params).data;
  if (note === undefined || !isOurs(state, note)) return undefined;
  // A resumed thread may still tell the end of an earlier turn.
  if (note.turn.id !== state.turnId) return undefined;
  const { status, error } = note.turn;
  return [{ ...state, end: { status, error: error ?? state.lastError } }, []];
}

function planUpdated(state: MappingState, params: unknown): Mapped | undefined {
  const note = planNote.safeParse(params).data;
  if (note === undefined || !isOurs(state, note)) return undefined;
  const steps = note.plan.slice(0, planSteps).map((one): PlanStep => {
    const known = one.status === "completed" || one.status === "inProgress" ? one.status : "pending";
    return { text: headOf(one.step, 500), status: known };
  });
  const explanation = note.explanation ?? undefined;
  return [
    state,
    [
      {
        kind: "plan",
        explanation: explanation === undefined ? undefined : headOf(explanation, textChars),
        steps,
      },
    ],
  ];
}

function usageUpdated(state: MappingState, params: unknown): Mapped | undefined {
  const note = usageNote.safeParse(params).data;
  if (note === undefined || !isOurs(state, note)) return undefined;
  const { total, last, modelContextWindow } = note.tokenUsage;
  const before = state.usage;
  // The tool tells running totals and repeats them on resume; a total never goes back.
  const usage: UsageTotals = {
    inputTokens: Math.max(before?.inputTokens ?? 0, total.inputTokens),
    cachedInputTokens: Math.max(before?.cachedInputTokens ?? 0, total.cachedInputTokens ?? 0),
    outputTokens: Math.max(before?.outputTokens ?? 0, total.outputTokens),
    reasoningOutputTokens: Math.max(before?.reasoningOutputTokens ?? 0, total.reasoningOutputTokens ?? 0),
    totalTokens: Math.max(before?.totalTokens ?? 0, total.totalTokens),
    contextWindow: modelContextWindow ?? before?.contextWindow,
  };
  const same = before !== undefined && JSON.stringify(before) === JSON.stringify(usage);
  return [{ ...state, usage }, same ? [] : [{ kind: "usage", usage, contextTokens: last?.totalTokens }]];
}

function item(state: MappingState, params: unknown, stage: "started" | "completed"): Mapped | undefined {
  const note = itemNote.safeParse(params).data;
  if (note === undefined || !isOurs(state, note)) return undefined;
  return mapItem(state, note.item, stage);
}

function errorTold(state: MappingState, params: unknown): Mapped | undefined {
  const note = errorNote.safeParse(params).data;
  if (note === undefined || !isOurs(state, note)) return undefined;
  const next = { ...state, lastError: note.error };
  // Without a retry the turn's own end follows and tells the same.
  if (!note.willRetry) return [next, []];
  return [{ ...next, retried: true }, [{ kind: "retrying", text: headOf(note.error.message, textChars) }]];
}

function warningTold(state: MappingState, params: unknown): Mapped | undefined {
  const note = warningNote.safeParse(params).data;
  if (note === undefined) return undefined;
  return [state, [{ kind: "warning", text: headOf(note.message, textChars) }]];
}

function configWarningTold(state: MappingState, params: unknown): Mapped | undefined {
  const note = configWarningNote.safeParse(params).data;
  if (note === undefined) return undefined;
  return [state, [{ kind: "warning", text: headOf(note.summary, textChars) }]];
}
