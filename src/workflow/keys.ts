/** What a key of the front matter takes, and what holds without it. */
export interface KeyFacts {
  readonly expects: string;
  readonly byDefault: string;
}

const commandText = "a command line without shell operators, or a list of strings";
const argvText = "a list of strings: the program and its arguments";
const providerText = '"codex", the coding tool that this version can drive';
const key = (expects: string, byDefault: string): KeyFacts => ({ expects, byDefault });
const group = key("a group of keys", "every key's own default");

/** Every key of the front matter; `*` stands for any name. */
const knownKeys: Readonly<Record<string, KeyFacts>> = {
  agent: group,
  "agent.max_concurrent_agents": key("a whole number from 1 to 64", "6"),
  "agent.max_active_executions": key("a whole number from 1 to 64", "3"),
  "agent.max_retry_attempts": key("a whole number from 0 to 10", "0"),
  polling: group,
  "polling.pollIntervalMs": key("a whole number of milliseconds from 1000 to 3600000", "30000"),
  claim: group,
  "claim.leaseSeconds": key("a whole number of seconds from 30 to 86400", "900"),
  worktree: group,
  "worktree.mode": key('"task" or "repository"', "task"),
  "worktree.root": key("an absolute path, or one that starts with ~/", "~/.one/worktrees"),
  "worktree.base_branch": key("a branch name", "the remote's default branch, then main, then master"),
  "worktree.copy": key("a list of globs inside the folder, without .. and .git", "nothing is copied"),
  runtime: group,
  "runtime.provider": key(providerText, "codex"),
  "runtime.command": key(commandText, "codex app-server"),
  "runtime.model": key("a model's name", "the coding tool's own choice"),
  "runtime.effort": key("one lower-case word, for example medium", "the coding tool's own choice"),
  "runtime.sandbox": key('"read-only", "workspace-write" or "danger-full-access"', "workspace-write"),
  "runtime.approvals": key('"never", "on-request" or "untrusted"', "never"),
  "runtime.network": key("true or false", "false"),
  "runtime.environment": key("a list of variable names", "none is passed on"),
  "runtime.turn_timeout_ms": key("a whole number of milliseconds from 1000 to 86400000", "3600000"),
  "runtime.stall_timeout_ms": key("a whole number of milliseconds from 1000 to 86400000", "300000"),
  "runtime.modes": key("a group of task modes", "none"),
  "runtime.modes.*": group,
  "runtime.modes.*.provider": key(providerText, "runtime.provider"),
  "runtime.modes.*.command": key(commandText, "runtime.command"),
  "runtime.modes.*.model": key("a model's name", "runtime.model"),
  "runtime.modes.*.effort": key("one lower-case word, for example medium", "runtime.effort"),
  hooks: group,
  "hooks.after_create": key(argvText, "no hook"),
  "hooks.before_run": key(argvText, "no hook"),
  "hooks.after_run": key(argvText, "no hook"),
  "hooks.before_remove": key(argvText, "no hook"),
  "hooks.timeout_ms": key("a whole number of milliseconds from 100 to 3600000", "60000"),
  "hooks.unsandboxed": key("true or false", "false"),
  git: group,
  "git.hooks": key("true or false", "false"),
};

/** Keys that are checked here and that this build does not act on: the owner is told, so that nothing is ignored in silence. */
export const keysWithoutEffect: readonly string[] = ["hooks", "runtime.modes", "worktree.copy"];

/** The longest known key that a path of the front matter lies at or under. */
export function knownKeyAt(
  path: readonly PropertyKey[],
): { readonly key: string; readonly depth: number } | undefined {
  const parts = path.map((part, index) => (index === 2 && path[1] === "modes" ? "*" : String(part)));
  for (let depth = parts.length; depth > 0; depth -= 1) {
    const name = parts.slice(0, depth).join(".");
    if (Object.hasOwn(knownKeys, name)) return { key: path.slice(0, depth).map(String).join("."), depth };
  }
  return undefined;
}

/** The facts of a key as it is written, for example `runtime.modes.review.model`. */
export function factsOf(key: string): KeyFacts | undefined {
  const name = key.replace(/^runtime\.modes\.[^.]+/, "runtime.modes.*");
  return Object.hasOwn(knownKeys, name) ? knownKeys[name] : undefined;
}

/** The names that are known directly under a group ("" is the top). */
export function namesUnder(path: readonly string[]): readonly string[] | "any" {
  const name = path.map((part, index) => (index === 2 && path[1] === "modes" ? "*" : part)).join(".");
  if (name === "runtime.modes") return "any";
  const prefix = name === "" ? "" : `${name}.`;
  return Object.keys(knownKeys)
    .filter((one) => one.startsWith(prefix) && !one.slice(prefix.length).includes("."))
    .map((one) => one.slice(prefix.length));
}
