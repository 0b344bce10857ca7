import type { PersonAnswer } from "./ports/person";
import type { ListedWorker } from "./ports/platform";
import type { OnProgress } from "./ports/worktrees";
import type { RunTarget } from "./runNotes";

/** Work that a person hands on. Exactly one target. */
export interface HandedWork extends RunTarget {
  readonly prompt: string;
  readonly title: string | undefined;
}

export interface DelegationTargets {
  /** The groups are those that they name. */
  readonly workers: readonly ListedWorker[];
  /** This folder's own worker. */
  readonly ownId: string;
}

export interface PublishOptions {
  /** Ends the push. Where another window runs the worker, only the waiting for it ends. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** What a person can ask of the worker. The views call these; the composition root provides them. */
export interface WorkerActions {
  signIn(): Promise<void>;
  signOut(): Promise<void>;
  configure(): Promise<void>;
  start(): Promise<void>;
  /** Finishes the running turns, then stops. */
  stop(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  restart(): Promise<void>;
  claim(sessionId: string): Promise<void>;
  release(sessionId: string): Promise<void>;
  fail(sessionId: string, reason: string): Promise<void>;
  /** Answers what a session asks; without a question's id the one that was asked first. */
  answer(sessionId: string, questionId: string | undefined, answer: PersonAnswer): Promise<void>;
  /** Hands work of a session that works here to a worker or a group; the new session's id. */
  delegate(sessionId: string, work: HandedWork): Promise<string>;
  /** Where work of this agent can be handed to. */
  delegationTargets(): Promise<DelegationTargets>;
  /** Pushes the session's branch, never with force; the name of the remote it went to. */
  publishBranch(sessionId: string, options?: PublishOptions): Promise<string>;
  archive(sessionId: string): Promise<void>;
  startSandbox(): Promise<void>;
  stopSandbox(): Promise<void>;
}

/** An error whose message is written for the user: what happened, what was kept, what to do. */
export class UserError extends Error {
  override readonly name = "UserError";
}
