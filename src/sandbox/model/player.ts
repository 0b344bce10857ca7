import { fileOf, type ModelRequest, type Position } from "./conversation";
import { callEvents, isCall, messageEvents, reasoningEvents, toolOf, type ModelEvent } from "./events";
import type { Script, Step } from "./script";

/** What one request makes the model do next. */
export type Act =
  | { readonly kind: "events"; readonly events: readonly ModelEvent[]; readonly step: Step }
  | { readonly kind: "gate"; readonly name: string }
  | { readonly kind: "pause"; readonly ms: number }
  | { readonly kind: "error"; readonly step: Extract<Step, { type: "error" }>; readonly at: string }
  | { readonly kind: "cut"; readonly at: string; readonly times: number };

/**
 * The acts of one response: from behind the last call up to the next one, or to the turn's end.
 * @param isReleased whether a gate is open
 */
export function actsOf(
  script: Script,
  request: ModelRequest,
  position: Position,
  isReleased: (gate: string) => boolean,
): Act[] {
  const steps = script.turns[Math.min(position.turnIndex, script.turns.length - 1)] ?? [];
  const offered = new Set(request.tools.flatMap((one) => (one.name === undefined ? [] : [one.name])));
  const fill = (text: string): string =>
    text.replaceAll("{{file}}", fileOf(position)).replaceAll("{{turn}}", position.turnKey);
  const last = steps[position.lastStep];
  const repeats = last?.type === "repeat" && !isReleased(last.until);
  const acts: Act[] = [];
  let output = 0;
  for (let at = repeats ? position.lastStep : position.lastStep + 1; at < steps.length; at += 1) {
    const step = steps[at];
    if (!step) break;
    const id = (kind: string): string => `${kind}_${position.turnKey}_${at}_${position.calls}`;
    if (isCall(step)) {
      if (step.type === "toolCall" && step.once && position.toolsUsed.has(step.name)) continue;
      if (step.type === "repeat" && isReleased(step.until)) continue;
      if (!offered.has(toolOf(step))) {
        const missing = `The tool ${toolOf(step)} is not offered here, so I leave this step out.`;
        acts.push({ kind: "events", events: messageEvents(id("msg"), output++, missing, false), step });
        continue;
      }
      acts.push({ kind: "events", events: callEvents(step, at, position, output, fill), step });
      return acts;
    }
    acts.push(plainAct(step, id, () => output++, fill, `${position.turnKey} ${at}`));
    if (step.type === "final") return acts;
  }
  const done: Step = { type: "final", text: "Done." };
  acts.push({
    kind: "events",
    step: done,
    events: messageEvents(`msg_${position.turnKey}_${steps.length}_0`, output, done.text, true),
  });
  return acts;
}

type PlainStep = Extract<
  Step,
  { type: "message" | "reasoning" | "gate" | "pause" | "error" | "cut" | "final" }
>;

function plainAct(
  step: PlainStep,
  id: (kind: string) => string,
  next: () => number,
  fill: (text: string) => string,
  at: string,
): Act {
  switch (step.type) {
    case "message":
    case "final":
      return {
        kind: "events",
        step,
        events: messageEvents(id("msg"), next(), fill(step.text), step.type === "final"),
      };
    case "reasoning":
      return { kind: "events", step, events: reasoningEvents(id("rs"), next(), fill(step.text)) };
    case "gate":
      return { kind: "gate", name: step.name };
    case "pause":
      return { kind: "pause", ms: step.ms };
    case "error":
      return { kind: "error", step, at };
    case "cut":
      return { kind: "cut", at, times: step.times };
  }
}
