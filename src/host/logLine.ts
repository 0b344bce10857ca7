import type { LogFields } from "../base/log";

const maxValueLength = 500;
/** What is looked through: patterns over a text of any length would take any time. */
const maxTextLength = 4_000;

/** One line of the log: the message and its fields as `name=value`. What looks like a credential is masked. */
export function logLine(message: string, fields: LogFields | undefined): string {
  const words = Object.entries(fields ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${word(value)}`],
  );
  return [safe(message), ...words].join(" ");
}

function word(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  const text = safe(value);
  const short = text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text;
  return /^[\w./:@-]+$/.test(short) ? short : JSON.stringify(short);
}

function safe(text: string): string {
  return masked(text).replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

/**
 * The start of a text with what looks like a credential masked. The last net: callers pass no secret, but an error's text
 * from elsewhere might hold one.
 */
export function masked(text: string): string {
  return text
    .slice(0, maxTextLength)
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 ***")
    .replace(/\beyJ[\w-]{8,}\.[\w.-]+/g, "***")
    .replace(/\b((?:access|refresh|id)_token|code|code_verifier|client_secret|state)=[^&\s"']+/gi, "$1=***");
}
