import { asWritten, say } from "../base/words";
import { hasHook, runHook, type HookFailure, type HookName, type HookPlace } from "./hooks";
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
    const failure = await runNoted(deps, context, [name, "preparing"], placeOf(deps, worktree), signal);
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
  const failure = await runNoted(deps, context, ["after_run", "executing"], placeOf(deps, worktree), signal);
  if (failure?.kind === "stuck") return failedBy(failure);
  if (failure !== undefined) {
    context.reporter.tell("progress", asWritten("{0} The work goes on.", failure.message));
  }
  return undefined;
}

/**
 * `before_remove`, before a checkout to read in is thrown away; its failure is only told. Rejects, so that the checkout
 * stays, where processes of it could not be ended.
 * @param path the checkout's top.
 */
export async function beforeRemoval(
  deps: Placed,
  context: WorkContext,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const place = { workingDirectory: path, artifactsDirectory: undefined };
  const failure = await runNoted(deps, context, ["before_remove", "committing"], place, signal);
  if (failure === undefined) return;
  const stuck = failure.kind === "stuck";
  context.reporter.tell(
    "progress",
    stuck ? failure.message : asWritten("{0} The checkout is removed all the same.", failure.message),
  );
  if (stuck) throw new Error("processes of the before_remove hook could not be ended");
}

type Place = Omit<HookPlace, "marker">;

/** Where the tool works. */
function placeOf(deps: Placed, { workingDirectory }: Worktree): Place {
  return { workingDirectory, artifactsDirectory: deps.made.artifacts.path };
}

/** The attempt's marker is on the disk before the hook starts, so that a later process ends what is left of it. */
async function runNoted(
  deps: Placed,
  context: WorkContext,
  [name, step]: readonly [HookName, AttemptStep],
  place: Place,
  signal: AbortSignal,
): Promise<HookFailure | undefined> {
  if (!hasHook(deps.config, name)) return undefined;
  const kind = step === "preparing" ? "preparing" : "finishing";
  context.change({ kind, detail: say("running the {0} hook", name) });
  await context.step(step, { folders: deps.made.id });
  return await runHook(deps, name, { ...place, marker: context.marker }, signal);
}

function failedBy({ kind, message }: HookFailure): Failed {
  return {
    kind: "failed",
    reason: kind === "noSandbox" ? "sandboxUnavailable" : "hookFailed",
    message: asWritten("{0} What was done is kept in the worktree.", message),
  };
}
