import { asWritten } from "../base/words";
import { providerNames } from "../core/providers";

/** A part of a JSON Schema (draft 2020-12), as far as the front matter needs it. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | boolean | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly prefixItems?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly default?: string | number | boolean | readonly string[];
}

/** What a key of the front matter does and takes, and what holds without it. */
export interface KeyFacts {
  readonly about: string;
  readonly expects: string;
  readonly byDefault: string;
  /** When the owner is asked before it takes effect; undefined when never. */
  readonly consent: string | undefined;
  /** What a value may be; undefined for a group of keys. An empty value always means the default. */
  readonly schema: JsonSchema | undefined;
}

const always = asWritten("Takes effect only after you allowed it.");

function whole(about: string, unit: string, [min, max]: readonly [number, number], own: number): KeyFacts {
  const expects =
    unit === ""
      ? asWritten("a whole number from {0} to {1}", min, max)
      : asWritten("a whole number of {0} from {1} to {2}", unit, min, max);
  const schema: JsonSchema = { type: "integer", minimum: min, maximum: max, default: own };
  return { about, expects, byDefault: String(own), consent: undefined, schema };
}

function oneOf(about: string, values: readonly string[], own: string, consent?: string): KeyFacts {
  return {
    about,
    expects: alternatives(values),
    byDefault: own,
    consent,
    schema: { enum: values, default: own },
  };
}

function alternatives(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  return [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter((part) => part !== "").join(" or ");
}

function flag(about: string): KeyFacts {
  const schema: JsonSchema = { type: "boolean", default: false };
  return {
    about,
    expects: asWritten("true or false"),
    byDefault: "false",
    consent: `true: ${always}`,
    schema,
  };
}

function group(about: string): KeyFacts {
  const facts = { expects: asWritten("a group of keys"), byDefault: asWritten("every key's own default") };
  return { about, ...facts, consent: undefined, schema: undefined };
}

function other(
  about: string,
  expects: string,
  byDefault: string,
  schema: JsonSchema,
  consent?: string,
): KeyFacts {
  return { about, expects, byDefault, consent, schema };
}

const argument: JsonSchema = { type: "string", maxLength: 4096, pattern: "^[^\\u0000]*$" };
const argv: JsonSchema = {
  type: "array",
  prefixItems: [{ ...argument, minLength: 1 }],
  items: argument,
  minItems: 1,
  maxItems: 256,
};
const commandLine: JsonSchema = { anyOf: [{ type: "string", minLength: 1, maxLength: 8192 }, argv] };
const variables: JsonSchema = {
  type: "array",
  items: { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]{0,199}$" },
  maxItems: 100,
};
const globs: JsonSchema = {
  type: "array",
  items: {
    type: "string",
    minLength: 1,
    maxLength: 500,
    pattern: "^(?![!/\\\\]|[A-Za-z]:[/\\\\])(?!(.*[/\\\\])?(\\.\\.|\\.[gG][iI][tT])([/\\\\]|$))[^\\u0000]*$",
  },
  maxItems: 100,
};
const branch: JsonSchema = {
  type: "string",
  maxLength: 255,
  pattern:
    "^(?![-/.])(?!.*([/.]$|\\.lock(/|$)|\\.\\.|//|/\\.|@\\{))(?!@$)[^\\s~^:?*\\[\\\\\\u0000-\\u001f\\u007f-\\u009f]+$",
};
const folder: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: 1000,
  pattern: "^(~$|[~][/\\\\]|[/\\\\]|[A-Za-z]:[/\\\\])[^\\u0000-\\u001f\\u007f-\\u009f]*$",
  default: "~/.one/worktrees",
};
const modelName: JsonSchema = { type: "string", pattern: "^[A-Za-z0-9][\\w.:/@+-]{0,199}$" };
const effortWord: JsonSchema = { type: "string", pattern: "^[a-z]{1,20}$" };

const providers: JsonSchema = { enum: providerNames };
const commandText = asWritten("a command line without shell operators, or a list of strings");
const providerText = asWritten(
  "{0}; acp is any agent of the Agent Client Protocol, and needs runtime.command",
  alternatives(providerNames),
);
const effortText = asWritten("one lower-case word, for example medium");
const msOfADay = [1000, 86_400_000] as const;
const ownChoice = asWritten("the coding tool's own choice");

const hook = (when: string): KeyFacts =>
  other(
    asWritten("A command {0}, run without a shell.", when),
    asWritten("a list of strings: the program and its arguments"),
    asWritten("no hook"),
    argv,
    always,
  );

/** Every key of the front matter; `*` stands for any name. What the editor and the JSON schema say comes from here. */
export const keyTable: Readonly<Record<string, KeyFacts>> = {
  agent: group(asWritten("How much this worker does at once.")),
  "agent.max_concurrent_agents": whole(asWritten("Sessions that this worker holds at once."), "", [1, 64], 6),
  "agent.max_active_executions": whole(
    asWritten("Runs at once on this machine, over all workers."),
    "",
    [1, 64],
    3,
  ),
  "agent.max_retry_attempts": whole(
    asWritten("How often a tool that crashed, hung or lost its model is started again."),
    "",
    [0, 10],
    0,
  ),
  polling: group(asWritten("How the worker looks for work.")),
  "polling.pollIntervalMs": whole(
    asWritten("Time between two polls."),
    "milliseconds",
    [1000, 3_600_000],
    30_000,
  ),
  claim: group(asWritten("The claim on a session.")),
  "claim.leaseSeconds": whole(
    asWritten("The lease that is asked for and renewed."),
    "seconds",
    [30, 86_400],
    900,
  ),
  worktree: group(asWritten("Where sessions work.")),
  "worktree.mode": oneOf(
    asWritten(
      "task: a worktree for each session. repository: the opened folder itself, one session at a time.",
    ),
    ["task", "repository"],
    "task",
    `repository: ${always}`,
  ),
  "worktree.root": other(
    asWritten("The folder that worktrees are made in, outside the repository."),
    asWritten("an absolute path, or one that starts with ~/"),
    "~/.one/worktrees",
    folder,
    asWritten("Another one than the default: {0}", always),
  ),
  "worktree.base_branch": other(
    asWritten("The branch that new work starts from."),
    asWritten("a branch name"),
    asWritten("the remote's default branch, then main, then master"),
    branch,
  ),
  "worktree.copy": other(
    asWritten(
      "Ignored files, such as .env, that each new worktree gets a copy of. They are never committed.",
    ),
    asWritten("a list of globs inside the folder, without .. and .git"),
    asWritten("nothing is copied"),
    globs,
    always,
  ),
  runtime: group(asWritten("The coding tool and what it may do.")),
  "runtime.provider": other(asWritten("The coding tool."), providerText, "codex", {
    ...providers,
    default: "codex",
  }),
  "runtime.command": other(
    asWritten("How the coding tool is started, without a shell."),
    commandText,
    asWritten("codex app-server, or the own command of the coding tool that is named"),
    { ...commandLine, default: asWritten("codex app-server") },
    asWritten("Another one than the default: {0}", always),
  ),
  "runtime.model": other(asWritten("The model."), "a model's name", ownChoice, modelName),
  "runtime.effort": other(asWritten("How long the model thinks."), effortText, ownChoice, effortWord),
  "runtime.sandbox": oneOf(
    asWritten("What the coding tool's commands may write."),
    ["read-only", "workspace-write", "danger-full-access"],
    "workspace-write",
    `danger-full-access: ${always}`,
  ),
  "runtime.approvals": oneOf(
    asWritten("When the coding tool asks a person before a step."),
    ["never", "on-request", "untrusted"],
    "never",
  ),
  "runtime.network": flag(asWritten("The coding tool's commands may use the network.")),
  "runtime.environment": other(
    asWritten("Names of further environment variables that the coding tool gets."),
    asWritten("a list of variable names"),
    asWritten("none is passed on"),
    { ...variables, default: [] },
    always,
  ),
  "runtime.turn_timeout_ms": whole(
    asWritten("The longest that one turn may take."),
    "milliseconds",
    msOfADay,
    3_600_000,
  ),
  "runtime.stall_timeout_ms": whole(
    asWritten("How long the coding tool may stay silent in a turn."),
    "milliseconds",
    msOfADay,
    300_000,
  ),
  "runtime.modes": { ...group(asWritten("Another choice for one task mode.")), byDefault: "none" },
  "runtime.modes.*": group(
    asWritten("What holds for the sessions of this task mode; the rest is taken from runtime."),
  ),
  "runtime.modes.*.provider": other(
    asWritten("The coding tool."),
    providerText,
    "runtime.provider",
    providers,
  ),
  "runtime.modes.*.command": other(
    asWritten("How the coding tool is started, without a shell."),
    commandText,
    "runtime.command",
    commandLine,
    asWritten("Another one than codex app-server: {0}", always),
  ),
  "runtime.modes.*.model": other(asWritten("The model."), "a model's name", "runtime.model", modelName),
  "runtime.modes.*.effort": other(
    asWritten("How long the model thinks."),
    effortText,
    "runtime.effort",
    effortWord,
  ),
  hooks: group(asWritten("Your own commands around a session's work.")),
  "hooks.after_create": hook(asWritten("in each new worktree")),
  "hooks.before_run": hook(asWritten("once before the coding tool starts in a session, not at its retries")),
  "hooks.after_run": hook(asWritten("once after the coding tool in a session, before its work is committed")),
  "hooks.before_remove": hook(asWritten("before a worktree is removed")),
  "hooks.timeout_ms": whole(
    asWritten("The longest that a hook may take."),
    "milliseconds",
    [100, 3_600_000],
    60_000,
  ),
  "hooks.unsandboxed": flag(asWritten("Hooks run outside the coding tool's sandbox.")),
  git: group(asWritten("The worker's own git.")),
  "git.hooks": flag(asWritten("The worker's git runs the repository's hooks.")),
};

/** The task modes that the platform knows; a file may name others. */
export const knownModes: readonly string[] = [
  "plan",
  "code",
  "review",
  "research",
  "execute",
  "resolve_conflicts",
];
