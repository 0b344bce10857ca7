import type { RunPolicy } from "./policy";
import { rulesOf } from "./taskMode";

/** The coding tool and what it works with. */
export interface RuntimeChoice {
  readonly provider: string;
  /** argv, at least one element. */
  readonly command: readonly string[];
  readonly model: string | undefined;
  readonly effort: string | undefined;
}

/** The owner's own commands around a session's work. Each is an argv, or undefined for none; none goes through a shell. */
export interface HookConfig {
  /** In a new worktree, before anything else runs there. */
  readonly afterCreate: readonly string[] | undefined;
  /** Once in each attempt on a session, before the coding tool starts; not before the tries that follow a failed one. */
  readonly beforeRun: readonly string[] | undefined;
  /** Once in each attempt, after the coding tool's last end, before its work is committed. */
  readonly afterRun: readonly string[] | undefined;
  /** Before a worktree is removed. */
  readonly beforeRemove: readonly string[] | undefined;
  readonly timeoutMs: number;
  /** They run outside the coding tool's sandbox. */
  readonly unsandboxed: boolean;
}

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
  readonly runtime: RuntimeChoice & {
    /** What holds for the sessions of one task mode; what a mode leaves out is taken from above. */
    readonly modes: ReadonlyMap<string, RuntimeChoice>;
    /** Names of environment variables passed on. */
    readonly environment: readonly string[];
    readonly turnTimeoutMs: number;
    readonly stallTimeoutMs: number;
  };
  readonly policy: RunPolicy;
  readonly hooks: HookConfig;
  /** The worker's git runs the repository's own hooks only when this is true. */
  readonly gitHooks: boolean;
  /** The owner's trusted instructions: the Markdown body. */
  readonly instructions: string;
}

/**
 * The workflow as it holds for the sessions of one task mode: the mode's own tool, model and effort; always a checkout of
 * its own; and for a mode that only looks a sandbox that lets nothing be written, which nobody can be asked to widen.
 */
export function forTaskMode(config: WorkflowConfig, taskMode: string | undefined): WorkflowConfig {
  const rules = rulesOf(taskMode);
  if (taskMode === undefined || rules === undefined) return config;
  const choice = config.runtime.modes.get(taskMode);
  return {
    ...config,
    runtime: { ...config.runtime, ...choice },
    worktree: { ...config.worktree, mode: "task" },
    policy: rules.work === "branch" ? config.policy : readOnly(config.policy),
  };
}

function readOnly({ approvals, network }: RunPolicy): RunPolicy {
  return { sandbox: "read-only", approvals: approvals === "on-request" ? "never" : approvals, network };
}
