import { chars, type CharSet } from "./charSet";

/** So many characters of one kind in a row. */
export interface Step {
  readonly chars: CharSet;
  readonly min: number;
  readonly max: number;
  readonly hidden: boolean;
}

/** What a kind of key looks like: a literal, then steps that never look back, so that each character is looked at once. */
export interface Format {
  readonly label: string;
  readonly starts: readonly string[];
  /** The literal belongs to the key. */
  readonly startHidden: boolean;
  /** No letter or digit stands before it. */
  readonly alone: boolean;
  /** What is hidden has a digit: words have none. */
  readonly digit: boolean;
  readonly steps: readonly Step[];
  /** The steps that may follow any number of times, each time as a whole. */
  readonly again: readonly Step[];
}

const endless = Number.POSITIVE_INFINITY;

export const step = (set: CharSet | string, min: number, max = endless, hidden = true): Step => ({
  chars: typeof set === "string" ? chars(set) : set,
  min,
  max,
  hidden,
});

/** Stands between what is hidden, and stays. */
export const gap = (set: CharSet | string, min: number, max: number): Step => step(set, min, max, false);

export function format(
  label: string,
  starts: readonly string[],
  steps: readonly Step[],
  changes: Partial<Omit<Format, "label" | "starts" | "steps">> = {},
): Format {
  return { label, starts, steps, startHidden: true, alone: false, digit: false, again: [], ...changes };
}
