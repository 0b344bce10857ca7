import type { Clock } from "../base/clock";
import type { Log } from "../base/log";
import type { WorkFailureReason } from "./attemptEnd";
import type { SessionChange } from "./events";
import type { AttemptRecord } from "./ports/journal";
import type { Runtime } from "./ports/runtime";
import type { Worktree, Worktrees } from "./ports/worktrees";
import type { Reporter } from "./reporter";
import type { Session } from "./session";
import type { WorkflowConfig } from "./workflowConfig";

/** The two inputs of the coding tool; never spliced. */
export interface Prompt {
  readonly trustedInstructions: string;
  readonly untrustedInput: string;
}

export interface AttemptFolders {
  readonly artifacts: string;
  readonly quarantine: string;
  /** The attempt is over: removes the folders that hold nothing. Never rejects. */
  readonly tidy: () => Promise<void>;
}

export interface WorkDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly runtime: Runtime;
  readonly worktrees: Worktrees;
  readonly folder: string;
  readonly workerName: string;
  readonly config: WorkflowConfig;
  readonly prompt: (session: Session, interrupted: boolean) => Prompt;
  /** Makes the absolute, private folders of this attempt outside the worktree. */
  readonly folders: () => Promise<AttemptFolders>;
}

export interface WorkContext {
  readonly session: Session;
  readonly reporter: Reporter;
  readonly resumeThreadId: string | undefined;
  readonly change: (change: SessionChange) => void;
  readonly record: (facts: Partial<AttemptRecord>) => Promise<void>;
}

export type WorkResult =
  | { readonly kind: "done"; readonly summary: string; readonly worktree: Worktree }
  | {
      readonly kind: "failed";
      readonly reason: WorkFailureReason;
      readonly message: string;
    };

/** The deps of the work once the attempt's folders are made. */
export type Placed = WorkDeps & { readonly made: AttemptFolders };
