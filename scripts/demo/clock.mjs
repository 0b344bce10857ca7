// Says what happened and when, in seconds since the start.

import { performance } from "node:perf_hooks";

/** @typedef {{say: (text: string) => void, seconds: () => number}} DemoClock */

/** @returns {DemoClock} */
export function startClock() {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  return { seconds, say: (text) => console.log(`${seconds().toFixed(1).padStart(6)} s  ${text}`) };
}
