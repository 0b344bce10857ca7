import type { SessionPhase, SessionView } from "../core/state";
import type { L10n } from "./l10n";

/** A codicon and the theme colour it is drawn in. */
export interface RowIcon {
  readonly id: string;
  readonly color?: string;
}

export type GroupId =
  | "needsYou"
  | "running"
  | "queued"
  | "done"
  | "failed"
  | "elsewhere"
  /** Ended long ago. */
  | "earlier"
  /** Put out of sight by a person; only a filter that names it shows it. */
  | "hidden";

/** The order on screen: what waits for a person comes first. */
export const groupIds: readonly GroupId[] = [
  "needsYou",
  "running",
  "queued",
  "done",
  "failed",
  "elsewhere",
  "earlier",
  "hidden",
];

interface Look {
  readonly group: GroupId;
  readonly icon: RowIcon;
}

const working: RowIcon = { id: "loading~spin", color: "foreground" };
const stopped: RowIcon = { id: "circle-slash", color: "disabledForeground" };

const looks: Readonly<Record<SessionPhase, Look>> = {
  listed: { group: "queued", icon: { id: "circle-outline", color: "descriptionForeground" } },
  claiming: { group: "running", icon: working },
  preparing: { group: "running", icon: working },
  running: { group: "running", icon: { id: "loading~spin", color: "charts.blue" } },
  finishing: { group: "running", icon: { id: "cloud-upload", color: "charts.blue" } },
  awaitingInput: { group: "needsYou", icon: { id: "comment-unresolved", color: "charts.yellow" } },
  // Nothing executes for it any more, so it must not stand among the running ones.
  // Not charts.orange, which most themes have half transparent.
  interrupted: { group: "failed", icon: { id: "sync", color: "symbolIcon.eventForeground" } },
  complete: { group: "done", icon: { id: "pass", color: "testing.iconPassed" } },
  failed: { group: "failed", icon: { id: "error", color: "testing.iconFailed" } },
  cancelled: { group: "done", icon: stopped },
  released: { group: "done", icon: stopped },
  claimLost: { group: "failed", icon: { id: "debug-disconnect", color: "symbolIcon.eventForeground" } },
  elsewhere: { group: "elsewhere", icon: { id: "vm", color: "descriptionForeground" } },
};

export function groupOf(session: Pick<SessionView, "phase" | "claimable">): GroupId {
  // A released session that a poll offers again stands in the queue, whoever released it.
  if (session.phase === "released" && session.claimable) return "queued";
  return looks[session.phase].group;
}

export function iconOf(phase: SessionPhase): RowIcon {
  return looks[phase].icon;
}

export function groupLabel(group: GroupId, l10n: L10n): string {
  switch (group) {
    case "needsYou":
      return l10n.t("Needs you");
    case "running":
      return l10n.t("Running");
    case "queued":
      return l10n.t("Queued");
    case "done":
      return l10n.t("Done");
    case "failed":
      return l10n.t("Failed");
    case "elsewhere":
      return l10n.t("Elsewhere");
    case "earlier":
      return l10n.t("Earlier");
    case "hidden":
      return l10n.t("Hidden");
  }
}

/** The phase in words, for a screen reader and the tooltip. */
export function phaseWord(phase: SessionPhase, l10n: L10n): string {
  switch (phase) {
    case "listed":
      return l10n.t("queued");
    case "claiming":
      return l10n.t("claiming");
    case "preparing":
      return l10n.t("preparing");
    case "running":
      return l10n.t("running");
    case "finishing":
      return l10n.t("reporting");
    case "awaitingInput":
      return l10n.t("waits for your answer");
    case "interrupted":
      return l10n.t("interrupted");
    case "complete":
      return l10n.t("complete");
    case "failed":
      return l10n.t("failed");
    case "cancelled":
      return l10n.t("cancelled");
    case "released":
      return l10n.t("released");
    case "claimLost":
      return l10n.t("claim lost");
    case "elsewhere":
      return l10n.t("held by another worker");
  }
}
