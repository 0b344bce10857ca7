import type { ShownArtifact } from "./artifactNotes";
import type { BeatMark } from "./beatHistory";
import type { DiffStat, WorktreeErrorReason } from "./ports/worktrees";
import type { OpenQuestion } from "./ports/person";
import type { PlanStep } from "./ports/runtime";
import type { ActivityType, UsageTotals } from "./ports/platform";
import type { RunView } from "./runView";

/**
 * Where a session stands on this machine. `phase` is ours; the platform's own status is kept apart in `platformStatus`.
 * - listed: seen in a poll, not claimed (queued)
 * - claiming, preparing, running, finishing: an attempt is live in this process
 * - awaitingInput: it waits for a person, the claim is kept
 * - interrupted: an attempt of an earlier process that ended without a finish
 * - complete, failed, cancelled, released, claimLost: an attempt ended so
 * - elsewhere: another worker holds it, known after a conflict
 */
export type SessionPhase =
  | "listed"
  | "claiming"
  | "preparing"
  | "running"
  | "finishing"
  | "awaitingInput"
  | "interrupted"
  | "complete"
  | "failed"
  | "cancelled"
  | "released"
  | "claimLost"
  | "elsewhere";

export interface RecentActivity {
  readonly activityId: string;
  readonly type: ActivityType;
  readonly message: string;
  readonly at: number;
}

export interface SessionView {
  readonly sessionId: string;
  /** Untrusted text, length bounded, control characters removed. */
  readonly title: string;
  readonly phase: SessionPhase;
  readonly createdAt: number;
  /** When the attempt started and ended, milliseconds since the epoch. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** A sentence about what is happening or why it ended. */
  readonly detail: string | undefined;
  readonly branch: string | undefined;
  readonly worktreePath: string | undefined;
  readonly baseCommit: string | undefined;
  readonly threadId: string | undefined;
  /** The coding tool that keeps the thread; absent: Codex. */
  readonly provider?: string | undefined;
  readonly model: string | undefined;
  readonly externalUrl: string | undefined;
  readonly plan: readonly PlanStep[];
  /** What the tool does right now, for example the running command. */
  readonly liveStep: string | undefined;
  /** When the live step began; of no meaning without one. */
  readonly liveSince?: number | undefined;
  /** What waits for a person's answer, oldest first. */
  readonly questions: readonly OpenQuestion[];
  /** Newest last, at most 20. */
  readonly activities: readonly RecentActivity[];
  readonly usage: UsageTotals | undefined;
  /** What the latest attempt left for people. */
  readonly artifacts: readonly ShownArtifact[];
  readonly stat: DiffStat | undefined;
  /** When the lease ends by our clock. */
  readonly leaseEndsAt: number | undefined;
  /** True when the last poll offered it for claiming. */
  readonly claimable: boolean;
  /** True when a person released it: it is not claimed again by itself. */
  readonly releasedByPerson: boolean;
  readonly archived: boolean;
  /** Present for a session of a workflow run. */
  readonly workflow?: RunView | undefined;
}

/** Why the worker does not run, or that it does. */
export type WorkerPhase =
  | { readonly kind: "signedOut" }
  /** `message`: why an earlier configuration does not hold any more. */
  | { readonly kind: "notConfigured"; readonly message?: string }
  | { readonly kind: "untrusted" }
  /** `reason`: what is missing, where that is known. */
  | {
      readonly kind: "noRepository";
      readonly message: string;
      readonly reason?: WorktreeErrorReason | "noFolder";
    }
  | { readonly kind: "stopped" }
  /** Another window of this machine runs this worker; this one only shows it. `owner`: the phase there, where it is known. */
  | { readonly kind: "otherWindow"; readonly owner?: WorkerPhase }
  | { readonly kind: "starting" }
  | { readonly kind: "online" }
  | { readonly kind: "paused" }
  | { readonly kind: "stopping" }
  /** The platform refused the saved worker, or another fault that a person must mend. */
  | { readonly kind: "rejected"; readonly message: string };

/** The phase of the worker itself, whichever window runs it. */
export function workerPhase(phase: WorkerPhase): WorkerPhase {
  return phase.kind === "otherWindow" && phase.owner !== undefined ? phase.owner : phase;
}

/** A fault of the worker itself: it stops claiming until a probe passes. */
export interface WorkerFault {
  readonly reason: string;
  /** The coding tool that it is about; absent: none, or not known. */
  readonly provider?: string | undefined;
  readonly message: string;
  readonly since: number;
}

export interface WorkerState {
  readonly phase: WorkerPhase;
  readonly agentName: string | undefined;
  readonly workspaceName: string | undefined;
  readonly workerName: string | undefined;
  readonly fault: WorkerFault | undefined;
  readonly lastBeatAt: number | undefined;
  readonly lastBeatError: string | undefined;
  /** True while only the main thread's beats get through. */
  readonly beatsFromMain: boolean;
  /** Those of the last five minutes, oldest first. */
  readonly beats: readonly BeatMark[];
  readonly lastPollAt: number | undefined;
  readonly lastPollError: string | undefined;
  readonly nextPollAt: number | undefined;
  readonly maxConcurrentSessions: number;
  readonly maxActiveExecutions: number;
  readonly sessions: ReadonlyMap<string, SessionView>;
}

/** The phases in which an attempt executes here. */
export function isExecuting(phase: SessionPhase): boolean {
  return phase === "claiming" || phase === "preparing" || phase === "running" || phase === "finishing";
}

/** An attempt is live here: it executes, or waits for a person. */
export function isLive(phase: SessionPhase): boolean {
  return isExecuting(phase) || phase === "awaitingInput";
}

export const initialState: WorkerState = {
  phase: { kind: "stopped" },
  agentName: undefined,
  workspaceName: undefined,
  workerName: undefined,
  fault: undefined,
  lastBeatAt: undefined,
  lastBeatError: undefined,
  beatsFromMain: false,
  beats: [],
  lastPollAt: undefined,
  lastPollError: undefined,
  nextPollAt: undefined,
  maxConcurrentSessions: 6,
  maxActiveExecutions: 3,
  sessions: new Map(),
};
