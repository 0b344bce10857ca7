import { escapeMarkdown } from "./safeText";

/** One line of a tooltip card: a bold word and its value. */
export interface TooltipFact {
  readonly name: string;
  /** Shown as plain text, whatever it holds. */
  readonly value: string | undefined;
}

/** A card in Markdown: a heading and one line per fact that has a value. All text is escaped. */
export function tooltipCard(title: string, facts: readonly TooltipFact[]): string {
  const lines = facts.flatMap(({ name, value }) =>
    value === undefined || value === "" ? [] : [`**${escapeMarkdown(name)}** ${escapeMarkdown(value)}`],
  );
  // Two spaces before a line break are Markdown's hard break.
  return [`**${escapeMarkdown(title)}**`, lines.join("  \n")].filter((part) => part !== "").join("\n\n");
}
