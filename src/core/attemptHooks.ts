import { hasHook, runHook, type HookFailure, type HookName } from "./hooks";
import type { AttemptStep } from "./ports/journal";
import type { Worktree } from "./ports/worktrees";
import type { Placed, WorkContext, WorkResult } from "./work";

type Failed = Extract<WorkResult, { kind: "failed" }>;

/**
 * What the owner wants done before the coding tool works: `after_create` until it has worked once in this worktree, then
 * `before_run`. Undefined when the tool may start.
 */
export async function beforeTool(
  deps: Placed,
  context: WorkContext,
  worktree: Worktree,
  signal: AbortSignal,
): Promise<Failed | undefined> {
  const run = async (name: HookName): Promise<Failed | undefined> => {
    const failure = await runNoted(deps, context, [name, "preparing"], worktree, signal);
    return failure && failedBy(failure);
  };
  if (worktree.fresh) {
    const failed = await run("after_create");
    if (failed !== undefined) return failed;
    await deps.worktrees.setUp(worktree, signal);
  }
  return await run("before_run");
}

/**
 * `after_run`, whose failure is only told: the tool's work is done. Undefined when the work may be taken over; processes
 * that could not be ended may still change it.
 */
export async function afterTool(
  deps: Placed,
  context: WorkContext,
  worktree: Worktree,
  signal: AbortSignal,
): Promise<Failed | undefined> {
  const failure = await runNoted(deps, context, ["after_run", "executing"], worktree, signal);
  if (failure?.kind === "stuck") return failedBy(failure);
  if (failure !== undefined) context.reporter.tell("progress", `${failure.message} The work goes on.`);
  return undefined;
}

/** The attempt's marker is on the disk before the hook starts, so that a later process ends what is left of it. */
async function runNoted(
  deps: Placed,
  context: WorkContext,
  [name, step]: readonly [HookName, AttemptStep],
  worktree: Worktree,
  signal: AbortSignal,
): Promise<HookFailure | undefined> {
  if (!hasHook(deps.config, name)) return undefined;
  const kind = name === "after_run" ? "finishing" : "preparing";
  context.change({ kind, detail: `running the ${name} hook` });
  await context.step(step, { folders: deps.made.id });
  const { workingDirectory } = worktree;
  const place = { workingDirectory, marker: context.marker, artifactsDirectory: deps.made.artifacts.path };
  return await runHook(deps, name, place, signal);
}

function failedBy({ kind, message }: HookFailure): Failed {
  return {
    kind: "failed",
    reason: kind === "noSandbox" ? "sandboxUnavailable" : "hookFailed",
    message: `${message} What was done is kept in the worktree.`,
  };
}
