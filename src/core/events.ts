import type { ShownArtifact } from "./artifactNotes";
import type { BeatResult } from "./ports/heartbeat";
import type { OpenQuestion } from "./ports/person";
import type { RuntimeEvent } from "./ports/runtime";
import type { DiffStat, Worktree } from "./ports/worktrees";
import type { AttemptRecord } from "./ports/journal";
import type { AnswerWords } from "./questionWords";
import type { RunView } from "./runView";
import type { Session } from "./session";
import type { RecentActivity, SessionPhase, WorkerFault, WorkerPhase, WorkerState } from "./state";

/** How an attempt can end, as the views show it. */
export type EndPhase = Extract<
  SessionPhase,
  "complete" | "failed" | "cancelled" | "released" | "claimLost" | "interrupted" | "elsewhere" | "listed"
>;

/** Something that happened to one session. */
export type SessionChange =
  | { readonly kind: "claiming"; readonly at: number }
  | { readonly kind: "claimed"; readonly leaseEndsAt: number }
  | { readonly kind: "leaseRenewed"; readonly leaseEndsAt: number }
  | { readonly kind: "preparing"; readonly detail: string }
  /** How far what is under way is; counts only while the worktree is made or the end is told. */
  | { readonly kind: "progress"; readonly detail: string }
  | { readonly kind: "worktreeReady"; readonly worktree: Worktree }
  | { readonly kind: "worktreeGone" }
  | { readonly kind: "run"; readonly run: RunView }
  /** `provider`: the coding tool that told it. */
  | {
      readonly kind: "runtime";
      readonly event: RuntimeEvent;
      readonly at?: number;
      readonly provider?: string;
    }
  | { readonly kind: "asked"; readonly question: OpenQuestion }
  /** `toolRuns`: the process that asked it waits for the answer. */
  | {
      readonly kind: "answered";
      readonly questionId: string;
      readonly toolRuns: boolean;
      /** Undefined when nobody answers it any more. */
      readonly answer: AnswerWords | undefined;
    }
  | { readonly kind: "activity"; readonly activity: RecentActivity }
  | { readonly kind: "stat"; readonly stat: DiffStat }
  /** The platform names a page of the session, mostly once it has ended. */
  | { readonly kind: "page"; readonly externalUrl: string }
  | { readonly kind: "artifacts"; readonly artifacts: readonly ShownArtifact[] }
  | { readonly kind: "finishing"; readonly detail: string }
  | {
      readonly kind: "ended";
      readonly phase: EndPhase;
      readonly at: number;
      readonly detail: string | undefined;
      readonly byPerson: boolean;
    }
  | { readonly kind: "archived" };

/** Everything that changes the worker's state. Only the reducer turns these into a new state. */
export type WorkerEvent =
  | { readonly kind: "phaseChanged"; readonly phase: WorkerPhase }
  | {
      readonly kind: "identified";
      readonly agentName: string | undefined;
      readonly workspaceName: string | undefined;
      readonly workerName: string | undefined;
    }
  | {
      readonly kind: "limitsChanged";
      readonly maxConcurrentSessions: number;
      readonly maxActiveExecutions: number;
    }
  | { readonly kind: "faulted"; readonly fault: WorkerFault }
  | { readonly kind: "faultCleared" }
  | { readonly kind: "beat"; readonly result: BeatResult }
  | { readonly kind: "pollScheduled"; readonly at: number }
  | { readonly kind: "polled"; readonly at: number; readonly sessions: readonly Session[] }
  | { readonly kind: "pollFailed"; readonly at: number; readonly message: string }
  | { readonly kind: "restored"; readonly records: readonly AttemptRecord[] }
  | { readonly kind: "cleared" }
  /** Another window runs the worker; this is what it shows. */
  | { readonly kind: "mirrored"; readonly state: WorkerState }
  /** The window that ran the worker is not followed any more. */
  | { readonly kind: "ownerLost" }
  | { readonly kind: "session"; readonly sessionId: string; readonly change: SessionChange };
