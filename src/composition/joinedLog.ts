import type { Log, LogFields } from "../base/log";
import { redactedLog } from "../base/redaction/redactedLog";
import type { TextRedactor } from "../base/redaction/redactor";
import { masked } from "../host/logLine";

/** One log that writes to several. No secret that is known, and nothing that looks like a credential, reaches any of them. */
export function joinedLog(redactor: TextRedactor, ...logs: readonly Log[]): Log {
  const each =
    (level: keyof Log) =>
    (message: string, fields?: LogFields): void => {
      for (const log of logs) log[level](masked(message), maskedFields(fields));
    };
  // Before the mask, which cuts what is long.
  return redactedLog(
    { debug: each("debug"), info: each("info"), warn: each("warn"), error: each("error") },
    redactor,
  );
}

function maskedFields(fields: LogFields | undefined): LogFields | undefined {
  if (fields === undefined) return undefined;
  const entries = Object.entries(fields).map(
    ([name, value]) => [name, typeof value === "string" ? masked(value) : value] as const,
  );
  return Object.fromEntries<LogFields[string]>(entries);
}
