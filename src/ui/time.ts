import type { L10n } from "./l10n";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A span as a short word: `12s`, `4m`, `2h 5m`, `3d`. A negative span, as after a clock change, reads as `0s`. */
export function elapsedWord(ms: number, l10n: L10n): string {
  const span = Math.max(0, ms);
  if (span < minute) return l10n.t("{0}s", Math.floor(span / second));
  if (span < hour) return l10n.t("{0}m", Math.floor(span / minute));
  if (span >= day) return l10n.t("{0}d", Math.floor(span / day));
  const hours = Math.floor(span / hour);
  const minutes = Math.floor((span % hour) / minute);
  return minutes === 0 ? l10n.t("{0}h", hours) : l10n.t("{0}h {1}m", hours, minutes);
}

/**
 * A span for rows: from ten seconds to a minute in steps of ten. Each new word draws a row anew, and that closes the card
 * of the row which somebody may be reading.
 */
export function steady(ms: number): number {
  const step = 10 * second;
  return ms < step || ms >= minute ? ms : Math.floor(ms / step) * step;
}

/** When the word of `steady` elapsed time since `at` becomes another one, on the same clock as both. */
export function nextWordAt(at: number, now: number): number {
  const span = now - at;
  if (span < 0) return at + second;
  const step = span < 10 * second ? second : span < minute ? 10 * second : span < day ? minute : day;
  return at + (Math.floor(span / step) + 1) * step;
}

/** A span for a screen reader: `12 seconds`, `1 minute`, `2 hours 5 minutes`. */
export function elapsedSpoken(ms: number, l10n: L10n): string {
  const span = Math.max(0, ms);
  if (span < minute) return seconds(Math.floor(span / second), l10n);
  if (span < hour) return minutes(Math.floor(span / minute), l10n);
  if (span >= day) return days(Math.floor(span / day), l10n);
  const whole = hours(Math.floor(span / hour), l10n);
  const rest = Math.floor((span % hour) / minute);
  return rest === 0 ? whole : `${whole} ${minutes(rest, l10n)}`;
}

/** A token count as a short word: `950`, `12k`, `1.4M`. */
export function tokensWord(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 999_500) return `${Math.round(count / 1_000)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** The same for a screen reader: `950 tokens`, `12 thousand tokens`, `1.4 million tokens`. */
export function tokensSpoken(count: number, l10n: L10n): string {
  if (count === 1) return l10n.t("1 token");
  if (count < 1_000) return l10n.t("{0} tokens", count);
  if (count < 999_500) return l10n.t("{0} thousand tokens", Math.round(count / 1_000));
  return l10n.t("{0} million tokens", (count / 1_000_000).toFixed(1));
}

function seconds(count: number, l10n: L10n): string {
  return count === 1 ? l10n.t("1 second") : l10n.t("{0} seconds", count);
}

function minutes(count: number, l10n: L10n): string {
  return count === 1 ? l10n.t("1 minute") : l10n.t("{0} minutes", count);
}

function hours(count: number, l10n: L10n): string {
  return count === 1 ? l10n.t("1 hour") : l10n.t("{0} hours", count);
}

function days(count: number, l10n: L10n): string {
  return count === 1 ? l10n.t("1 day") : l10n.t("{0} days", count);
}
