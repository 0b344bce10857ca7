import type { Disposable } from "../../base/disposable";
import type { Event } from "../../base/emitter";
import type { HandedWork } from "../actions";
import type { PersonAnswer } from "./person";
import type { WorkerState } from "../state";

/** What a person asks for in one window and another one, which runs the worker, carries out. */
export type WindowCommand =
  | { readonly kind: "start" | "stop" | "pause" | "resume" | "restart" | "signOut" }
  | { readonly kind: "claim" | "release" | "publishBranch" | "archive"; readonly sessionId: string }
  | { readonly kind: "fail"; readonly sessionId: string; readonly reason: string }
  | { readonly kind: "delegate"; readonly sessionId: string; readonly work: HandedWork }
  | {
      readonly kind: "answer";
      readonly sessionId: string;
      readonly questionId: string | undefined;
      readonly answer: PersonAnswer;
    };

/** The worker of this window, as other windows see and use it. */
export interface WindowService {
  readonly state: WorkerState;
  readonly onDidChange: Event<WorkerState>;
  /** Carries a command out. The text is the command's result, empty where it has none. Rejects with UserError. */
  run(command: WindowCommand): Promise<string>;
}

/** A connection to the window that runs the worker. Disposing ends it. */
export interface OwnerConnection extends Disposable {
  /** Resolves when the connection has ended: that window closed, hangs, or gave the worker up. */
  readonly ended: Promise<void>;
  /** Rejects with UserError: the owner's own, or that no answer came. */
  run(command: WindowCommand): Promise<string>;
}

/** A lasting channel between windows of this machine. Both sides prove that they can read the same private key first. */
export interface WindowLink {
  /** Shows the worker to other windows and takes their commands until disposed. Rejects when the name is taken. */
  serve(name: string, service: WindowService): Promise<Disposable>;
  /**
   * Undefined when no window serves the name.
   * @param onState told the owner's state, bounded and throttled, whole each time.
   */
  connect(
    name: string,
    onState: (state: WorkerState) => void,
    signal: AbortSignal,
  ): Promise<OwnerConnection | undefined>;
}
