import {
  checkGroups,
  type CheckedRow,
  type CheckGroup,
  type DiagnosticsReport,
  type Verdict,
} from "../core/diagnostics";
import type { L10n } from "./l10n";
import { oneLine } from "./safeText";

/** A report as Markdown, for the preview and for whoever gets it. What others wrote acts as nothing in it. */
export function reportMarkdown(report: DiagnosticsReport, l10n: L10n): string {
  const { rows, facts } = report;
  const groups = checkGroups.map((group) => ({ group, rows: rows.filter((one) => one.group === group) }));
  return [
    `# ${l10n.t("One Horizon Worker: Diagnostics")}`,
    plainMarkdown(summary(rows, l10n)),
    ...advice(rows, l10n),
    ...groups.flatMap((one) => (one.rows.length === 0 ? [] : groupTable(one.group, one.rows, l10n))),
    `## ${l10n.t("About this window")}`,
    [...facts, { name: l10n.t("Checked"), value: new Date(report.at).toISOString() }]
      .map(({ name, value }) => `- ${plainMarkdown(name)}: ${plainMarkdown(value)}`)
      .join("\n"),
    `_${l10n.t("Secrets, your home folder, your name in paths and the queries of addresses are left out.")}_`,
    "",
  ].join("\n\n");
}

/** One sentence: how it went. */
export function summary(rows: readonly CheckedRow[], l10n: L10n): string {
  const count = (verdict: Verdict): number => rows.filter((one) => one.verdict === verdict).length;
  const failed = count("failed");
  const attention = count("attention");
  const passed = count("passed");
  const parts = [
    failed === 0 ? "" : failed === 1 ? l10n.t("1 check failed") : l10n.t("{0} checks failed", failed),
    attention === 0 ? "" : attention === 1 ? l10n.t("1 needs a look") : l10n.t("{0} need a look", attention),
    passed === 1 ? l10n.t("1 passed") : l10n.t("{0} passed", passed),
    count("notTried") === 0 ? "" : l10n.t("{0} not tried", count("notTried")),
  ];
  return `${parts.filter((part) => part !== "").join(", ")}.`;
}

/** What to do, the worst first, once for all checks that the same mends; nothing where all is well. */
function advice(rows: readonly CheckedRow[], l10n: L10n): readonly string[] {
  const lines = (["failed", "attention"] as const).flatMap((verdict) =>
    mendedTogether(rows.filter((row) => row.verdict === verdict)).map(({ names, found, what }) => {
      const text = plainMarkdown([found, what].join(" "));
      return `1. ${mark(verdict)} **${plainMarkdown(names.join(", "))}.** ${text}`;
    }),
  );
  return lines.length === 0 ? [] : [`## ${l10n.t("What to do")}`, lines.join("\n")];
}

interface Mending {
  readonly names: string[];
  /** By the first of them; the tables have what the others found. */
  readonly found: string;
  readonly what: string;
}

function mendedTogether(rows: readonly CheckedRow[]): readonly Mending[] {
  const mendings: Mending[] = [];
  for (const { name, found, advice: what = "" } of rows) {
    const same = what === "" ? undefined : mendings.find((one) => one.what === what);
    if (same) same.names.push(name);
    else mendings.push({ names: [name], found, what });
  }
  return mendings;
}

function groupTable(group: CheckGroup, rows: readonly CheckedRow[], l10n: L10n): readonly string[] {
  const head = ["", l10n.t("Check"), l10n.t("Expected"), l10n.t("Found"), l10n.t("Took")];
  const lines = rows.map((row) => [
    unbroken(`${mark(row.verdict)} ${verdictWord(row.verdict, l10n)}`),
    plainMarkdown(row.name),
    plainMarkdown(row.expected),
    plainMarkdown(row.found),
    unbroken(tookWord(row.tookMs, l10n)),
  ]);
  const table = [head, head.map((_one, at) => (at === head.length - 1 ? "--:" : "---")), ...lines];
  return [`## ${groupTitle(group, l10n)}`, table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")];
}

/** Kept on one line by a viewer, however narrow its column. */
function unbroken(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}

/** Signs that stand in every font, and not in colour alone. */
function mark(verdict: Verdict): string {
  switch (verdict) {
    case "passed":
      return "✓";
    case "attention":
      return "△";
    case "failed":
      return "✗";
    case "notTried":
      return "○";
  }
}

function verdictWord(verdict: Verdict, l10n: L10n): string {
  switch (verdict) {
    case "passed":
      return l10n.t("passed");
    case "attention":
      return l10n.t("look");
    case "failed":
      return l10n.t("failed");
    case "notTried":
      return l10n.t("not tried");
  }
}

function groupTitle(group: CheckGroup, l10n: L10n): string {
  switch (group) {
    case "settings":
      return l10n.t("Settings");
    case "machine":
      return l10n.t("Machine");
    case "folder":
      return l10n.t("Folder");
    case "tool":
      return l10n.t("Coding tool");
    case "account":
      return l10n.t("Account");
    case "platform":
      return l10n.t("Platform: what is read");
    case "worker":
      return l10n.t("Worker: what it sent last");
  }
}

function tookWord(ms: number | undefined, l10n: L10n): string {
  if (ms === undefined) return "";
  return ms < 1_000 ? l10n.t("{0} ms", Math.round(ms)) : l10n.t("{0} s", Math.round(ms / 100) / 10);
}

/**
 * Text that stands in Markdown, also in a table, as it is: no markup, no link, not even one that a viewer makes of an
 * address. It stays readable where the Markdown itself is read.
 */
export function plainMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]<>|~#$!&]/gu, "\\$&")
    .replace(/^([-+=]|\d+[.)])(?=\s|$)/u, "\\$1")
    .replaceAll("://", ":\\//")
    .replace(/\b(www)\./giu, "$1\\.")
    .replaceAll("@", "\\@");
}
