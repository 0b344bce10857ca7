const longestMs = 15 * 60_000;
/** Characters of a message that are read; the search for a number takes a time that grows with the square of them. */
const messageLength = 1_000;

/**
 * How long a 429 asks to wait, milliseconds: `Retry-After` (seconds or a date), else the number of seconds that the
 * message names, else undefined. Never negative, never more than 15 minutes.
 */
export function retryAfterMs(header: string | null, message: string, now: number): number | undefined {
  const value = fromHeader(header, now) ?? fromMessage(message);
  return value === undefined ? undefined : Math.min(Math.max(0, value), longestMs);
}

function fromHeader(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/u.test(text)) return Number(text) * 1000;
  const date = text === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : date - now;
}

function fromMessage(message: string): number | undefined {
  const named = /(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?)\b/iu.exec(
    message.slice(0, messageLength),
  );
  if (named === null) return undefined;
  const unit = (named[2] ?? "").toLowerCase();
  const factor = unit.startsWith("ms") || unit.startsWith("milli") ? 1 : unit.startsWith("m") ? 60_000 : 1000;
  return Number(named[1]) * factor;
}
