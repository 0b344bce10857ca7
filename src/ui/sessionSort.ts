import type { L10n } from "./l10n";
import type { Unit } from "./runModel";
import type { GroupId } from "./sessionLook";

/** The orders of the rows in a group. */
export const sessionSorts = ["usual", "newest", "longest", "title"] as const;

export type SessionSort = (typeof sessionSorts)[number];

/** What was stored, or the usual order where that is none. */
export function parseSort(stored: unknown): SessionSort {
  return sessionSorts.find((one) => one === stored) ?? "usual";
}

export function sortLabel(sort: SessionSort, l10n: L10n): string {
  switch (sort) {
    case "usual":
      return l10n.t("As each group asks for");
    case "newest":
      return l10n.t("Newest first");
    case "longest":
      return l10n.t("Longest running first");
    case "title":
      return l10n.t("By title");
  }
}

export function sortDetail(sort: SessionSort, l10n: L10n): string {
  switch (sort) {
    case "usual":
      return l10n.t("The queue as it came, what runs by its start, what ended with the latest first.");
    case "newest":
      return l10n.t("By when the session was made in One Horizon.");
    case "longest":
      return l10n.t("By the time from start to end, or until now.");
    case "title":
      return l10n.t("From A to Z.");
  }
}

const titles = new Intl.Collator(undefined, { numeric: true });

type Order = (a: Unit, b: Unit) => number;

/** The units of one group in order. The same order for the same units, whatever order they come in. */
export function inOrder(
  group: GroupId,
  units: readonly Unit[],
  sort: SessionSort,
  now: number,
): readonly Unit[] {
  const order = sort === "usual" ? usual(group) : chosen(sort, now);
  return units.toSorted((a, b) => order(a, b) || (a.lead.sessionId < b.lead.sessionId ? -1 : 1));
}

function chosen(sort: Exclude<SessionSort, "usual">, now: number): Order {
  switch (sort) {
    case "newest":
      return (a, b) => b.lead.createdAt - a.lead.createdAt;
    case "longest": {
      const ran = ({ lead: { startedAt, endedAt } }: Unit): number =>
        startedAt === undefined ? 0 : (endedAt ?? now) - startedAt;
      return (a, b) => ran(b) - ran(a) || a.lead.createdAt - b.lead.createdAt;
    }
    case "title":
      return (a, b) => titles.compare(a.lead.title, b.lead.title);
  }
}

/** Queues in the order they came, what runs by its start, what ended with the newest first. */
function usual(group: GroupId): Order {
  const started = ({ lead }: Unit): number => lead.startedAt ?? lead.createdAt;
  const ended = (one: Unit): number => one.lead.endedAt ?? started(one);
  switch (group) {
    case "queued":
      return (a, b) => a.lead.createdAt - b.lead.createdAt;
    case "needsYou":
    case "running":
    case "elsewhere":
      return (a, b) => started(a) - started(b);
    case "done":
    case "failed":
    case "earlier":
    case "hidden":
      return (a, b) => ended(b) - ended(a);
  }
}
