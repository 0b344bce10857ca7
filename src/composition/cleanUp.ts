import { UserError } from "../core/actions";
import {
  cleanUp,
  cleanUpCandidates,
  type CleanUpCandidate,
  type CleanUpResult,
  type KnownSessions,
} from "../core/cleanUp";
import type { AttemptRecord } from "../core/ports/journal";
import type { WorktreeCleanUp } from "../core/ports/worktreeCleanUp";
import type { Store } from "../core/store";

/** Worktrees of the opened folder's repository, with what is known of their sessions. */
export function worktreeCleanUp(options: {
  readonly worktrees: WorktreeCleanUp;
  readonly store: Store;
  /** The attempts of every worker of this machine: another window may work in the same repository. */
  readonly records: () => Promise<readonly AttemptRecord[]>;
  readonly folder: () => string | undefined;
  /** @throws UserError in Restricted Mode. */
  readonly requireTrust: () => void;
  readonly life: AbortSignal;
}): {
  candidates(signal: AbortSignal): Promise<readonly CleanUpCandidate[]>;
  remove(
    chosen: readonly CleanUpCandidate[],
    includeIgnored: boolean,
    onProgress: (candidate: CleanUpCandidate, at: number) => void,
    signal: AbortSignal,
  ): Promise<CleanUpResult>;
} {
  const { worktrees, store, records, life } = options;
  const known = async (): Promise<KnownSessions> => ({
    records: await records(),
    views: store.state.sessions.values(),
  });
  const folder = (): string => {
    options.requireTrust();
    const opened = options.folder();
    if (opened === undefined) {
      throw new UserError("No folder is open, so there are no worktrees to clean up.");
    }
    return opened;
  };
  return {
    candidates: async (signal) => {
      const facts = await worktrees.listWorktrees(folder(), AbortSignal.any([life, signal]));
      return cleanUpCandidates(facts, await known(), (id) => worktrees.keyOf(id));
    },
    remove: (chosen, includeIgnored, onProgress, signal) =>
      cleanUp(
        worktrees,
        { folder: folder(), chosen, includeIgnored, known, onProgress },
        AbortSignal.any([life, signal]),
      ),
  };
}
