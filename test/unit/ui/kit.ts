import type { Clock } from "../../../src/base/clock";
import type { RunView } from "../../../src/core/runView";
import type { SessionPhase, SessionView, WorkerPhase, WorkerState } from "../../../src/core/state";
import { initialState } from "../../../src/core/state";
import type { L10n } from "../../../src/ui/l10n";

/** English, as the editor would give it without a translation. */
export const english: L10n = {
  t: (message, ...args) =>
    message.replace(/\{(\d+)\}/g, (whole, place: string) => String(args[Number(place)] ?? whole)),
};

/** A moment to count from. */
export const noon = Date.UTC(2030, 0, 1, 12);
export const minuteMs = 60_000;

export const allPhases: readonly SessionPhase[] = [
  "listed",
  "claiming",
  "preparing",
  "running",
  "finishing",
  "awaitingInput",
  "interrupted",
  "complete",
  "failed",
  "cancelled",
  "released",
  "claimLost",
  "elsewhere",
];

export const allWorkerPhases: readonly WorkerPhase[] = [
  { kind: "signedOut" },
  { kind: "notConfigured" },
  { kind: "untrusted" },
  { kind: "noRepository", message: "No repository here." },
  { kind: "stopped" },
  { kind: "otherWindow" },
  { kind: "starting" },
  { kind: "online" },
  { kind: "paused" },
  { kind: "stopping" },
  { kind: "rejected", message: "The platform refused the worker." },
];

/** A session as a person would meet it in that phase. */
export function aSession(over: Partial<SessionView> = {}): SessionView {
  return {
    sessionId: "s1",
    title: "Add CSV export",
    phase: "running",
    createdAt: noon - 10 * minuteMs,
    startedAt: noon - 6 * minuteMs,
    endedAt: undefined,
    detail: undefined,
    branch: undefined,
    worktreePath: undefined,
    baseCommit: undefined,
    threadId: undefined,
    provider: undefined,
    model: undefined,
    externalUrl: undefined,
    plan: [],
    liveStep: undefined,
    questions: [],
    activities: [],
    usage: undefined,
    artifacts: [],
    stat: undefined,
    leaseEndsAt: undefined,
    claimable: false,
    releasedByPerson: false,
    archived: false,
    ...over,
  };
}

/** A session that has all it can have. */
export function aFullSession(over: Partial<SessionView> = {}): SessionView {
  return aSession({
    branch: "one-horizon/add-csv-export-7f3a",
    worktreePath: "/home/ada/.one/worktrees/add csv",
    baseCommit: "a".repeat(40),
    threadId: "0199-thread",
    externalUrl: "https://onehorizon.ai/s/1",
    usage: {
      inputTokens: 80_000,
      cachedInputTokens: 60_000,
      outputTokens: 4_000,
      reasoningOutputTokens: 1_000,
      totalTokens: 84_000,
      contextWindow: 200_000,
    },
    stat: { files: 4, added: 120, deleted: 14 },
    ...over,
  });
}

/** What a session's row knows of its run. */
export function aRun(over: Partial<RunView> = {}): RunView {
  return {
    runId: "run-1",
    stepId: "step-2",
    mode: "code",
    branch: "one-horizon/run-1",
    verdict: undefined,
    push: "none",
    parentId: undefined,
    childId: undefined,
    nextTarget: undefined,
    missing: undefined,
    ...over,
  };
}

export function aState(over: Partial<WorkerState> = {}, ...sessions: readonly SessionView[]): WorkerState {
  return {
    ...initialState,
    phase: { kind: "online" },
    lastBeatAt: noon - 3_000,
    sessions: new Map(sessions.map((one) => [one.sessionId, one])),
    ...over,
  };
}

/** A clock that stands still until it is told to go on. */
export class StillClock implements Clock {
  #now = 0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return noon + this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(new Error("aborted"));
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      const wake = (): void => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
      this.#sleepers.push({ at: this.#now + ms, wake });
    });
  }
  get sleeping(): number {
    return this.#sleepers.length;
  }
  /** Moves on and lets everybody who woke up run. */
  async advance(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#sleepers.filter((one) => one.at <= this.#now);
    this.#sleepers = this.#sleepers.filter((one) => one.at > this.#now);
    for (const one of due) one.wake();
    await settled();
  }
}

/** Until all promises that can go on have done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
