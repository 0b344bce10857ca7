/** Which code units below 128 belong; with `beyond`, all others do too. */
export interface CharSet {
  readonly ascii: Uint8Array;
  readonly beyond: boolean;
}

/** A set in the notation of a regular expression's class: `A-Za-z0-9_`; a hyphen comes last. */
export function chars(spec: string): CharSet {
  const ascii = new Uint8Array(128);
  for (let at = 0; at < spec.length; at += 1) {
    const from = spec.charCodeAt(at);
    const isRange = spec[at + 1] === "-" && at + 2 < spec.length;
    const to = isRange ? spec.charCodeAt(at + 2) : from;
    ascii.fill(1, from, to + 1);
    if (isRange) at += 2;
  }
  return { ascii, beyond: false };
}

/** Every code unit but those in `spec` and the control characters. */
export function otherThan(spec: string): CharSet {
  const ascii = chars(spec).ascii.map((one) => 1 - one);
  ascii.fill(0, 0, 33);
  ascii[127] = 0;
  return { ascii, beyond: true };
}

export function has(set: CharSet, code: number): boolean {
  return code < 128 ? set.ascii[code] === 1 : set.beyond;
}
