import { translated } from "../base/words";
import type { L10n } from "./l10n";
import { tooltipCard } from "./tooltip";
import type { KeyWords, WorkflowMark } from "./workflowLanguage";

/** Zero-based, as the editor counts. */
interface MarkRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** Longer than any line: the editor takes it for the line's end. */
const lineEnd = 100_000;

/** Where a mark is drawn. One of the file as a whole is drawn under its whole line. */
export function markRange({ line, column, endLine, endColumn }: WorkflowMark): MarkRange {
  const empty = endLine < line || (endLine === line && endColumn <= column);
  const start = { line: Math.max(0, line - 1), character: Math.max(0, column - 1) };
  if (empty) return { start, end: { line: start.line, character: lineEnd } };
  return { start, end: { line: endLine - 1, character: endColumn - 1 } };
}

/** A key's card in Markdown, without links or markup of the file's own. */
export function keyCard(key: string, facts: KeyWords, l10n: L10n): string {
  const { about, expects, byDefault, consent } = facts;
  const lines = [
    { name: l10n.t("Takes"), value: translated(expects) },
    { name: l10n.t("Without it"), value: translated(byDefault) },
    { name: l10n.t("Consent"), value: maybe(consent) },
  ];
  return tooltipCard(key, lines, translated(about));
}

function maybe(text: string | undefined): string | undefined {
  return text === undefined ? undefined : translated(text);
}
