import { setImmediate as nextTurn } from "node:timers/promises";
import { recordingOf, StreamedSession } from "./streamedSession";
import { median, type Row } from "./table";

const megabytes = 100;
const rounds = 5;
const memoryGoalMb = 64;

interface Run {
  readonly ms: number;
  /** Highest resident memory above that before the first byte, megabytes. */
  readonly peakMb: number;
}

/** The stream as it comes out of a pipe: chunk by chunk, each in a turn of the event loop. */
async function toStateAndOutbox(chunks: readonly Buffer[]): Promise<Run> {
  const session = await new StreamedSession().open();
  const meter = memoryMeter();
  const startedAt = performance.now();
  for (const chunk of chunks) {
    session.push(chunk);
    meter.look();
    await nextTurn();
  }
  const ms = performance.now() - startedAt;
  await session.end();
  const view = [...session.store.state.sessions.values()][0];
  if (view?.usage === undefined || session.told === 0) throw new Error("the recording reached no state");
  return { ms, peakMb: meter.look() };
}

/** The least that can be done with the same bytes, in the same turns. */
async function onlyParse(chunks: readonly Buffer[]): Promise<Run> {
  const meter = memoryMeter();
  const startedAt = performance.now();
  let rest = "";
  for (const chunk of chunks) {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) JSON.parse(line);
    meter.look();
    await nextTurn();
  }
  return { ms: performance.now() - startedAt, peakMb: meter.look() };
}

/** Each look gives the highest memory so far above that at the beginning. */
function memoryMeter(): { readonly look: () => number } {
  globalThis.gc?.();
  const base = process.memoryUsage.rss();
  let peak = base;
  return {
    look: () => {
      peak = Math.max(peak, process.memoryUsage.rss());
      return (peak - base) / 1e6;
    },
  };
}

/** The coding tool's stream, from bytes to the session's state and to the journal's outbox, against JSON.parse of the same. */
export const stream: Row = {
  name: "stream",
  run: async () => {
    const chunks = recordingOf(megabytes);
    const ours: Run[] = [];
    const parse: Run[] = [];
    for (let round = 0; round < rounds; round += 1) {
      parse.push(await onlyParse(chunks));
      ours.push(await toStateAndOutbox(chunks));
    }
    const [ourMs, parseMs] = [ours, parse].map((runs) => median(runs.map((one) => one.ms)));
    const ratio = (ourMs ?? Number.NaN) / (parseMs ?? Number.NaN);
    const peakMb = Math.max(...ours.map((one) => one.peakMb));
    return [
      {
        what: `app-server stream, ${megabytes} MB to state and outbox`,
        ours: `${ourMs?.toFixed(0)} ms`,
        baseline: `${parseMs?.toFixed(0)} ms JSON.parse`,
        ratio,
        goal: "≤ 3",
        met: ratio <= 3,
      },
      {
        what: "its memory above base, peak",
        ours: `${peakMb.toFixed(0)} MB`,
        baseline: `${Math.max(...parse.map((one) => one.peakMb)).toFixed(0)} MB JSON.parse`,
        ratio: undefined,
        goal: `≤ ${memoryGoalMb} MB`,
        met: peakMb <= memoryGoalMb,
      },
    ];
  },
};
