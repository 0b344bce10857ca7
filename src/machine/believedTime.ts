const dayMs = 24 * 3_600_000;
/** On fewer days than this a wrong clock makes nobody throw anything away. */
const agreeing = 3;

/** The days of these instants, each once, in the order in which they were seen last; the newest that matter. */
export function latestDays(seenAt: readonly number[]): readonly number[] {
  const days = seenAt.map((at) => Math.floor(at / dayMs));
  return days.filter((day, index) => days.lastIndexOf(day) === index).slice(-agreeing);
}

/** An instant of that day. */
export function instantOf(day: number): number {
  return day * dayMs;
}

/**
 * The wall clock, as far as the last three days on which somebody looked agree with it: what is thrown away for its age may
 * go by this. A clock that is far ahead for a day or two is not believed. Never later than `now`; -Infinity where fewer days
 * were seen. @param seenAt instants at which somebody looked, in that order, milliseconds since the epoch.
 */
export function believedTime(now: number, seenAt: readonly number[]): number {
  const days = latestDays([...seenAt, now]);
  return days.length < agreeing ? -Infinity : Math.min(now, instantOf(Math.min(...days) + agreeing));
}
