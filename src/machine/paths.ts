import { createHash } from "node:crypto";
import { join } from "node:path";

/** Where things lie on this machine. All paths are absolute. */
export interface MachinePaths {
  /** Ours alone: 0700, files in it 0600. */
  readonly state: string;
  /** Shared with other programs: only our own files in it are touched. */
  readonly logs: string;
  /** Execution leases of other programs: counted, never changed. */
  readonly foreignExecutions: string;
  /** Copies of what sessions left for people; below `state`. */
  readonly artifacts: string;
  /** What happened in sessions, one file each; below `state`. */
  readonly timelines: string;
  /** Scratch: one folder per attempt for artifacts and quarantine. */
  readonly tmp: string;
  /** What no command of a coding tool may read: all but worktrees and scratch. Other programs' too; some may not exist. */
  readonly unreadable: readonly string[];
}

/** The layout below a home directory. */
export function machinePaths(homeDirectory: string): MachinePaths {
  const one = join(homeDirectory, ".one");
  const state = join(one, "state", "vscode-worker");
  return {
    state,
    artifacts: join(state, "artifacts"),
    timelines: join(state, "timelines"),
    logs: join(one, "logs"),
    foreignExecutions: join(one, "state", "local-executions"),
    tmp: join(one, "tmp"),
    unreadable: ["state", "config", "logs"].map((name) => join(one, name)),
  };
}

/** A name for a file or socket that stands for these parts; parts of any text give a safe, fixed-length name. */
export function hashedName(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
}
