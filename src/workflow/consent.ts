import { createHash } from "node:crypto";
import type { WorkflowConfig } from "../core/workflowConfig";
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
 */
export function consentNeeded(config: WorkflowConfig, homeDirectory: string): ConsentRequest | undefined {
  const defaults = defaultWorkflowConfig(homeDirectory);
  const values: ConsentValue[] = [];
  const { runtime, worktree, policy } = config;
  if (runtime.provider !== defaults.runtime.provider) {
    values.push(["runtime.provider", runtime.provider, `Coding tool: ${shown(runtime.provider)}`]);
  }
  if (!sameList(runtime.command, defaults.runtime.command)) {
    values.push(["runtime.command", runtime.command, `Runs the command ${shownList(runtime.command)}`]);
  }
  values.push(...modeValues(runtime, defaults.runtime));
  if (runtime.environment.length > 0) {
    const names = [...new Set(runtime.environment)].sort();
    values.push([
      "runtime.environment",
      names,
      `Passes these environment variables to the coding tool: ${shownList(names)}`,
    ]);
  }
  if (policy.sandbox === "danger-full-access") {
    values.push([
      "runtime.sandbox",
      policy.sandbox,
      "Runs the coding tool without a sandbox (danger-full-access)",
    ]);
  }
  if (policy.network) {
    values.push(["runtime.network", true, "Lets the coding tool's commands use the network"]);
  }
  if (worktree.mode === "repository") {
    values.push([
      "worktree.mode",
      worktree.mode,
      "Works in the opened checkout itself instead of a worktree",
    ]);
  }
  if (worktree.root !== defaults.worktree.root) {
    values.push(["worktree.root", worktree.root, `Makes worktrees under ${shown(worktree.root)}`]);
  }
  if (worktree.copy.length > 0) {
    const globs = [...new Set(worktree.copy)].sort();
    values.push(["worktree.copy", globs, `Copies ignored files into each worktree: ${shownList(globs)}`]);
  }
  if (config.gitHooks) {
    values.push(["git.hooks", true, "Runs the repository's git hooks when the worker uses git"]);
  }
  if (values.length === 0) return undefined;
  const canonical = JSON.stringify(values.map(([key, value]) => [key, value]).sort(byKey));
  return {
    hash: createHash("sha256").update(`one-horizon-consent-1\n${canonical}`).digest("hex"),
    items: values.map(([, , item]) => item),
  };
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
