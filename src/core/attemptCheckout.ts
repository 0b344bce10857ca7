import { messageOf } from "../base/log";
import { beforeRemoval } from "./attemptHooks";
import { hasHook } from "./hooks";
import type { Checkout, Worktree } from "./ports/worktrees";
import { worktreeProgress } from "./progress";
import type { ModeRules } from "./taskMode";
import { code } from "./text";
import type { Placed, WorkContext, WorkDeps } from "./work";

/** What a session works on; one that only looks gets a checkout that nothing is taken from. */
function checkoutOf(mode: ModeRules, branch: string | undefined): Checkout {
  if (mode.work === "look") return { kind: "detached", branch, required: mode.judges };
  return { kind: "run", branch: branch ?? "", mergeBase: mode.merges };
}

/** What an earlier process left is only gone on with where nobody has changed it meanwhile. */
export async function whyNotAsNoted(
  deps: Placed,
  { noted, run }: WorkContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (noted === undefined || run?.mode.work === "look") return undefined;
  const verified = await deps.worktrees.verify(noted, signal);
  return verified.kind === "differs" ? verified.message : undefined;
}

export async function prepare(deps: WorkDeps, context: WorkContext, signal: AbortSignal): Promise<Worktree> {
  const { config, folder } = deps;
  const { session, run } = context;
  const worktree = await deps.worktrees.prepare(
    {
      sessionId: session.sessionId,
      folder,
      mode: config.worktree.mode,
      root: config.worktree.root,
      baseBranch: config.worktree.baseBranch,
      copy: config.worktree.copy,
      gitHooks: config.gitHooks,
      onProgress: worktreeProgress(deps.clock, context.change),
      ...(run === undefined ? {} : { checkout: checkoutOf(run.mode, session.workflow?.branchName) }),
    },
    signal,
  );
  await context.record({
    worktreePath: worktree.path,
    workingDirectory: worktree.workingDirectory,
    branch: worktree.detached === true ? undefined : worktree.branch,
    baseCommit: worktree.baseCommit,
    baseBranch: worktree.baseBranch,
    headCommit: worktree.headCommit,
  });
  context.change({ kind: "worktreeReady", worktree });
  context.reporter.tell(
    "progress",
    [whereItWorks(worktree), ...(deps.remark === undefined ? [] : [deps.remark]), ...worktree.notes].join(
      "\n",
    ),
  );
  // In repository mode the path is the user's own project root, which stays on this machine.
  if (worktree.mode === "task") {
    context.reporter.note({ workingDirectory: worktree.workingDirectory, worktreePath: worktree.path });
  }
  return worktree;
}

function whereItWorks({ branch, reused, detached, conflicts = [] }: Worktree): string {
  if (detached === true) return `Looks at ${code(branch)} in a checkout of its own, which is thrown away.`;
  const where = `${reused ? "Continues in" : "Works in"} the branch ${code(branch)}.`;
  if (conflicts.length === 0) return where;
  const files = `${conflicts.length} file${conflicts.length === 1 ? "" : "s"}`;
  return `${where} The merge of the base branch left ${files} in conflict.`;
}

export async function leave(deps: WorkDeps, context: WorkContext, worktree: Worktree): Promise<void> {
  const { sessionId } = context.session;
  try {
    await deps.worktrees.release(worktree, sessionId);
  } catch (error) {
    deps.log.warn("a checkout could not be let go", { sessionId, message: messageOf(error) });
  }
}

/** The checkout of a session that only looked goes. One that does not is only told: the session's work is done. */
export async function discard(
  deps: Placed,
  context: WorkContext,
  path: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (path === undefined) return;
  const { sessionId } = context.session;
  try {
    const before = hasHook(deps.config, "before_remove")
      ? (): Promise<void> => beforeRemoval(deps, context, path, signal)
      : undefined;
    await deps.worktrees.discard({ path }, sessionId, signal, before);
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn("a checkout could not be removed", { sessionId, message: messageOf(error) });
    return;
  }
  await context.record({ worktreePath: undefined, workingDirectory: undefined });
  context.change({ kind: "worktreeGone" });
}
