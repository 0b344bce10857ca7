import type { Random } from "../../src/base/random";

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed = 1): Random {
  let state = seed >>> 0;
  let uuids = 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
    uuid: () => {
      uuids += 1;
      const tail = (seed % 0xffff).toString(16).padStart(4, "0");
      return `00000000-0000-4000-8000-${tail}${uuids.toString(16).padStart(8, "0")}`;
    },
  };
}

/** Always the same number: for tests that count exact times. */
export function fixedRandom(value: number): Random {
  const seeded = seededRandom(7);
  return { next: () => value, uuid: () => seeded.uuid() };
}
