import type { Log, LogFields } from "../base/log";
import { masked } from "../host/logLine";

/** One log that writes to several. What looks like a credential reaches none of them. */
export function joinedLog(...logs: readonly Log[]): Log {
  const each =
    (level: keyof Log) =>
    (message: string, fields?: LogFields): void => {
      for (const log of logs) log[level](masked(message), maskedFields(fields));
    };
  return { debug: each("debug"), info: each("info"), warn: each("warn"), error: each("error") };
}

function maskedFields(fields: LogFields | undefined): LogFields | undefined {
  if (fields === undefined) return undefined;
  const entries = Object.entries(fields).map(
    ([name, value]) => [name, typeof value === "string" ? masked(value) : value] as const,
  );
  return Object.fromEntries<LogFields[string]>(entries);
}
