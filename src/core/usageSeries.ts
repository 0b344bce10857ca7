import type { TimelineEntry } from "./timeline";

/** One point of the chart of tokens. */
export interface UsagePoint {
  /** Milliseconds since the epoch, never before the point before. */
  readonly at: number;
  readonly totalTokens: number;
  /** What the model's window held, 0 to 1; undefined where the tool does not tell. */
  readonly contextUse: number | undefined;
}

/** The usage over time in at most `most` points (2 at least): the first, the last, and the latest of each equal stretch. */
export function usageSeries(entries: readonly TimelineEntry[], most: number): readonly UsagePoint[] {
  let at = -Infinity;
  const points = entries.flatMap((entry): readonly UsagePoint[] => {
    if (entry.kind !== "usage") return [];
    at = Math.max(at, entry.at);
    const { totalTokens, contextWindow } = entry.usage;
    const held = entry.contextTokens;
    const told = held !== undefined && contextWindow !== undefined && contextWindow > 0;
    return [{ at, totalTokens, contextUse: told ? Math.min(1, held / contextWindow) : undefined }];
  });
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length <= Math.max(2, most)) return points;
  const stretches = Math.max(1, most - 1);
  const length = (last.at - first.at) / stretches;
  const byStretch = new Map<number, UsagePoint>();
  for (const point of points.slice(1)) {
    const stretch = length === 0 ? 0 : Math.min(stretches - 1, Math.floor((point.at - first.at) / length));
    byStretch.set(stretch, point);
  }
  return [first, ...byStretch.values()];
}
