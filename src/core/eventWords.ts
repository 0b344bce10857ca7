import { translated } from "../base/words";
import type { SessionChange, WorkerEvent } from "./events";

/**
 * The event with its sentences in the language of the person here: they were written for the platform too, or by an earlier process.
 * The state is for people alone; nothing of it goes to the platform.
 */
export function eventInLanguage(event: WorkerEvent): WorkerEvent {
  switch (event.kind) {
    case "phaseChanged": {
      const { phase } = event;
      return "message" in phase
        ? { ...event, phase: { ...phase, message: translated(phase.message) } }
        : event;
    }
    case "faulted":
      return { ...event, fault: { ...event.fault, message: translated(event.fault.message) } };
    case "beat": {
      const { result } = event;
      return result.kind === "failed"
        ? { ...event, result: { ...result, message: translated(result.message) } }
        : event;
    }
    case "pollFailed":
      return { ...event, message: translated(event.message) };
    case "restored":
      return {
        ...event,
        records: event.records.map((record) => ({ ...record, detail: maybe(record.detail) })),
      };
    case "session":
      return { ...event, change: changeInLanguage(event.change) };
    case "identified":
    case "limitsChanged":
    case "faultCleared":
    case "pollScheduled":
    case "polled":
    case "cleared":
    case "mirrored":
    case "ownerLost":
      return event;
  }
}

function changeInLanguage(change: SessionChange): SessionChange {
  switch (change.kind) {
    case "preparing":
    case "progress":
    case "finishing":
      return { ...change, detail: translated(change.detail) };
    case "ended":
      return { ...change, detail: maybe(change.detail) };
    default:
      return change;
  }
}

function maybe(text: string | undefined): string | undefined {
  return text === undefined ? undefined : translated(text);
}
