import type { Clock } from "../base/clock";
import type { Log } from "../base/log";
import type { Random } from "../base/random";
import type { WakeSense } from "../base/wakeSense";
import type { AttemptFolders, Prompt, PromptTurn } from "./work";
import type { Artifacts } from "./ports/artifacts";
import type { GroupBoard } from "./ports/groupBoard";
import type { HookRunner } from "./ports/hooks";
import type { Journal } from "./ports/journal";
import type { Slots } from "./ports/machine";
import type { Heartbeat } from "./ports/heartbeat";
import type { Platform } from "./ports/platform";
import type { Runtime } from "./ports/runtime";
import type { Worktrees } from "./ports/worktrees";
import type { Session, WorkerIdentity } from "./session";
import type { Store } from "./store";
import type { ControlChange } from "./storedConfiguration";
import type { WorkflowConfig } from "./workflowConfig";

/** All that one configured worker needs. */
export interface WorkerDeps {
  readonly clock: Clock;
  /** This worker's own, over the same clock; the worker looks at it every second. */
  readonly sense: WakeSense;
  readonly random: Random;
  readonly log: Log;
  readonly store: Store;
  readonly platform: Platform;
  readonly heartbeat: Heartbeat;
  readonly runtime: Runtime;
  readonly worktrees: Worktrees;
  readonly hooks: HookRunner;
  readonly slots: Slots;
  /** Where the workers of one group on this machine see each other; absent: this worker shares nothing. */
  readonly groups?: { readonly board: GroupBoard; readonly group: () => string | undefined };
  readonly journal: Journal;
  readonly identity: WorkerIdentity;
  /** The opened folder. */
  readonly folder: string;
  readonly workerName: string;
  /** Reads the owner's workflow anew; throws UserError when it is broken or waits for consent: then nothing is claimed. */
  readonly workflow: () => Promise<WorkflowConfig>;
  readonly prompt: (session: Session, config: WorkflowConfig, turn: PromptTurn) => Prompt;
  /**
   * Makes the private folders of one attempt, outside any worktree.
   * @param known the id of those to go on with, where they are still there.
   */
  readonly attemptFolders: (sessionId: string, known: string | undefined) => Promise<AttemptFolders>;
  readonly artifacts: Artifacts;
  /** Paused in an earlier run and not resumed since. */
  readonly startPaused: boolean;
  /** The control signal that an earlier run carried out last; it may still have to be acknowledged. */
  readonly handledSignal: string | undefined;
  /** Keeps a pause, its end, a stop by the platform, and the signal behind it, over a reload; resolves when it is on disk. */
  readonly saveControl: (change: ControlChange) => Promise<void>;
  /** False: sessions are listed and wait for the claim command. */
  readonly autoClaim: () => boolean;
}
