import type { Random } from "./random";

export interface BackoffOptions {
  /** First ceiling, milliseconds. */
  readonly baseMs: number;
  /** Highest ceiling, milliseconds. */
  readonly maxMs: number;
}

/** Full jitter: a random wait below a ceiling that doubles with each attempt (0-based). */
export function fullJitterMs(attempt: number, options: BackoffOptions, random: Random): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random.next() * ceiling);
}

/** `intervalMs` plus or minus `share` of it, so that many workers do not beat in step. */
export function jittered(intervalMs: number, share: number, random: Random): number {
  return Math.round(intervalMs * (1 - share + 2 * share * random.next()));
}
