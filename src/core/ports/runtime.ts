import type { RunPolicy } from "../policy";
import type { Ask } from "./person";
import type { UsageTotals } from "./platform";
import type { UseTool } from "./tools";

export interface PlanStep {
  readonly text: string;
  readonly status: "pending" | "inProgress" | "completed";
}

/** What the coding tool tells while it works, in the words of no particular tool. */
export type RuntimeEvent =
  | { readonly kind: "processStarted"; readonly processId: number }
  | {
      readonly kind: "threadStarted";
      readonly threadId: string;
      readonly model: string | undefined;
      readonly modelProvider: string | undefined;
    }
  | { readonly kind: "turnStarted"; readonly turnId: string }
  | { readonly kind: "plan"; readonly explanation: string | undefined; readonly steps: readonly PlanStep[] }
  | { readonly kind: "commandStarted"; readonly itemId: string; readonly command: string }
  | {
      readonly kind: "commandCompleted";
      readonly itemId: string;
      readonly command: string;
      readonly exitCode: number | undefined;
      readonly durationMs: number | undefined;
      /** The end of the output, bounded. */
      readonly outputTail: string;
    }
  | {
      readonly kind: "filesChanged";
      readonly itemId: string;
      readonly files: readonly { readonly path: string; readonly change: "add" | "update" | "delete" }[];
    }
  | { readonly kind: "message"; readonly itemId: string; readonly text: string; readonly final: boolean }
  | { readonly kind: "reasoning"; readonly itemId: string; readonly summary: string }
  | {
      readonly kind: "usage";
      readonly usage: UsageTotals;
      /** Tokens that the last request to the model held; absent where the tool does not tell. */
      readonly contextTokens?: number | undefined;
    }
  | {
      /** A request for approval or input that the policy answered by itself. */
      readonly kind: "policyDecision";
      readonly request: string;
      readonly decision: "declined";
      readonly reason: string;
    }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "retrying"; readonly text: string };

/** Why a run failed; decides what the worker does next and what it advises. */
export type RunFailureReason =
  | "notFound" // the command is not installed
  | "wrongVersion"
  | "notSignedIn"
  | "outOfQuota"
  | "modelUnreachable"
  | "sandboxUnavailable"
  | "keeperUnavailable" // the process that would end the tool with this one cannot be started
  | "startTimeout"
  | "turnTimeout"
  | "stalled"
  | "crashed"
  | "protocol"
  | "turnFailed"
  | "turnCancelled"; // a person cancelled it when the tool asked

export type RunOutcome =
  | { readonly kind: "completed"; readonly finalMessage: string | undefined }
  | { readonly kind: "failed"; readonly reason: RunFailureReason; readonly message: string };

export interface RunRequest {
  readonly sessionId: string;
  /** Which coding tool, as the owner's workflow names it. */
  readonly provider: string;
  /** Absolute path where the tool works. */
  readonly workingDirectory: string;
  /** Trusted text: goes in as developer instructions. */
  readonly trustedInstructions: string;
  /** Untrusted text: goes in as the turn's input, never spliced with the trusted one. */
  readonly untrustedInput: string;
  /** The same for a thread that knows nothing of the work, where one is to be continued and the tool cannot. */
  readonly inputAnew?: (() => string) | undefined;
  readonly policy: RunPolicy;
  readonly command: readonly string[];
  readonly model: string | undefined;
  readonly effort: string | undefined;
  /** Names of further environment variables passed on to the tool. */
  readonly environmentNames: readonly string[];
  readonly workerName: string;
  /** Random; every process of the run carries it in its environment, so that a later process finds what was left. */
  readonly marker: string;
  /** Absolute path outside the working directory. */
  readonly artifactsDirectory: string;
  readonly turnTimeoutMs: number;
  readonly stallTimeoutMs: number;
  /** Continue this thread instead of starting one. */
  readonly resumeThreadId: string | undefined;
  /**
   * Names what the turn is for, the same in every process. Where the resumed thread's last turn for it has completed, that
   * one's end is the outcome, and none is begun.
   */
  readonly workKey: string;
  /** For what the tool may not do by itself, and for its questions. */
  readonly ask: Ask;
  /** The worker's own tools, offered to the model. */
  readonly useTool: UseTool;
}

export type RuntimeProbe =
  | {
      readonly kind: "ready";
      readonly provider: string;
      readonly version: string;
      /**
       * The ways to sign in that the tool names, where it does not tell whether somebody has; absent: somebody has, or
       * nobody needs to. Untrusted text, bounded.
       */
      readonly signInWays?: readonly string[];
    }
  | { readonly kind: "unavailable"; readonly reason: RunFailureReason; readonly message: string };

/** A coding tool. */
export interface Runtime {
  readonly provider: string;
  /** Is it there, which version, can its sandbox run? Starts no model call. */
  probe(options: {
    readonly provider: string;
    readonly command: readonly string[];
    readonly policy: RunPolicy;
    readonly environmentNames: readonly string[];
    readonly signal: AbortSignal;
  }): Promise<RuntimeProbe>;
  /**
   * One execution. Resolves when the turn ended and no process of it is left. When the signal aborts it interrupts,
   * kills what is left, and rejects with the signal's reason once all its processes are gone.
   */
  run(request: RunRequest, onEvent: (event: RuntimeEvent) => void, signal: AbortSignal): Promise<RunOutcome>;
  /** Ends every process that still carries a run's marker. Resolves with how many could not be ended. Never rejects. */
  endLeftovers(marker: string): Promise<number>;
}
