import type { PersonAnswer } from "./ports/person";

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
  /** Pushes the session's branch, never with force; the name of the remote it went to. */
  publishBranch(sessionId: string): Promise<string>;
  archive(sessionId: string): Promise<void>;
  startSandbox(): Promise<void>;
  stopSandbox(): Promise<void>;
}

/** An error whose message is written for the user: what happened, what was kept, what to do. */
export class UserError extends Error {
  override readonly name = "UserError";
}
