import type { Fault } from "./judge";
import { victims, type Kill } from "./kill";
import type { Looks, Sighting } from "./watch";

/** The whole result of a run, as it is kept. */
export interface Result {
  readonly seed: number;
  readonly windows: number;
  readonly seconds: number;
  readonly kills: readonly Kill[];
  readonly sessions: Readonly<Record<string, number>>;
  /** Did every session end in time, once the kills were over? */
  readonly calm: boolean;
  readonly faults: readonly Fault[];
  readonly sightings: readonly Sighting[];
  readonly looks: Looks;
  /** What of the worker's work was alive when all was calm, and what of the whole editor when it had quit. */
  readonly left: readonly string[];
  /** What changed in the main checkout. */
  readonly checkout: readonly string[];
  /** State files that were set aside as unreadable. */
  readonly setAside: readonly string[];
  /** Not a fault: threads that were begun anew since the tool knew nothing of the first, and turns told to go on after an end. */
  readonly notes: readonly string[];
}

interface Row {
  readonly what: string;
  readonly count: number;
  readonly goal?: number;
}

function rowsOf(result: Result): readonly Row[] {
  const { faults, sightings, kills } = result;
  const of = (kind: Fault["kind"]): number => faults.filter((one) => one.kind === kind).length;
  const seen = (what: Sighting["what"]): number => sightings.filter((one) => one.what === what).length;
  const zero = (what: string, count: number): Row => ({ what, count, goal: 0 });
  return [
    ...victims.map((victim) => ({
      what: `kills of ${victim}`,
      count: kills.filter((one) => one.victim === victim).length,
    })),
    ...Object.entries(result.sessions).map(([status, count]) => ({ what: `sessions ${status}`, count })),
    zero("processes left a second after a kill", kills.flatMap((one) => one.survivors).length),
    zero("processes left at the end", result.left.length),
    zero("sessions lost", of("lost") + (result.calm ? 0 : 1)),
    zero("duplicate executions", of("executed twice") + seen("two tools on one session")),
    zero("duplicate reports", of("reported twice")),
    zero("missing reports", of("report missing")),
    zero("owners doubled", of("worker doubled") + seen("two hosts talk to the platform")),
    zero("complete without a commit", of("commit missing")),
    zero("changes in the main checkout", result.checkout.length),
    zero("state files set aside", result.setAside.length),
  ];
}

export const isClean = (result: Result): boolean =>
  result.kills.length > 0 &&
  result.looks.withTool > 0 &&
  result.looks.withOwner > 0 &&
  rowsOf(result).every((one) => one.goal === undefined || one.count === one.goal);

/** The table, and below it each thing that went wrong. */
export function print(result: Result): string {
  const rows = rowsOf(result);
  const width = Math.max(...rows.map((one) => one.what.length));
  const lines = rows.map(({ what, count, goal }) => {
    const verdict = goal === undefined ? "" : count === goal ? "  ok" : "  BROKEN";
    return `${what.padEnd(width)}  ${String(count).padStart(5)}${verdict}`;
  });
  const details = [
    ...result.faults.map((one) => `${one.kind}: ${one.sessionId} ${one.detail}`),
    ...result.sightings.map((one) => `${one.what}: ${one.detail}`),
    ...result.kills.flatMap((one) =>
      one.survivors.map((left) => `outlived a kill of ${one.victim}: ${left}`),
    ),
    ...result.left.map((one) => `left at the end: ${one}`),
    ...result.checkout,
    ...result.setAside.map((one) => `set aside: ${one}`),
    ...result.notes.map((one) => `(${one})`),
  ];
  const perKill = result.seconds / Math.max(1, result.kills.length);
  return [
    `${result.kills.length} kills with seed ${result.seed}, ${result.windows} windows, ${result.seconds.toFixed(0)} s, ${perKill.toFixed(1)} s each`,
    ...lines,
    `${result.looks.all} looks at the process table: ${result.looks.withTool} saw codex, ${result.looks.withOwner} an owner`,
    ...(details.length > 0 ? ["", ...details] : []),
  ].join("\n");
}
