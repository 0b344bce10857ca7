import type { TimelineEntry, TimeSpent, WorkerStep } from "./timeline";

type Where = keyof TimeSpent;

/** Where the time goes while nothing else is known of it; undefined where it does not count. */
const during: Readonly<Record<WorkerStep, Where | undefined>> = {
  preparing: "workerMs",
  working: "modelMs",
  finishing: "workerMs",
  interrupted: "waitingMs",
  lost: "waitingMs",
  ended: undefined,
};

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Where a session's time went, by its timeline and the wall clock's `now`. A question that is open counts before a command
 * that runs, and that before what else goes on. The parts add up, whatever the clock did meanwhile.
 */
export function timeSpent(entries: readonly TimelineEntry[], now: number): TimeSpent {
  const spent = { waitingMs: 0, modelMs: 0, commandsMs: 0, workerMs: 0 };
  const asked = joined(entries.flatMap((entry) => spanOfQuestion(entry, now)));
  const ran = joined(entries.flatMap((entry) => spanOfCommand(entry, now)));
  for (const { where, from, to } of phasesOf(entries, now)) {
    let at = from;
    while (at < to) {
      const waits = asked.at(at);
      const runs = ran.at(at);
      const until = Math.min(to, waits.until, runs.until);
      // Nothing runs while nobody works.
      const busy = runs.inside && where !== "waitingMs" ? "commandsMs" : where;
      spent[waits.inside ? "waitingMs" : busy] += until - at;
      at = until;
    }
  }
  return spent;
}

/** What the worker's own steps say, one after another. */
function phasesOf(
  entries: readonly TimelineEntry[],
  now: number,
): readonly (Span & { readonly where: Where })[] {
  const phases: (Span & { readonly where: Where })[] = [];
  const first = entries[0];
  if (first === undefined) return phases;
  // Where the first steps are not kept, the tool was at work.
  let from = first.at;
  let step: WorkerStep | undefined = "working";
  const close = (to: number, isLast: boolean): void => {
    const where = step === undefined || (isLast && step === "lost") ? undefined : during[step];
    if (where !== undefined && to > from) phases.push({ from, to, where });
    // A clock that is set back takes no time away.
    from = Math.max(from, to);
  };
  for (const entry of entries) {
    if (entry.kind !== "worker" || entry.step === undefined) continue;
    close(entry.at, false);
    step = entry.step;
  }
  close(now, true);
  return phases;
}

function spanOfQuestion(entry: TimelineEntry, now: number): readonly Span[] {
  if (entry.kind !== "question") return [];
  const to = entry.status === "open" ? now : entry.at + (entry.waitedMs ?? 0);
  return [{ from: entry.at, to }];
}

function spanOfCommand(entry: TimelineEntry, now: number): readonly Span[] {
  if (entry.kind !== "command") return [];
  const to = entry.status === "running" ? now : entry.at + (entry.durationMs ?? 0);
  return [{ from: entry.at, to }];
}

interface Joined {
  /** Is this instant, not before one that was asked for earlier, in one of the spans? And until when does that hold? */
  at(instant: number): { readonly inside: boolean; readonly until: number };
}

function joined(spans: readonly Span[]): Joined {
  const sorted = spans.filter(({ from, to }) => to > from).toSorted((one, other) => one.from - other.from);
  const apart: { from: number; to: number }[] = [];
  for (const { from, to } of sorted) {
    const last = apart.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else apart.push({ from, to });
  }
  let next = 0;
  return {
    at: (instant) => {
      while ((apart[next]?.to ?? Infinity) <= instant) next += 1;
      const span = apart[next];
      if (span === undefined) return { inside: false, until: Infinity };
      return span.from <= instant ? { inside: true, until: span.to } : { inside: false, until: span.from };
    },
  };
}
