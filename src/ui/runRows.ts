import type { RunVerdict, RunView } from "../core/runView";
import type { SessionView } from "../core/state";
import { clip } from "../core/text";
import type { L10n } from "./l10n";
import { kinOf } from "./runModel";
import { modeName, nextWord, pushOf, runLack, verdictWord } from "./runWords";
import { branchLength, middle, oneLine } from "./safeText";
import { isPossible } from "./sessionAbilities";
import type { Scene } from "./scene";
import type { RowIcon } from "./sessionLook";
import { tooltipCard } from "./tooltip";
import { row, type Row } from "./treeRow";
import type { NameOf } from "./workerNames";

const labelLength = 120;

/**
 * What a session of a run has beside its own: what the run lacks, its verdict, branch, web page and relatives.
 * @param latest false where a later session of the run is here.
 */
export function runRows(
  session: SessionView,
  latest: boolean,
  { state, l10n, nameOf }: Pick<Scene, "state" | "l10n" | "nameOf">,
): readonly Row[] {
  if (session.workflow === undefined) return [];
  return [
    ...lackRow(session, latest, l10n),
    ...stepRow(session, l10n),
    ...verdictRow(session, l10n),
    ...branchRow(session, state, l10n),
    ...pageRow(session, l10n),
    ...kinRows(session, state, l10n),
    ...nextRow(session, l10n, nameOf),
  ];
}

/** Has a session of a run any of these rows? Tells without making them; it may say yes too often by a missing page. */
export function hasRunRows(session: SessionView, run: RunView): boolean {
  const { stepId, mode, verdict, branch = session.branch, parentId, childId, nextTarget, missing } = run;
  const there = [stepId, mode, verdict, branch, session.externalUrl, parentId, childId, nextTarget, missing];
  return there.some((one) => one !== undefined) || session.phase === "cancelled";
}

function lackRow(session: SessionView, latest: boolean, l10n: L10n): readonly Row[] {
  const lack = runLack(session, latest, l10n);
  if (lack === undefined) return [];
  const { what, advice } = lack;
  return [
    row({
      id: `missing:${session.sessionId}`,
      sessionId: session.sessionId,
      label: clip(what, labelLength),
      icon: { id: "warning", color: "problemsWarningIcon.foreground" },
      spoken: `${clip(what, 300)} ${advice}`,
      tooltip: tooltipCard(l10n.t("The run cannot go on"), [], `${clip(what, 1_000)} ${advice}`),
    }),
  ];
}

function stepRow(session: SessionView, l10n: L10n): readonly Row[] {
  const { stepId, mode } = session.workflow ?? {};
  const words = [modeName(mode, l10n), stepId === undefined ? undefined : clip(oneLine(stepId), labelLength)];
  const said = words.filter((one) => one !== undefined);
  if (said.length === 0) return [];
  return [
    row({
      id: `runStep:${session.sessionId}`,
      sessionId: session.sessionId,
      label: l10n.t("Step"),
      description: said.join(" · "),
      icon: { id: "list-ordered" },
      spoken: [l10n.t("Step"), ...said].join(", "),
    }),
  ];
}

export function verdictIcon(verdict: RunVerdict): RowIcon {
  switch (verdict) {
    case "approve":
      return { id: "pass", color: "testing.iconPassed" };
    case "feedback":
      return { id: "request-changes", color: "charts.yellow" };
    case "reject":
      return { id: "thumbsdown", color: "testing.iconFailed" };
  }
}

function verdictRow(session: SessionView, l10n: L10n): readonly Row[] {
  const verdict = session.workflow?.verdict;
  if (verdict === undefined) return [];
  const label = l10n.t("Verdict");
  const word = verdictWord(verdict, l10n);
  return [
    row({
      id: `verdict:${session.sessionId}`,
      sessionId: session.sessionId,
      label,
      description: word,
      icon: verdictIcon(verdict),
    }),
  ];
}

/** The run's branch, with what can be done with it. */
function branchRow(session: SessionView, state: Scene["state"], l10n: L10n): readonly Row[] {
  const branch = session.workflow?.branch ?? session.branch;
  if (branch === undefined) return [];
  const push = pushOf(session, l10n);
  const name = oneLine(branch);
  return [
    row({
      id: `branch:${session.sessionId}`,
      sessionId: session.sessionId,
      label: middle(name, branchLength),
      tooltip: name.length > branchLength ? tooltipCard(l10n.t("Branch"), [], name) : "",
      description: push ?? "",
      icon: { id: "git-branch" },
      spoken: [l10n.t("branch {0}", clip(name, 300)), push].filter((one) => one !== undefined).join(", "),
      contextValue: `;branch;${isPossible("publishBranch", session, state) ? "publishBranch;" : ""}`,
    }),
  ];
}

function pageRow(session: SessionView, l10n: L10n): readonly Row[] {
  if (session.externalUrl === undefined) return [];
  const address = oneLine(session.externalUrl).replace(/^https?:\/\//iu, "");
  return [
    row({
      id: `page:${session.sessionId}`,
      sessionId: session.sessionId,
      label: l10n.t("Open in browser"),
      description: clip(address, labelLength),
      icon: { id: "link-external" },
      click: "openUrl",
    }),
  ];
}

function kinRows(session: SessionView, state: Scene["state"], l10n: L10n): readonly Row[] {
  const { parentId, childId } = session.workflow ?? {};
  const { parent, child } = kinOf(session, state.sessions);
  return [
    ...kinRow(session, { id: parentId, found: parent }, "parent", l10n.t("handed over by"), l10n),
    ...kinRow(session, { id: childId, found: child }, "child", l10n.t("handed over to"), l10n),
  ];
}

/** A relative that is here is revealed by a click; of another one only its id is known. */
function kinRow(
  session: SessionView,
  kin: { readonly id: string | undefined; readonly found: SessionView | undefined },
  part: "parent" | "child",
  word: string,
  l10n: L10n,
): readonly Row[] {
  const { id, found } = kin;
  if (id === undefined) return [];
  const known = found === undefined ? undefined : kinName(found, l10n);
  const label = clip(known ?? oneLine(id), labelLength);
  const where = found === undefined ? l10n.t("{0}, not in this window", word) : word;
  return [
    row({
      id: `${part}:${session.sessionId}:${id}`,
      // A click is about the relative, not about the session whose row this stands under.
      sessionId: found?.sessionId,
      label,
      description: where,
      icon: { id: part === "parent" ? "arrow-left" : "arrow-right" },
      spoken: `${where} ${label}`,
      tooltip: tooltipCard(label, [{ name: l10n.t("Session"), value: id }]),
      click: found === undefined ? undefined : "show",
    }),
  ];
}

function kinName(session: SessionView, l10n: L10n): string {
  const mode = modeName(session.workflow?.mode, l10n);
  const title = oneLine(session.title);
  return mode === undefined ? title : `${mode}: ${title}`;
}

function nextRow(session: SessionView, l10n: L10n, nameOf: NameOf): readonly Row[] {
  const run = session.workflow;
  const next = run?.childId === undefined && run !== undefined ? nextWord(run, l10n, nameOf) : undefined;
  if (next === undefined) return [];
  return [
    row({
      id: `next:${session.sessionId}`,
      sessionId: session.sessionId,
      label: next,
      description: l10n.t("goes next to"),
      icon: { id: "arrow-right" },
      spoken: `${l10n.t("goes next to")} ${next}`,
    }),
  ];
}
