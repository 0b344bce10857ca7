import type { RunPolicy } from "../policy";

export interface HookRequest {
  /** The hook's argv; it never goes through a shell. */
  readonly hook: readonly string[];
  /** Absolute path where the hook runs. */
  readonly workingDirectory: string;
  readonly policy: RunPolicy;
  /** It runs outside the sandbox; the owner has allowed that. */
  readonly unsandboxed: boolean;
  /** The coding tool that does the work, as the workflow names it. */
  readonly provider: string;
  /** The command of the coding tool whose sandbox the hook runs in, where it has one that others can use. */
  readonly command: readonly string[];
  /** Names of further environment variables passed on. */
  readonly environmentNames: readonly string[];
  readonly workerName: string;
  /** Random; every process of the hook carries it in its environment, so that a later process finds what was left. */
  readonly marker: string;
  /** Absolute path outside the working directory, which the hook may write too. */
  readonly artifactsDirectory: string | undefined;
  readonly timeoutMs: number;
}

/**
 * `failed`: it ended badly, took too long or could not be started. `noSandbox`: the sandbox that it has to run in is not
 * there, so it was not started. `stuck`: processes of it could not be ended, so nothing may touch its files.
 */
export type HookOutcome =
  | { readonly kind: "completed" }
  | {
      readonly kind: "failed" | "noSandbox" | "stuck";
      /** What happened, as the end of a sentence. */
      readonly how: string;
      /** The end of what it printed, bounded. */
      readonly outputTail: string;
    };

/** Runs the owner's commands. */
export interface HookRunner {
  /** Resolves when the hook has ended and nothing it started is left; rejects only with the signal's reason. */
  run(request: HookRequest, signal: AbortSignal): Promise<HookOutcome>;
}
