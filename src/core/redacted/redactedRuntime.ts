import type { TextRedactor } from "../../base/redaction/redactor";
import type { HookRunner } from "../ports/hooks";
import type { RunOutcome, Runtime, RuntimeEvent } from "../ports/runtime";
import type { Hide } from "./redactedPlatform";

/** A coding tool behind the redactor: what it tells is without secrets before anything of it is cut, summed up or shown. */
export function redactedRuntime(runtime: Runtime, redactor: TextRedactor): Runtime {
  const hide: Hide = (text) => redactor.redact(text);
  return {
    provider: runtime.provider,
    probe: async (options) => {
      const probe = await runtime.probe(options);
      return probe.kind === "ready" ? probe : { ...probe, message: hide(probe.message) };
    },
    run: async (request, onEvent, signal) =>
      redactedOutcome(
        await runtime.run(request, (event) => onEvent(redactedEvent(event, hide)), signal),
        hide,
      ),
    endLeftovers: (marker) => runtime.endLeftovers(marker),
  };
}

/** The owner's hooks behind the redactor. */
export function redactedHooks(hooks: HookRunner, redactor: TextRedactor): HookRunner {
  return {
    run: async (request, signal) => {
      const outcome = await hooks.run(request, signal);
      if (outcome.kind === "completed") return outcome;
      const { how, outputTail } = outcome;
      return { ...outcome, how: redactor.redact(how), outputTail: redactor.redact(outputTail) };
    },
  };
}

export function redactedOutcome(outcome: RunOutcome, hide: Hide): RunOutcome {
  if (outcome.kind === "failed") return { ...outcome, message: hide(outcome.message) };
  const { finalMessage } = outcome;
  return { ...outcome, finalMessage: finalMessage === undefined ? undefined : hide(finalMessage) };
}

function redactedEvent(event: RuntimeEvent, hide: Hide): RuntimeEvent {
  switch (event.kind) {
    case "plan": {
      const { explanation, steps } = event;
      return {
        ...event,
        explanation: explanation === undefined ? undefined : hide(explanation),
        steps: steps.map((one) => ({ ...one, text: hide(one.text) })),
      };
    }
    case "commandStarted":
      return { ...event, command: hide(event.command) };
    case "commandCompleted":
      return { ...event, command: hide(event.command), outputTail: hide(event.outputTail) };
    case "filesChanged":
      return { ...event, files: event.files.map((file) => ({ ...file, path: hide(file.path) })) };
    case "message":
      return { ...event, text: hide(event.text) };
    case "reasoning":
      return { ...event, summary: hide(event.summary) };
    case "policyDecision":
      return { ...event, request: hide(event.request), reason: hide(event.reason) };
    case "warning":
    case "retrying":
      return { ...event, text: hide(event.text) };
    case "processStarted":
    case "threadStarted":
    case "turnStarted":
    case "usage":
      return event;
  }
}
