import { isExecuting, type RecentActivity, type SessionView } from "../core/state";
import type { PlanStep } from "../core/ports/runtime";
import { artifactRows } from "./artifactRows";
import type { L10n } from "./l10n";
import { questionRows } from "./questionModel";
import { oneLine } from "./safeText";
import { clip } from "../core/text";
import type { RowIcon } from "./sessionLook";
import { elapsedWord, steady } from "./time";
import { tooltipCard } from "./tooltip";
import { row, type Row } from "./treeRow";

const labelLength = 120;

/**
 * The rows under a session: plan, what runs now, files, artifacts, activity, branch, worktree. Each has an icon: the editor
 * indents the others away from those that have one.
 */
export function sessionChildren(session: SessionView, now: number, l10n: L10n): readonly Row[] {
  return [
    ...question(session, l10n),
    ...plan(session, l10n),
    ...files(session, l10n),
    ...artifactRows(session, l10n),
    ...live(session, l10n),
    ...activity(session, now, l10n),
    ...places(session, l10n),
  ];
}

function question(session: SessionView, l10n: L10n): readonly Row[] {
  if (session.questions.length > 0) return questionRows(session, l10n);
  if (session.phase !== "awaitingInput" || session.detail === undefined) return [];
  return [leaf(session, "question", session.detail, { id: "question" }, l10n.t("question"))];
}

function plan(session: SessionView, l10n: L10n): readonly Row[] {
  if (session.plan.length === 0) return [];
  const done = session.plan.filter((step) => step.status === "completed").length;
  const progress = l10n.t("{0} of {1}", done, session.plan.length);
  return [
    row({
      id: `plan:${session.sessionId}`,
      sessionId: session.sessionId,
      label: l10n.t("Plan"),
      description: progress,
      icon: { id: "checklist" },
      spoken: l10n.t("Plan, {0} of {1} steps done", done, session.plan.length),
      folding: isExecuting(session.phase) ? "expanded" : "collapsed",
      children: session.plan.map((step, place) =>
        leaf(session, `step:${place}`, step.text, stepIcon(step, session), stepWord(step, l10n)),
      ),
    }),
  ];
}

function files(session: SessionView, l10n: L10n): readonly Row[] {
  const stat = session.stat;
  if (stat === undefined || stat.files === 0) return [];
  const canShow = session.worktreePath !== undefined && session.baseCommit !== undefined;
  return [
    row({
      id: `files:${session.sessionId}`,
      sessionId: session.sessionId,
      label: l10n.t("Files changed"),
      description: String(stat.files),
      icon: { id: "diff-multiple" },
      spoken:
        stat.files === 1
          ? l10n.t("1 file changed, {0} lines added, {1} deleted", stat.added, stat.deleted)
          : l10n.t("{0} files changed, {1} lines added, {2} deleted", stat.files, stat.added, stat.deleted),
      click: canShow ? "showChanges" : undefined,
    }),
  ];
}

function live(session: SessionView, l10n: L10n): readonly Row[] {
  // What a person is asked for does not run yet.
  if (session.liveStep === undefined || session.phase === "awaitingInput") return [];
  return [
    {
      ...leaf(
        session,
        "live",
        `$ ${session.liveStep}`,
        { id: "terminal", color: "charts.blue" },
        l10n.t("running"),
      ),
      description: l10n.t("running"),
    },
  ];
}

function activity(session: SessionView, now: number, l10n: L10n): readonly Row[] {
  const latest = session.activities.at(-1);
  if (latest === undefined) return [];
  const label = l10n.t("Activity");
  return [
    row({
      id: `activity:${session.sessionId}`,
      sessionId: session.sessionId,
      label,
      description: l10n.t("{0} ago", elapsedWord(steady(now - latest.at), l10n)),
      icon: { id: "history" },
      children: session.activities.toReversed().map((one) => activityRow(session, one, now, l10n)),
    }),
  ];
}

function activityRow(session: SessionView, one: RecentActivity, now: number, l10n: L10n): Row {
  const ago = l10n.t("{0} ago", elapsedWord(steady(now - one.at), l10n));
  return {
    ...leaf(session, `activity:${one.activityId}`, one.message, activityIcon(one), ago),
    description: ago,
  };
}

function places(session: SessionView, l10n: L10n): readonly Row[] {
  const rows: Row[] = [];
  // A run's branch has a row of its own.
  if (session.branch !== undefined && session.workflow === undefined) {
    rows.push(leaf(session, "branch", session.branch, { id: "git-branch" }, l10n.t("branch")));
  }
  if (session.worktreePath !== undefined) {
    const name = session.worktreePath.split(/[\\/]/).findLast((part) => part !== "") ?? session.worktreePath;
    rows.push({
      ...leaf(session, "worktree", name, { id: "folder" }, l10n.t("worktree")),
      description: l10n.t("worktree"),
      tooltip: tooltipCard(l10n.t("Worktree"), [{ name: l10n.t("Path"), value: session.worktreePath }]),
    });
  }
  return rows;
}

function leaf(session: SessionView, part: string, text: string, icon: RowIcon, word: string): Row {
  const plain = oneLine(text);
  return row({
    id: `${part}:${session.sessionId}`,
    sessionId: session.sessionId,
    label: clip(plain, labelLength),
    icon,
    spoken: `${clip(plain, 300)}, ${word}`,
    tooltip: plain.length > labelLength ? tooltipCard(clip(plain, 1_000), []) : "",
  });
}

function stepIcon(step: PlanStep, session: SessionView): RowIcon {
  switch (step.status) {
    case "completed":
      return { id: "check", color: "testing.iconPassed" };
    case "inProgress":
      // A step that was under way when the run ended does not spin on.
      return isExecuting(session.phase)
        ? { id: "loading~spin", color: "charts.blue" }
        : { id: "circle-slash" };
    case "pending":
      return { id: "circle-outline", color: "descriptionForeground" };
  }
}

function stepWord(step: PlanStep, l10n: L10n): string {
  switch (step.status) {
    case "completed":
      return l10n.t("done");
    case "inProgress":
      return l10n.t("in progress");
    case "pending":
      return l10n.t("to do");
  }
}

function activityIcon(one: RecentActivity): RowIcon {
  switch (one.type) {
    case "progress":
      return { id: "circle-small-filled" };
    case "plan":
      return { id: "checklist" };
    case "url":
      return { id: "link" };
    case "completion":
      return { id: "pass" };
    case "failure":
      return { id: "error" };
    case "policy":
      return { id: "shield" };
    case "release":
    case "cancellation":
      return { id: "circle-slash" };
  }
}
