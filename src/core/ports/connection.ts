import type { Event } from "../../base/emitter";
import type { Agent, Platform, Workspace } from "./platform";

/** Signing in to one platform. */
export interface Authentication {
  readonly onDidChange: Event<void>;
  isSignedIn(): Promise<boolean>;
  /** Opens the browser and resolves once tokens are stored; rejects with UserError when it did not work out. */
  signIn(signal: AbortSignal): Promise<void>;
  /** Forgets the tokens of this platform. */
  signOut(): Promise<void>;
}

/** One platform with one public client: the live one or the sandbox. */
export interface Connection {
  readonly origin: string;
  readonly clientId: string;
  readonly platform: Platform;
  readonly authentication: Authentication;
}

/** What only a person can choose; undefined when they dismissed the question. One choice is not asked about. */
export interface Questions {
  pickWorkspace(workspaces: readonly Workspace[]): Promise<Workspace | undefined>;
  pickAgent(agents: readonly Agent[]): Promise<Agent | undefined>;
}
