import { say } from "../base/words";
import { insist, type InsistDeps } from "./insist";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
import type { SessionMetadata } from "./ports/platform";
import type { Published, Worktree } from "./ports/worktrees";
import type { SessionCalls } from "./sessionCalls";
import type { Placed, WorkContext } from "./work";

/**
 * Pushes the run's branch, noted before, and never while the claim is in doubt. Rejects with WorktreeError when it cannot
 * be published.
 */
export async function publishRunBranch(
  deps: Placed,
  context: WorkContext,
  worktree: Worktree,
  signal: AbortSignal,
): Promise<Published> {
  context.change({ kind: "finishing", detail: say("publishing the branch") });
  await context.step("publishing");
  const { sessionId } = context.session;
  const { gitHooks } = deps.config;
  const { quarantine } = deps.made;
  return await deps.worktrees.publishRun(worktree, { sessionId, gitHooks, quarantine }, signal);
}

export interface PatchContext {
  readonly claimId: string;
  readonly calls: Pick<SessionCalls, "patch">;
}

/** Undefined when the platform has accepted it; else why it refuses it for good, a clause. Throws LeaseLost. */
export async function patchForSure(
  deps: InsistDeps,
  { claimId, calls }: PatchContext,
  metadata: SessionMetadata,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const send = (inner: AbortSignal): Promise<void> => calls.patch(claimId, metadata, inner);
    await insist(deps, { what: "patch", send, ofSession: true }, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return troubleWith(error);
  }
}
