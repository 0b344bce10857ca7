import type { SessionView, WorkerState } from "../core/state";
import { sessionCommandId, type SessionVerb } from "./commandIds";
import type { L10n } from "./l10n";
import type { MenuEntry, MenuSection } from "./menuEntry";
import { isPossible } from "./sessionAbilities";

/** The verbs of a session's page: acting, looking, copying and cleaning up. */
const acting = ["release", "fail", "delegate", "publishBranch", "claim"] as const;
const looking = ["show", "showChanges", "openWorktree", "openThread", "openUrl"] as const;
const rest = ["copyId", "archive"] as const;

type PageVerb = (typeof acting)[number] | (typeof looking)[number] | (typeof rest)[number];

/** The second page of the menu: what can be done with this session now. */
export function sessionMenu(
  session: SessionView,
  state: Pick<WorkerState, "phase">,
  l10n: L10n,
): readonly MenuSection[] {
  const words = verbWords(l10n);
  const entry = (verb: PageVerb): MenuEntry => ({
    ...words[verb],
    does: { kind: "run", command: sessionCommandId(verb), given: { sessionId: session.sessionId } },
  });
  const possible = (verbs: readonly (SessionVerb & PageVerb)[]): readonly MenuEntry[] =>
    verbs.filter((verb) => isPossible(verb, session, state)).map(entry);
  const sections = [
    { title: l10n.t("Look"), entries: possible(looking) },
    { title: l10n.t("Act"), entries: possible(acting) },
    { title: l10n.t("More"), entries: possible(rest) },
  ];
  return sections.filter(({ entries }) => entries.length > 0);
}

function verbWords(l10n: L10n): Readonly<Record<PageVerb, Omit<MenuEntry, "does">>> {
  return {
    show: { icon: "list-tree", label: l10n.t("Show") },
    showChanges: { icon: "diff-multiple", label: l10n.t("Show changes") },
    openWorktree: { icon: "folder-opened", label: l10n.t("Open worktree in a new window") },
    openThread: { icon: "terminal", label: l10n.t("Open the thread in a terminal") },
    openUrl: { icon: "link-external", label: l10n.t("Open in One Horizon") },
    claim: { icon: "play", label: l10n.t("Claim again") },
    release: {
      icon: "debug-disconnect",
      label: l10n.t("Release"),
      detail: l10n.t("Stops its work and puts it back into the queue. Its worktree is kept."),
    },
    fail: {
      icon: "error",
      label: l10n.t("Stop and mark failed…"),
      detail: l10n.t("Asks for the reason. Its worktree is kept."),
    },
    delegate: { icon: "type-hierarchy-sub", label: l10n.t("Delegate work…") },
    publishBranch: { icon: "cloud-upload", label: l10n.t("Publish branch") },
    copyId: { icon: "copy", label: l10n.t("Copy the session's ID") },
    archive: { icon: "eye-closed", label: l10n.t("Hide here") },
  };
}
