import { createHash } from "node:crypto";
import { say } from "../base/words";
import { providerOf, type Provider } from "../core/providers";
import type { HookConfig, RuntimeChoice, WorkflowConfig } from "../core/workflowConfig";
import { defaultWorkflowConfig } from "./parseWorkflow";

/** What the owner is asked to allow. */
export interface ConsentRequest {
  /** SHA-256, lower-case hex, of exactly the values that need consent; another value is another hash. */
  readonly hash: string;
  /** One line per value, for people. Values come from the file: show them as plain text. */
  readonly items: readonly string[];
}

type ConsentValue = readonly [key: string, value: string | boolean | readonly string[], item: string];

/**
 * The values of a workflow that take effect only after the owner allowed exactly this combination. Undefined when
 * every value is one that needs no consent. `homeDirectory` decides the default worktree root.
 * @param confinement what of this machine holds an agent with all it starts; undefined: nothing does.
 */
export function consentNeeded(
  config: WorkflowConfig,
  homeDirectory: string,
  confinement?: string,
): ConsentRequest | undefined {
  const defaults = defaultWorkflowConfig(homeDirectory);
  const values: ConsentValue[] = [];
  const { runtime, worktree, policy } = config;
  if (runtime.provider !== defaults.runtime.provider) {
    values.push(["runtime.provider", runtime.provider, say("Coding tool: {0}", shown(runtime.provider))]);
  }
  if (!sameList(runtime.command, defaults.runtime.command)) {
    values.push([
      "runtime.command",
      runtime.command,
      say("Runs the command {0}", shownList(runtime.command)),
    ]);
  }
  values.push(...modeValues(runtime, defaults.runtime));
  values.push(...agentValues(config, confinement));
  if (runtime.environment.length > 0) {
    const names = [...new Set(runtime.environment)].sort();
    values.push([
      "runtime.environment",
      names,
      say("Passes these environment variables to the coding tool: {0}", shownList(names)),
    ]);
  }
  if (policy.sandbox === "danger-full-access") {
    values.push([
      "runtime.sandbox",
      policy.sandbox,
      say("Runs the coding tool without a sandbox (danger-full-access)"),
    ]);
  }
  if (policy.network) {
    values.push(["runtime.network", true, say("Lets the coding tool's commands use the network")]);
  }
  if (worktree.mode === "repository") {
    // A session may change the very file there, so all that the next one would trust in it is allowed as it is.
    values.push([
      "worktree.mode",
      [worktree.mode, policy.sandbox, policy.approvals, config.instructions],
      say(
        "Works in the opened checkout itself instead of a worktree, with the text of WORKFLOW.md as it is now",
      ),
    ]);
  }
  if (worktree.root !== defaults.worktree.root) {
    values.push(["worktree.root", worktree.root, say("Makes worktrees under {0}", shown(worktree.root))]);
  }
  if (worktree.copy.length > 0) {
    const globs = [...new Set(worktree.copy)].sort();
    values.push([
      "worktree.copy",
      globs,
      say("Copies ignored files into each worktree: {0}", shownList(globs)),
    ]);
  }
  values.push(...hookValues(config.hooks));
  if (config.gitHooks) {
    values.push([
      "git.hooks",
      true,
      say(
        "Runs the repository's git hooks, and filters of git that may lie in the tree, when the worker uses git",
      ),
    ]);
  }
  if (values.length === 0) return undefined;
  const canonical = JSON.stringify(values.map(([key, value]) => [key, value]).sort(byKey));
  return {
    hash: createHash("sha256").update(`one-horizon-consent-1\n${canonical}`).digest("hex"),
    items: values.map(([, , item]) => item),
  };
}

/** What a mode shares with the rest of the workflow is asked for once. */
function modeValues(runtime: WorkflowConfig["runtime"], defaults: RuntimeChoice): ConsentValue[] {
  return [...runtime.modes].flatMap(([name, mode]) => {
    const values: ConsentValue[] = [];
    if (mode.provider !== defaults.provider && mode.provider !== runtime.provider) {
      const item = say("Coding tool for {0} sessions: {1}", shown(name), shown(mode.provider));
      values.push([`runtime.modes.${name}.provider`, mode.provider, item]);
    }
    if (!sameList(mode.command, defaults.command) && !sameList(mode.command, runtime.command)) {
      const item = say("For {0} sessions runs the command {1}", shown(name), shownList(mode.command));
      values.push([`runtime.modes.${name}.command`, mode.command, item]);
    }
    return values;
  });
}

/** Whether an agent of the Agent Client Protocol works for this workflow, which a sandbox of this machine has to hold. */
export function namesAgents(config: WorkflowConfig): boolean {
  return agentsOf(config).length > 0;
}

/** What no setting of the workflow shows: whether anything holds the agents that it names. */
function agentValues(config: WorkflowConfig, confinement: string | undefined): ConsentValue[] {
  const agents = agentsOf(config);
  if (agents.length === 0 || config.policy.sandbox === "danger-full-access") return [];
  const titles = agents.map(({ title }) => title);
  const value = [confinement ?? "none", ...titles];
  if (confinement !== undefined) {
    const item = say(
      "Confines {0} only by this system's {1}: it writes nothing but the worktree and its own folders, and can read your other files and use the network",
      titles.join(", "),
      confinement,
    );
    return [["runtime.confinement", value, item]];
  }
  const named = (own: boolean): string =>
    agents.flatMap(({ title, ownSandbox }) => (ownSandbox === own ? [title] : [])).join(", ");
  const [free, own] = [named(false), named(true)];
  const items = [
    ...(free === ""
      ? []
      : [
          say(
            "Nothing on this machine confines {0}: a command of its model runs as you, with all your files and the network, whatever runtime.sandbox says",
            free,
          ),
        ]),
    ...(own === ""
      ? []
      : [
          say(
            "Only the sandbox of its own, as its settings have it, holds {0}: a command of its model reads all your files, the worker's own too, and may write temporary ones of other programs",
            own,
          ),
        ]),
  ];
  return [["runtime.confinement", value, items.join("; ")]];
}

function agentsOf({ runtime }: WorkflowConfig): readonly Provider[] {
  const named = [runtime, ...runtime.modes.values()].flatMap(({ provider }) => providerOf(provider) ?? []);
  const agents = new Set(named.filter((one) => one.speaks === "acp"));
  return [...agents].sort((one, other) => (one.title < other.title ? -1 : 1));
}

function hookValues({ unsandboxed, ...hooks }: HookConfig): ConsentValue[] {
  const named = [
    ["hooks.after_create", hooks.afterCreate, say("in each new worktree")],
    ["hooks.before_run", hooks.beforeRun, say("before each run")],
    ["hooks.after_run", hooks.afterRun, say("after each run")],
    ["hooks.before_remove", hooks.beforeRemove, say("before a worktree is removed")],
  ] as const;
  const values = named.flatMap(([key, command, when]): ConsentValue[] =>
    command === undefined ? [] : [[key, command, `Runs ${when}: ${shownList(command)}`]],
  );
  // Alone it has no effect, but a hook that is added later must not find it allowed unseen.
  if (unsandboxed) {
    values.push(["hooks.unsandboxed", true, say("Runs these hooks outside the sandbox")]);
  }
  return values;
}

function byKey(one: readonly unknown[], other: readonly unknown[]): number {
  return String(one[0]) < String(other[0]) ? -1 : 1;
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

/** Quoted, with control and direction-changing characters visible, so that a value cannot look like another. */
function shown(value: string): string {
  const plain = JSON.stringify(value).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return plain.length > 500 ? `${plain.slice(0, 500)}…` : plain;
}

function shownList(values: readonly string[]): string {
  const head = values.slice(0, 20).map(shown).join(" ");
  return values.length > 20 ? `${head} and ${values.length - 20} more` : head;
}
