import { escapeMarkdown } from "./safeText";

/** One line of a tooltip card: a bold word and its value. */
export interface TooltipFact {
  readonly name: string;
  /** Shown as plain text, whatever it holds. */
  readonly value: string | undefined;
}

/** A card in Markdown: a heading, a sentence where there is one, and a line per fact that has a value. All text is escaped. */
export function tooltipCard(title: string, facts: readonly TooltipFact[], about = ""): string {
  const lines = facts.flatMap(({ name, value }) =>
    value === undefined || value === "" ? [] : [`**${escapeMarkdown(name)}** ${escapeMarkdown(value)}`],
  );
  // Two spaces before a line break are Markdown's hard break.
  const parts = [`**${escapeMarkdown(title)}**`, escapeMarkdown(about), lines.join("  \n")];
  return parts.filter((part) => part !== "").join("\n\n");
}
