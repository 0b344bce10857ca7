import { isAbsolute, join, normalize } from "node:path";
import { asWritten } from "../base/words";
import { defaultProvider, providerOf } from "../core/providers";
import type { RuntimeChoice, WorkflowConfig } from "../core/workflowConfig";
import { splitFrontMatter } from "./frontMatter";
import { factsAt, knownKeyAt } from "./keys";
import { maxFrontMatterLength, maxWorkflowBytes } from "./limits";
import { fileProblem, type WorkflowProblem } from "./problem";
import { frontMatterSchema, type FrontMatter } from "./schema";
import { splitCommand } from "./splitCommand";
import { parseYaml, type YamlDocument } from "./yamlDocument";

const defaultRuntime: RuntimeChoice = {
  provider: defaultProvider,
  command: providerOf(defaultProvider)?.command ?? [],
  model: undefined,
  effort: undefined,
};

export type ParsedWorkflow =
  | { readonly kind: "ok"; readonly config: WorkflowConfig; readonly warnings: readonly WorkflowProblem[] }
  | {
      readonly kind: "broken";
      /** At least one. */
      readonly problems: readonly WorkflowProblem[];
      readonly warnings: readonly WorkflowProblem[];
    };

/** What holds where there is no WORKFLOW.md. `homeDirectory` is absolute. */
export function defaultWorkflowConfig(homeDirectory: string): WorkflowConfig {
  const root = join(homeDirectory, ".one", "worktrees");
  return toConfig({}, { body: "", root, runtime: defaultRuntime, modes: new Map() });
}

/** Checks the text of a WORKFLOW.md. `homeDirectory` is absolute and stands for `~`. */
export function parseWorkflow(source: string, homeDirectory: string): ParsedWorkflow {
  if (new TextEncoder().encode(source).byteLength > maxWorkflowBytes) {
    return broken([fileProblem(asWritten("The file is larger than {0} kB.", maxWorkflowBytes / 1000))]);
  }
  const parts = splitFrontMatter(source);
  if (parts === undefined) {
    return broken([
      fileProblem(asWritten("The front matter is opened with --- and never closed with a second --- line.")),
    ]);
  }
  if (parts.yaml === undefined) {
    return {
      kind: "ok",
      config: { ...defaultWorkflowConfig(homeDirectory), instructions: parts.body },
      warnings: [],
    };
  }
  if (parts.yaml.length > maxFrontMatterLength) {
    return broken([
      fileProblem(
        asWritten("The front matter is longer than {0},000 characters.", maxFrontMatterLength / 1000),
      ),
    ]);
  }
  const yaml = parseYaml(parts.yaml, parts.lineOffset);
  if (yaml.kind === "broken") return broken(yaml.problems);
  return check(yaml.document, parts.body, homeDirectory);
}

function check(document: YamlDocument, body: string, homeDirectory: string): ParsedWorkflow {
  const warnings = document.unknownKeys.slice(0, 100);
  const parsed = frontMatterSchema.safeParse(document.value ?? {});
  if (!parsed.success) {
    const seen = new Map<string, WorkflowProblem>();
    for (const issue of parsed.error.issues.slice(0, 100)) {
      const problem = wrongValue(document, issue.path);
      seen.set(`${problem.line}:${problem.column}:${problem.message}`, problem);
    }
    return broken([...seen.values()], warnings);
  }
  const problems: WorkflowProblem[] = [];
  const given = parsed.data.runtime ?? {};
  const runtime = choose(given, defaultRuntime, ["runtime"], document, problems);
  const modes = new Map(
    Object.entries(given.modes ?? {}).map(([name, mode]) => [
      name,
      choose(mode, runtime, ["runtime", "modes", name], document, problems),
    ]),
  );
  const root = expandHome(parsed.data.worktree?.root ?? "~/.one/worktrees", homeDirectory);
  if (root === undefined) problems.push(wrongValue(document, ["worktree", "root"]));
  if (problems.length > 0 || root === undefined) return broken(problems, warnings);
  return { kind: "ok", config: toConfig(parsed.data, { body, root, runtime, modes }), warnings };
}

function broken(
  problems: readonly WorkflowProblem[],
  warnings: readonly WorkflowProblem[] = [],
): ParsedWorkflow {
  return { kind: "broken", problems, warnings };
}

function wrongValue(document: YamlDocument, path: readonly PropertyKey[], why?: string): WorkflowProblem {
  const known = knownKeyAt(path);
  const facts = known && factsAt(path.slice(0, known.depth));
  if (known === undefined || facts === undefined) {
    return document.placeOf(
      path,
      asWritten("The front matter must be a group of keys, such as agent, worktree and runtime."),
    );
  }
  const detail = why === undefined ? "" : ` Found ${why}.`;
  return document.placeOf(
    path,
    asWritten(
      "{0} must be {1}.{2} Without this key: {3}.",
      known.key,
      facts.expects,
      detail,
      facts.byDefault,
    ),
  );
}

/** What is given at a path, with the rest from `base`. A command that cannot be split is added to the problems. */
function choose(
  { provider, command, model, effort }: NonNullable<FrontMatter["runtime"]>,
  base: RuntimeChoice,
  path: readonly string[],
  document: YamlDocument,
  problems: WorkflowProblem[],
): RuntimeChoice {
  const argv = command === undefined ? ownCommand(provider, base) : argvOf(command);
  if ("refused" in argv) problems.push(wrongValue(document, [...path, "command"], argv.refused));
  return {
    provider: provider ?? base.provider,
    command: "refused" in argv ? base.command : argv,
    model: model ?? base.model,
    effort: effort ?? base.effort,
  };
}

/** A tool that is named anew comes with its own command, and not with another tool's. */
function ownCommand(
  provider: string | undefined,
  base: RuntimeChoice,
): readonly string[] | { readonly refused: string } {
  if (provider === undefined || provider === base.provider) return base.command;
  const command = providerOf(provider)?.command;
  return (
    command ?? { refused: asWritten('none, and the coding tool "{0}" has no command of its own', provider) }
  );
}

function argvOf(command: string | string[]): readonly string[] | { readonly refused: string } {
  if (typeof command !== "string") return command;
  const split = splitCommand(command);
  return split.kind === "ok" ? split.argv : { refused: split.reason };
}

/** Absolute and normalized; undefined when the path is neither absolute nor below `~`. */
function expandHome(path: string, homeDirectory: string): string | undefined {
  const expanded =
    path === "~" ? homeDirectory : /^~[/\\]/.test(path) ? join(homeDirectory, path.slice(2)) : path;
  return isAbsolute(expanded) ? normalize(expanded) : undefined;
}

/** What is worked out apart from the plain values. */
interface Derived {
  readonly body: string;
  /** Absolute path of the worktrees. */
  readonly root: string;
  readonly runtime: RuntimeChoice;
  readonly modes: ReadonlyMap<string, RuntimeChoice>;
}

function toConfig(matter: FrontMatter, derived: Derived): WorkflowConfig {
  const { agent, polling, claim, worktree, runtime, hooks, git } = matter;
  return {
    maxConcurrentSessions: agent?.max_concurrent_agents ?? 6,
    maxActiveExecutions: agent?.max_active_executions ?? 3,
    maxRetryAttempts: agent?.max_retry_attempts ?? 0,
    pollIntervalMs: polling?.pollIntervalMs ?? 30_000,
    leaseSeconds: claim?.leaseSeconds ?? 900,
    worktree: {
      mode: worktree?.mode ?? "task",
      root: derived.root,
      baseBranch: worktree?.base_branch,
      copy: worktree?.copy ?? [],
    },
    runtime: {
      ...derived.runtime,
      modes: derived.modes,
      environment: runtime?.environment ?? [],
      turnTimeoutMs: runtime?.turn_timeout_ms ?? 3_600_000,
      stallTimeoutMs: runtime?.stall_timeout_ms ?? 300_000,
    },
    policy: {
      sandbox: runtime?.sandbox ?? "workspace-write",
      approvals: runtime?.approvals ?? "never",
      network: runtime?.network ?? false,
    },
    hooks: {
      afterCreate: hooks?.after_create,
      beforeRun: hooks?.before_run,
      afterRun: hooks?.after_run,
      beforeRemove: hooks?.before_remove,
      timeoutMs: hooks?.timeout_ms ?? 60_000,
      unsandboxed: hooks?.unsandboxed ?? false,
    },
    gitHooks: git?.hooks ?? false,
    instructions: derived.body,
  };
}
