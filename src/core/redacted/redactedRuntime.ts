import type { TextRedactor } from "../../base/redaction/redactor";
import type { HookRunner } from "../ports/hooks";
import type { Question } from "../ports/person";
import type { ToolCall } from "../ports/tools";
import type { RunOutcome, RunRequest, Runtime, RuntimeEvent } from "../ports/runtime";
import type { Hide } from "./redactedPlatform";

/** A coding tool behind the redactor: what it tells is without secrets before anything of it is cut, summed up or shown. */
export function redactedRuntime(runtime: Runtime, redactor: TextRedactor): Runtime {
  const hide: Hide = (text) => redactor.redact(text);
  return {
    provider: runtime.provider,
    probe: async (options) => {
      const probe = await runtime.probe(options);
      if (probe.kind !== "ready") return { ...probe, message: hide(probe.message) };
      return probe.signInWays === undefined ? probe : { ...probe, signInWays: probe.signInWays.map(hide) };
    },
    run: async (request, onEvent, signal) => {
      const asking: RunRequest = {
        ...request,
        ask: (question, inner) => request.ask(redactedQuestion(question, hide), inner),
        useTool: (call, key, inner) => request.useTool(redactedCall(call, hide), key, inner),
      };
      const told = (event: RuntimeEvent): void => onEvent(redactedEvent(event, hide));
      return redactedOutcome(await runtime.run(asking, told, signal), hide);
    },
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

function redactedQuestion(question: Question, hide: Hide): Question {
  const { what, where, why, parts } = question;
  return {
    ...question,
    what: hide(what),
    where: where === undefined ? undefined : hide(where),
    why: why === undefined ? undefined : hide(why),
    parts: parts.map((part) => ({
      ...part,
      text: hide(part.text),
      options: part.options.map((one) => hide(one)),
    })),
  };
}

/** What the model hands over leaves this machine, most of it. */
function redactedCall(call: ToolCall, hide: Hide): ToolCall {
  switch (call.tool) {
    case "report_progress":
      return { ...call, message: hide(call.message) };
    case "request_input":
      return { ...call, question: hide(call.question), options: call.options.map((one) => hide(one)) };
    case "delegate_work":
      return {
        ...call,
        prompt: hide(call.prompt),
        title: call.title === undefined ? undefined : hide(call.title),
      };
    case "set_review_verdict":
      return { ...call, reason: hide(call.reason) };
    case "write_document":
      return { ...call, title: hide(call.title), content: hide(call.content) };
  }
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
