import type { ActivityType, SessionMetadata } from "./ports/platform";
import type { PlanStep, RuntimeEvent } from "./ports/runtime";
import { clip, code, firstLine, wholeMarkdown } from "./text";

/** A line for the session's log on the platform. */
export interface Narration {
  readonly type: ActivityType;
  readonly text: string;
}

/** What a colleague would like to read of an event; undefined for what nobody would. */
export function narrate(event: RuntimeEvent): Narration | undefined {
  switch (event.kind) {
    case "plan":
      return { type: "plan", text: planMarkdown(event.steps, event.explanation) };
    case "commandCompleted":
      return { type: "progress", text: commandText(event) };
    case "filesChanged":
      return event.files.length === 0 ? undefined : { type: "progress", text: filesText(event.files) };
    case "message":
      return event.final ? undefined : { type: "progress", text: wholeMarkdown(event.text, 4000) };
    case "policyDecision":
      return { type: "policy", text: policyText(event) };
    case "warning":
    case "retrying":
      return { type: "progress", text: wholeMarkdown(firstLine(event.text, 500), 600) };
    case "processStarted":
    case "threadStarted":
    case "turnStarted":
    case "commandStarted":
    case "reasoning":
    case "usage":
      return undefined;
  }
}

/** The facts about the run that an event brings, in the contract's terms. */
export function metadataOf(event: RuntimeEvent): SessionMetadata | undefined {
  switch (event.kind) {
    case "processStarted":
      return { providerProcessId: String(event.processId), providerStatus: "started" };
    case "threadStarted":
      return {
        providerThreadId: event.threadId,
        providerStatus: "running",
        ...(event.model === undefined ? {} : { model: event.model }),
        ...(event.modelProvider === undefined ? {} : { modelProvider: event.modelProvider }),
      };
    case "turnStarted":
      return { providerTurnId: event.turnId };
    case "plan":
      return { plan: clip(planMarkdown(event.steps, undefined), 50_000) };
    case "usage":
      return { usage: event.usage };
    case "commandStarted":
    case "commandCompleted":
    case "filesChanged":
    case "message":
    case "reasoning":
    case "policyDecision":
    case "warning":
    case "retrying":
      return undefined;
  }
}

const box: Readonly<Record<PlanStep["status"], string>> = {
  completed: "- [x]",
  inProgress: "- [ ] ▸",
  pending: "- [ ]",
};

function planMarkdown(steps: readonly PlanStep[], explanation: string | undefined): string {
  const lines = steps.map((step) => `${box[step.status]} ${firstLine(step.text, 300)}`);
  const intro =
    explanation === undefined || explanation.trim() === "" ? [] : [firstLine(explanation, 500), ""];
  return [...intro, ...lines].join("\n") || "The plan is empty.";
}

function commandText(event: Extract<RuntimeEvent, { kind: "commandCompleted" }>): string {
  // What took no noticeable time is not worth a number.
  const { durationMs } = event;
  const took = durationMs === undefined || durationMs < 100 ? "" : ` in ${(durationMs / 1000).toFixed(1)} s`;
  const exit = event.exitCode === undefined ? "ended" : `exit ${event.exitCode}`;
  return `Ran ${code(firstLine(event.command, 300))}: ${exit}${took}`;
}

function policyText({
  request,
  decision,
  reason,
}: Extract<RuntimeEvent, { kind: "policyDecision" }>): string {
  return `${code(firstLine(request, 500))}: ${decision}. ${reason}`;
}

function filesText(files: readonly { readonly path: string; readonly change: string }[]): string {
  const shown = files.slice(0, 10).map((file) => `${file.change} ${code(clip(file.path, 200))}`);
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : "";
  return `Changed files: ${shown.join(", ")}${more}`;
}

/** Does the event show that the tool, its model and its account work? */
export function showsLife(event: RuntimeEvent): boolean {
  return (
    event.kind === "message" ||
    event.kind === "plan" ||
    event.kind === "commandCompleted" ||
    event.kind === "filesChanged" ||
    event.kind === "usage"
  );
}
