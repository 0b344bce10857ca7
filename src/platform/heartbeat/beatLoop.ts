import type { Clock } from "../../base/clock";
import { asWritten } from "../../base/words";
import type { Waker } from "../../core/waker";
import type { TryResult } from "./sendBeat";
import { BeatSchedule, type BeatTimes } from "./schedule";

export interface BeatLoopDeps {
  readonly clock: Clock;
  readonly times: BeatTimes;
  /** One try; undefined when there is no token to send it with. */
  readonly send: (cutOffMs: number) => Promise<TryResult | undefined>;
  readonly onAccepted: () => void;
  /** @param quietMs set when the platform asked to wait: nothing is sent meanwhile. */
  readonly onFailed: (
    reason: "rejected" | "unauthorized" | "unreachable",
    message: string,
    quietMs?: number,
  ) => void;
  /** Resolves when a token other than the one sent last is there, or after `ms`; true for a new token. */
  readonly newToken: (ms: number, signal: AbortSignal) => Promise<boolean>;
  /** Monotonic instant of the last sign of life from the main thread. */
  readonly lastSignAt: () => number;
  /** Woken when a beat is to leave at once. */
  readonly waker: Waker;
}

const sliceMs = 1000;
const jumpMs = 2000;
const standstillMs = 15_000;
/** A platform that refuses every token is not asked again before the next beat. */
const maxNewTokens = 2;

/** What the loop remembers from beat to beat; instants are monotonic where not said otherwise. */
interface Rhythm {
  readonly schedule: BeatSchedule;
  acceptedAt: number;
  /** The machine slept until here: the main thread could give no sign of life. */
  awakeSince: number;
  /** The platform asked for silence until here, by both clocks. */
  quiet: { readonly until: number; readonly untilWall: number } | undefined;
}

/** Beats on absolute deadlines until the signal aborts or the main thread has been silent for too long. */
export async function runBeats(deps: BeatLoopDeps, firstAt: number, signal: AbortSignal): Promise<"silent"> {
  const { clock, times } = deps;
  const schedule = new BeatSchedule(times, firstAt);
  const rhythm: Rhythm = {
    schedule,
    acceptedAt: clock.monotonic(),
    awakeSince: -Infinity,
    quiet: undefined,
  };
  for (;;) {
    await untilDue(deps, rhythm, signal);
    const signAt = Math.max(deps.lastSignAt(), rhythm.awakeSince);
    if (clock.monotonic() - signAt > times.silenceMs) return "silent";
    const result = await beat(deps, rhythm, signal);
    if (rhythm.quiet === undefined) schedule.advance(clock.monotonic(), result);
    else schedule.restart(rhythm.quiet.until);
  }
}

/** Sleeps in slices, so that a machine that slept is noticed by its clocks soon after it wakes. */
async function untilDue(deps: BeatLoopDeps, rhythm: Rhythm, signal: AbortSignal): Promise<void> {
  const { clock, waker } = deps;
  const { schedule } = rhythm;
  for (;;) {
    const at = clock.monotonic();
    const wallAt = clock.now();
    if (at >= schedule.dueAt) break;
    const hurried = await waker.sleep(Math.min(sliceMs, schedule.dueAt - at), signal);
    const passed = clock.monotonic() - at;
    const slept = clock.now() - wallAt - passed > jumpMs || passed > standstillMs;
    if (slept) rhythm.awakeSince = clock.monotonic();
    if ((hurried || slept) && !isQuiet(deps, rhythm)) schedule.restart(clock.monotonic());
  }
  rhythm.quiet = undefined;
}

function isQuiet({ clock }: BeatLoopDeps, { quiet }: Rhythm): boolean {
  return quiet !== undefined && clock.monotonic() < quiet.until && clock.now() < quiet.untilWall;
}

async function beat(deps: BeatLoopDeps, rhythm: Rhythm, signal: AbortSignal): Promise<"accepted" | "failed"> {
  const { clock } = deps;
  const { schedule } = rhythm;
  let newTokens = 0;
  for (let tries = 0; ;) {
    const next = schedule.nextTry(tries, clock.monotonic());
    if (next === undefined) return "failed";
    if (next.pauseMs > 0) await clock.sleep(next.pauseMs, signal);
    const result = await deps.send(next.cutOffMs);
    signal.throwIfAborted();
    if (result?.kind === "accepted") {
      rhythm.acceptedAt = clock.monotonic();
      deps.onAccepted();
      return "accepted";
    }
    if (result === undefined || result.kind === "unauthorized") {
      newTokens += 1;
      if (newTokens > maxNewTokens || !(await tokenInTime(deps, schedule, result, signal))) return "failed";
      continue;
    }
    const quietMs = quietFor(deps, rhythm, result.askedMs);
    if (quietMs !== undefined) {
      const until = clock.monotonic() + quietMs;
      rhythm.quiet = { until, untilWall: clock.now() + quietMs };
      deps.onFailed(result.reason, result.message, quietMs);
      return "failed";
    }
    tries += 1;
    if (!result.retry || schedule.isLate(tries)) deps.onFailed(result.reason, result.message);
    if (!result.retry) return "failed";
  }
}

/**
 * How long nothing is sent, since the platform asks for more than the usual pause: never so long that it would take the
 * worker for dead. Undefined for the usual pause.
 */
function quietFor(
  { clock, times }: BeatLoopDeps,
  { acceptedAt }: Rhythm,
  askedMs: number | undefined,
): number | undefined {
  if (askedMs === undefined) return undefined;
  const quietMs = Math.min(askedMs, acceptedAt + times.obeyMs - clock.monotonic());
  return quietMs > times.intervalMs ? quietMs : undefined;
}

/** Waits for another token: quietly at first, then until the next beat is due. */
async function tokenInTime(
  deps: BeatLoopDeps,
  schedule: BeatSchedule,
  result: TryResult | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (await deps.newToken(deps.times.quickCutOffMs, signal)) return true;
  deps.onFailed(
    "unauthorized",
    result === undefined ? asWritten("there is no token yet") : asWritten("the platform refused the token"),
  );
  const leftMs = schedule.dueAt + deps.times.intervalMs - deps.clock.monotonic();
  return deps.newToken(Math.max(0, leftMs), signal);
}
