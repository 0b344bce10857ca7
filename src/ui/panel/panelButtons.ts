import type { SessionPhase, SessionView, WorkerState } from "../../core/state";
import type { SessionVerb } from "../commandIds";
import type { L10n } from "../l10n";
import { sessionAbilities } from "../sessionAbilities";
import type { PanelButton } from "./protocol";

/** Answers have their question's own buttons and the box, files their places in the timeline; `show` opens the panel itself. */
const elsewhere: ReadonlySet<SessionVerb> = new Set([
  "show",
  "resume",
  "approve",
  "approveForSession",
  "deny",
  "answer",
  "showFile",
  "openFile",
  "revertFile",
]);
const shown = 4;

/** What a person most likely wants, the best first. What is named in no list comes after, in the order of the commands. */
const usual: readonly SessionVerb[] = ["claim", "showChanges", "openWorktree", "release", "publishBranch"];
const ranks: Readonly<Partial<Record<SessionPhase, readonly SessionVerb[]>>> = {
  complete: ["showChanges", "publishBranch", "openWorktree", "openUrl"],
  failed: ["claim", "openLog", "showChanges", "openWorktree"],
  claimLost: ["claim", "showChanges", "openWorktree", "openLog"],
  elsewhere: ["openUrl", "claim"],
};

/** The buttons of the panel: the best few, and the rest behind “More”. */
export function panelButtons(
  session: SessionView,
  worker: Pick<WorkerState, "phase">,
  l10n: L10n,
): { readonly buttons: readonly PanelButton[]; readonly more: readonly PanelButton[] } {
  const rank = ranks[session.phase] ?? usual;
  const place = (verb: SessionVerb): number => (rank.includes(verb) ? rank.indexOf(verb) : rank.length);
  const verbs = sessionAbilities(session, worker)
    .filter((verb) => !elsewhere.has(verb))
    .toSorted((a, b) => place(a) - place(b));
  // While something is asked, its answers matter most.
  const asks = session.questions.length > 0;
  const all = verbs.map((verb, index) => ({
    verb,
    label: label(verb, l10n),
    icon: icons[verb],
    primary: index === 0 && !asks && rank.includes(verb),
  }));
  const best = all.filter(({ verb }, index) => index < shown && rank.includes(verb)).length;
  return { buttons: all.slice(0, best), more: all.slice(best) };
}

/** May the panel ask for this verb by its name alone? */
export function isPanelVerb(verb: SessionVerb): boolean {
  return !elsewhere.has(verb);
}

const icons: Readonly<Record<SessionVerb, string>> = {
  claim: "play",
  release: "debug-stop",
  resume: "reply",
  fail: "error",
  approve: "check",
  approveForSession: "check-all",
  deny: "close",
  answer: "comment",
  delegate: "references",
  publishBranch: "repo-push",
  show: "list-tree",
  showChanges: "diff-multiple",
  showFile: "diff",
  openFile: "go-to-file",
  revertFile: "discard",
  compare: "git-compare",
  checkOut: "git-branch",
  copyPatch: "clippy",
  openWorktree: "folder-opened",
  openThread: "terminal",
  openUrl: "link-external",
  openLog: "output",
  copyId: "copy",
  archive: "archive",
};

function label(verb: SessionVerb, l10n: L10n): string {
  switch (verb) {
    case "claim":
      return l10n.t("Claim");
    case "release":
      return l10n.t("Release");
    case "resume":
      return l10n.t("Resume with Input…");
    case "fail":
      return l10n.t("Stop and Mark Failed…");
    case "approve":
      return l10n.t("Approve");
    case "approveForSession":
      return l10n.t("Approve for Session");
    case "deny":
      return l10n.t("Deny");
    case "answer":
      return l10n.t("Answer…");
    case "delegate":
      return l10n.t("Delegate…");
    case "publishBranch":
      return l10n.t("Publish Branch");
    case "show":
      return l10n.t("Show");
    case "showChanges":
      return l10n.t("Show Changes");
    case "showFile":
      return l10n.t("Show Changes of a File");
    case "openFile":
      return l10n.t("Open File in Worktree");
    case "revertFile":
      return l10n.t("Revert File…");
    case "compare":
      return l10n.t("Compare With…");
    case "checkOut":
      return l10n.t("Check Out Branch Here…");
    case "copyPatch":
      return l10n.t("Copy Patch");
    case "openWorktree":
      return l10n.t("Open Worktree");
    case "openThread":
      return l10n.t("Open Thread");
    case "openUrl":
      return l10n.t("Open in Browser");
    case "openLog":
      return l10n.t("Show Log");
    case "copyId":
      return l10n.t("Copy ID");
    case "archive":
      return l10n.t("Hide Here");
  }
}
