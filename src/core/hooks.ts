import type { Log } from "../base/log";
import { asWritten } from "../base/words";
import type { HookOutcome, HookRunner } from "./ports/hooks";
import { sandboxCommand } from "./providers";
import { clip, code } from "./text";
import type { HookConfig, WorkflowConfig } from "./workflowConfig";

export type HookName = "after_create" | "before_run" | "after_run" | "before_remove";

/** Where a hook runs and what marks its processes. */
export interface HookPlace {
  readonly workingDirectory: string;
  readonly marker: string;
  readonly artifactsDirectory: string | undefined;
}

export interface HookDeps {
  readonly log: Log;
  readonly hooks: HookRunner;
  readonly workerName: string;
  readonly config: WorkflowConfig;
}

export interface HookFailure {
  readonly kind: Exclude<HookOutcome["kind"], "completed">;
  /** Sentences for people: what happened and what to do, in Markdown. */
  readonly message: string;
}

const commandOf: Readonly<Record<HookName, (hooks: HookConfig) => readonly string[] | undefined>> = {
  after_create: (hooks) => hooks.afterCreate,
  before_run: (hooks) => hooks.beforeRun,
  after_run: (hooks) => hooks.afterRun,
  before_remove: (hooks) => hooks.beforeRemove,
};

export function hasHook(config: Pick<WorkflowConfig, "hooks">, name: HookName): boolean {
  return commandOf[name](config.hooks) !== undefined;
}

/** Runs the hook of that name to its end. Undefined when it worked or there is none. Rejects only with the signal's reason. */
export async function runHook(
  deps: HookDeps,
  name: HookName,
  place: HookPlace,
  signal: AbortSignal,
): Promise<HookFailure | undefined> {
  const { config, hooks, log, workerName } = deps;
  const hook = commandOf[name](config.hooks);
  if (hook === undefined) return undefined;
  const outcome = await hooks.run(
    {
      ...place,
      hook,
      workerName,
      policy: config.policy,
      unsandboxed: config.hooks.unsandboxed,
      provider: config.runtime.provider,
      command: sandboxCommand(config.runtime),
      environmentNames: config.runtime.environment,
      timeoutMs: config.hooks.timeoutMs,
    },
    signal,
  );
  if (outcome.kind === "completed") {
    log.info("a hook ran", { hook: name });
    return undefined;
  }
  const { kind, how, outputTail } = outcome;
  log.warn("a hook failed", { hook: name, kind, how });
  return { kind, message: [sentence(name, hook, how), ...shown(outputTail), adviceOf(name, kind)].join(" ") };
}

function sentence(name: HookName, hook: readonly string[], how: string): string {
  return asWritten(
    "The {0} hook ({1}) failed: {2}.",
    name,
    code(clip(hook.join(" "), 200)),
    how.replace(/[.\s]+$/, ""),
  );
}

function shown(outputTail: string): readonly string[] {
  // Not half a character at its start.
  const text = outputTail
    .trim()
    .slice(-600)
    .replace(/^[\uDC00-\uDFFF]/u, "");
  return text === "" ? [] : [asWritten("It said last: {0}.", code(text))];
}

function adviceOf(name: HookName, kind: HookFailure["kind"]): string {
  if (kind === "noSandbox") {
    return asWritten(
      "Mend the sandbox; hooks run without it only where WORKFLOW.md has hooks.unsandboxed: true and you allow that.",
    );
  }
  if (kind === "stuck") {
    return asWritten("The files are kept as they are. End those processes and try again.");
  }
  return asWritten("Try the command in the worktree, or change hooks.{0} in WORKFLOW.md.", name);
}
