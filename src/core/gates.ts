import { messageOf } from "../base/log";
import { say } from "../base/words";
import { UserError } from "./actions";
import type { Configuration, Configurations } from "./ports/configurations";
import type { Connection } from "./ports/connection";
import { WorktreeError } from "./ports/worktrees";
import type { WorkerPhase } from "./state";

/** What must hold before a worker may run here. */
interface Surroundings {
  readonly trusted: boolean;
  readonly folder: string | undefined;
}

export interface GateDeps {
  readonly configurations: Configurations;
  readonly surroundings: () => Surroundings;
  /** Throws UserError when the settings name no usable platform or client. */
  readonly connection: () => Connection;
  /** Throws with a sentence for the user when sessions cannot run in this folder. */
  readonly checkFolder: (folder: string, signal: AbortSignal) => Promise<void>;
}

/** What may run here. */
export interface Ready {
  readonly connection: Connection;
  readonly configuration: Configuration;
}

/**
 * Trust, folder, repository, sign-in, configuration, in this order: the first that does not hold names the phase.
 * @param checked this folder is in use and is not looked at again: a repository that is busy for a moment ends no run.
 */
export async function passGates(
  deps: GateDeps,
  checked: string | undefined,
  signal: AbortSignal,
): Promise<Ready | { readonly phase: WorkerPhase }> {
  const { trusted, folder } = deps.surroundings();
  if (!trusted) return { phase: { kind: "untrusted" } };
  if (folder === undefined) {
    const message = say("Open a folder that is a git repository to work in.");
    return { phase: { kind: "noRepository", message, reason: "noFolder" } };
  }
  if (folder !== checked) {
    try {
      await deps.checkFolder(folder, signal);
    } catch (error) {
      signal.throwIfAborted();
      const reason = WorktreeError.is(error) ? { reason: error.reason } : {};
      return { phase: { kind: "noRepository", message: messageOf(error), ...reason } };
    }
  }
  const connection = connectionOf(deps);
  if (connection === undefined || !(await connection.authentication.isSignedIn())) {
    return { phase: { kind: "signedOut" } };
  }
  const stored = await deps.configurations.get(folder, connection.origin);
  if (stored === undefined) return { phase: { kind: "notConfigured" } };
  if (stored.clientId !== connection.clientId) {
    const message = say("This folder's worker belongs to another OAuth client than the settings name.");
    return { phase: { kind: "notConfigured", message } };
  }
  return { connection, configuration: stored };
}

/** Undefined when the settings name no usable platform or client. */
export function connectionOf(deps: Pick<GateDeps, "connection">): Connection | undefined {
  try {
    return deps.connection();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
