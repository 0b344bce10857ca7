import type { Log, LogFields } from "../log";
import type { TextRedactor } from "./redactor";

/** A log behind the redactor. */
export function redactedLog(log: Log, redactor: TextRedactor): Log {
  const each =
    (level: keyof Log) =>
    (message: string, fields?: LogFields): void =>
      log[level](redactor.redact(message), redactedFields(fields, redactor));
  return { debug: each("debug"), info: each("info"), warn: each("warn"), error: each("error") };
}

function redactedFields(fields: LogFields | undefined, redactor: TextRedactor): LogFields | undefined {
  if (fields === undefined) return undefined;
  const entries = Object.entries(fields).map(
    ([name, value]) => [name, typeof value === "string" ? redactor.redact(value) : value] as const,
  );
  return Object.fromEntries<LogFields[string]>(entries);
}
