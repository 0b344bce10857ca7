import type { L10n } from "./l10n";
import type { Note, NoteKind } from "./note";

/** What happened while the window was not in front: each session with the kind of its latest note. */
export type AwayNews = ReadonlyMap<string, NoteKind>;

const order: readonly NoteKind[] = ["needsYou", "failed", "claimLost", "run", "complete"];

export function withNews(news: AwayNews, notes: readonly Note[]): AwayNews {
  return new Map([
    ...news,
    ...notes.flatMap(({ about }) => (about === undefined ? [] : [[about.sessionId, about.kind] as const])),
  ]);
}

/** For the view's title bar; empty without news. */
export function awayText(news: AwayNews, l10n: L10n): string {
  const kinds = [...news.values()];
  const parts = order.flatMap((kind) => {
    const count = kinds.filter((one) => one === kind).length;
    return count === 0 ? [] : [word(kind, count, l10n)];
  });
  return parts.join(", ");
}

function word(kind: NoteKind, count: number, l10n: L10n): string {
  switch (kind) {
    case "needsYou":
      return count === 1 ? l10n.t("1 asked you") : l10n.t("{0} asked you", count);
    case "failed":
      return l10n.t("{0} failed", count);
    case "claimLost":
      return count === 1 ? l10n.t("1 claim lost") : l10n.t("{0} claims lost", count);
    case "run":
      return count === 1 ? l10n.t("1 run stands still") : l10n.t("{0} runs stand still", count);
    case "complete":
      return l10n.t("{0} complete", count);
  }
}
