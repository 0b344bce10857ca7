import type { RunPolicy } from "./policy";

/** The owner's WORKFLOW.md, checked, with every default filled in. */
export interface WorkflowConfig {
  readonly maxConcurrentSessions: number;
  /** Machine-wide, over all workers. */
  readonly maxActiveExecutions: number;
  readonly maxRetryAttempts: number;
  readonly pollIntervalMs: number;
  readonly leaseSeconds: number;
  readonly worktree: {
    readonly mode: "task" | "repository";
    /** Absolute path. */
    readonly root: string;
    readonly baseBranch: string | undefined;
    /** Globs of ignored files to bring along. */
    readonly copy: readonly string[];
  };
  readonly runtime: {
    readonly provider: string;
    /** argv, at least one element. */
    readonly command: readonly string[];
    readonly model: string | undefined;
    readonly effort: string | undefined;
    /** Names of environment variables passed on. */
    readonly environment: readonly string[];
    readonly turnTimeoutMs: number;
    readonly stallTimeoutMs: number;
  };
  readonly policy: RunPolicy;
  /** The worker's git runs the repository's own hooks only when this is true. */
  readonly gitHooks: boolean;
  /** The owner's trusted instructions: the Markdown body. */
  readonly instructions: string;
}
