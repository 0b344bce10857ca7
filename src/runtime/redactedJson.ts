import type { TextRedactor } from "../base/redaction/redactor";

/** Deeper than anything that is read of the tool's messages; what lies deeper is left out. */
const deepest = 12;

/** Ids and words of the protocol: they must arrive as they are. */
const protocolKeys = /^(?:type|status|method|kind|phase)$|^id$|Id$/u;

/** A parsed message with each text redacted, so that whatever is cut out of it later cuts no secret in two. */
export function redactedJson(value: unknown, redactor: TextRedactor, depth = 0): unknown {
  if (typeof value === "string") return redactor.redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= deepest) return undefined;
  if (Array.isArray(value)) return value.map((one: unknown) => redactedJson(one, redactor, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [
      key,
      typeof inner === "string" && protocolKeys.test(key) ? inner : redactedJson(inner, redactor, depth + 1),
    ]),
  );
}
