import type { KnownTool } from "../core/providers";
import type { SignInState } from "../core/signInTraces";
import type { L10n } from "./l10n";

export interface ToolRow {
  readonly provider: string;
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** The coding tools to choose from, those that are there first. Pure. */
export function toolRows(tools: readonly KnownTool[], l10n: L10n): readonly ToolRow[] {
  const rows = tools.map(({ provider, title, path, install, version, signIn }) => ({
    ...{ provider, label: title, there: path !== undefined },
    description: version === undefined ? provider : `${provider} ${version}`,
    detail:
      path === undefined
        ? l10n.t("Not on the PATH. It comes with: {0}", install)
        : `${signInSentence(signIn, l10n)} — ${path}`,
  }));
  return [...rows.filter((one) => one.there), ...rows.filter((one) => !one.there)].map(
    ({ there: _, ...row }) => row,
  );
}

function signInSentence(state: SignInState, l10n: L10n): string {
  switch (state.kind) {
    case "signedIn":
      return l10n.t("Signed in");
    case "key":
      return l10n.t("A key in {0}, which runtime.environment has to name", state.variable);
    case "signedOut":
      return l10n.t("Not signed in: run {0}", state.how);
    case "unknown":
      return l10n.t("Whether it is signed in cannot be told before a session");
  }
}

/** Whether choosing another tool is worth an offer: Codex, which nobody named otherwise, is missing, and another one is there. Pure. */
export function worthOffering(tools: readonly KnownTool[], workflow: string | undefined): boolean {
  const there = (wanted: boolean): boolean =>
    tools.some(({ provider, path }) => (provider === "codex") === wanted && path !== undefined);
  return !there(true) && there(false) && !/^\s*(provider|command):/m.test(workflow ?? "");
}

/** Where a text goes into the workflow file. */
export interface Insertion {
  /** From 0. */
  readonly line: number;
  readonly text: string;
}

/**
 * What makes a workflow name this coding tool. Undefined where it names one already, or is written in a way that only a person
 * should change. Pure.
 */
export function namingOf(workflow: string, provider: string): Insertion | undefined {
  const lines = workflow.split(/\r?\n/);
  if (lines[0]?.trimEnd() !== "---") {
    return { line: 0, text: `---\nruntime:\n  provider: ${provider}\n---\n\n` };
  }
  const end = lines.findIndex((line, at) => at > 0 && line.trimEnd() === "---");
  const matter = lines.slice(1, end === -1 ? 1 : end);
  if (end === -1) return undefined;
  const group = matter.findIndex((line) => /^runtime\s*:/.test(line));
  if (group === -1) return { line: 1, text: `runtime:\n  provider: ${provider}\n` };
  if (!/^runtime\s*:\s*(#.*)?$/.test(matter[group] ?? "")) return undefined;
  const below = matter.slice(group + 1);
  const next = below.findIndex((line) => /^\S/.test(line) && !line.startsWith("#"));
  const keys = next === -1 ? below : below.slice(0, next);
  if (keys.some((line) => /^\s+(provider|command)\s*:/.test(line))) return undefined;
  const indent = keys.map((line) => /^( +)[^\s#]/.exec(line)?.[1]).find((one) => one !== undefined) ?? "  ";
  return { line: group + 2, text: `${indent}provider: ${provider}\n` };
}
