import type { TimeSpent } from "../../core/timeline";
import type { UsageEntry } from "../timeline/model";

export interface Point {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly value: number;
}

/** What the charts of usage are drawn from. */
export interface UsageFigures {
  readonly tokens: readonly Point[];
  /** Share of the context window in use, 0 to 1; empty where the tool does not tell. */
  readonly context: readonly Point[];
  readonly totalTokens: number;
  readonly contextTokens: number;
  readonly contextWindow: number;
}

const mostPoints = 120;

/** Undefined where nothing was told yet. */
export function usageFigures(entries: readonly UsageEntry[]): UsageFigures | undefined {
  const ordered = entries.toSorted((a, b) => a.at - b.at);
  const last = ordered.at(-1);
  if (last === undefined) return undefined;
  const known = ordered.flatMap(({ at, contextTokens, usage: { contextWindow = 0 } }) =>
    contextTokens === undefined || contextWindow <= 0 ? [] : [{ at, contextTokens, contextWindow }],
  );
  const now = known.at(-1);
  return {
    tokens: thinned(ordered.map(({ at, usage }) => ({ at, value: usage.totalTokens }))),
    context: thinned(
      known.map((one) => ({ at: one.at, value: Math.min(1, one.contextTokens / one.contextWindow) })),
    ),
    totalTokens: last.usage.totalTokens,
    contextTokens: now?.contextTokens ?? 0,
    contextWindow: now?.contextWindow ?? 0,
  };
}

/** At most `mostPoints`, spread evenly over time; of those that fall together the last. First and last stay. */
function thinned(points: readonly Point[]): readonly Point[] {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length <= mostPoints) return points;
  const span = Math.max(1, last.at - first.at);
  const slots = new Map<number, Point>();
  for (const point of points) {
    slots.set(Math.floor(((point.at - first.at) / span) * (mostPoints - 2)), point);
  }
  return [first, ...[...slots.values()].filter((one) => one !== first)];
}

/** Paths of a chart in a box; the line is a staircase, since what is told holds until the next word. */
export interface ChartPaths {
  readonly line: string;
  readonly area: string;
}

/**
 * @param top the value at the upper edge; what is higher stays at the edge.
 * @returns nothing to draw for no points; one point is a flat line.
 */
export function chartPaths(
  points: readonly Point[],
  top: number,
  { width, height }: { readonly width: number; readonly height: number },
): ChartPaths {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return { line: "", area: "" };
  const span = last.at - first.at;
  const x = (at: number): number => round(span === 0 ? 0 : ((at - first.at) / span) * width);
  const y = ({ value }: Point): number =>
    round(height - Math.min(1, Math.max(0, top === 0 ? 0 : value / top)) * height);
  const steps = points.slice(1).map((point) => `H${x(point.at)}V${y(point)}`);
  const line = `M0 ${y(first)}${steps.join("")}H${width}`;
  return { line, area: `${line}V${height}H0Z` };
}

export type TimeKind = "model" | "commands" | "waiting" | "worker";
export interface TimeShare {
  readonly kind: TimeKind;
  readonly ms: number;
  /** Whole percents; those of all shares add up to 100. */
  readonly percent: number;
}

/** The kinds that took any time, the longest first. */
export function timeShares(time: TimeSpent): readonly TimeShare[] {
  const spent = (
    [
      { kind: "model", ms: time.modelMs },
      { kind: "commands", ms: time.commandsMs },
      { kind: "waiting", ms: time.waitingMs },
      { kind: "worker", ms: time.workerMs },
    ] as const
  ).filter(({ ms }) => ms > 0);
  const sum = spent.reduce((all, { ms }) => all + ms, 0);
  const shares = spent.map((one) => ({ ...one, exact: (one.ms / sum) * 100 }));
  const missing = 100 - shares.reduce((all, { exact }) => all + Math.floor(exact), 0);
  // What rounding down lost goes to those that lost most.
  const lucky = new Set(
    shares.toSorted((a, b) => (b.exact % 1) - (a.exact % 1)).slice(0, spent.length === 0 ? 0 : missing),
  );
  return shares
    .map((one) => ({
      kind: one.kind,
      ms: one.ms,
      percent: Math.floor(one.exact) + (lucky.has(one) ? 1 : 0),
    }))
    .toSorted((a, b) => b.ms - a.ms);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
