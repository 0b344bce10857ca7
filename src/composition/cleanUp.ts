import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import { asWritten, say } from "../base/words";
import { UserError } from "../core/actions";
import {
  cleanUp,
  cleanUpCandidates,
  type CleanUpCandidate,
  type CleanUpRequest,
  type CleanUpResult,
  type KnownSessions,
} from "../core/cleanUp";
import { runHook } from "../core/hooks";
import type { HookRunner } from "../core/ports/hooks";
import type { AttemptRecord } from "../core/ports/journal";
import type { WorktreeCleanUp } from "../core/ports/worktreeCleanUp";
import type { Store } from "../core/store";
import type { WorkflowConfig } from "../core/workflowConfig";

/** Worktrees of the opened folder's repository, with what is known of their sessions. */
export function worktreeCleanUp(options: {
  readonly worktrees: WorktreeCleanUp;
  readonly store: Store;
  /** The attempts of every worker of this machine: another window may work in the same repository. */
  readonly records: () => Promise<readonly AttemptRecord[]>;
  readonly folder: () => string | undefined;
  /** @throws UserError in Restricted Mode. */
  readonly requireTrust: () => void;
  /** The workflow as it may take effect now. @throws UserError when it may not. */
  readonly workflow: () => Promise<WorkflowConfig>;
  readonly hooks: HookRunner;
  readonly random: Random;
  readonly log: Log;
  readonly workerName: () => string;
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
  const beforeRemove: CleanUpRequest["beforeRemove"] = (candidate, signal) =>
    runBeforeRemove(options, candidate, signal);
  const folder = (): string => {
    options.requireTrust();
    const opened = options.folder();
    if (opened === undefined) {
      throw new UserError(say("No folder is open, so there are no worktrees to clean up."));
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
        { folder: folder(), chosen, includeIgnored, known, onProgress, beforeRemove },
        AbortSignal.any([life, signal]),
      ),
  };
}

type HookOptions = Pick<
  Parameters<typeof worktreeCleanUp>[0],
  "workflow" | "hooks" | "random" | "log" | "workerName"
>;

/** Nothing that goes wrong with the hook keeps a worktree. Rejects only with the signal's reason. */
async function runBeforeRemove(
  { workflow, hooks, random, log, workerName }: HookOptions,
  { path }: CleanUpCandidate,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const config = await workflow();
    const place = { workingDirectory: path, marker: random.uuid(), artifactsDirectory: undefined };
    const deps = { config, hooks, log, workerName: workerName() };
    return (await runHook(deps, "before_remove", place, signal))?.message;
  } catch (error) {
    signal.throwIfAborted();
    return asWritten("No before_remove hook was run: {0}", messageOf(error));
  }
}
