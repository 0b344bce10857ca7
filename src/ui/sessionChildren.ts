import { isExecuting, type RecentActivity, type SessionView } from "../core/state";
import type { PlanStep } from "../core/ports/runtime";
import { artifactRows } from "./artifactRows";
import type { L10n } from "./l10n";
import { questionRows } from "./questionModel";
import { hasRunRows } from "./runRows";
import { branchLength, middle, oneLine } from "./safeText";
import { clip } from "../core/text";
import { changesSpoken, joined } from "./sessionDescription";
import type { RowIcon } from "./sessionLook";
import { elapsedSpoken, elapsedWord, steady } from "./time";
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
    ...live(session, now, l10n),
    ...activity(session, now, l10n),
    ...places(session, l10n),
  ];
}

/** Has the session any rows under it? Tells without making them. */
export function hasChildRows(session: SessionView): boolean {
  const { questions, plan: steps, stat, artifacts, liveStep, activities, worktreePath, workflow } = session;
  const branch = workflow === undefined ? session.branch : undefined;
  return (
    questions.length + steps.length + artifacts.length + activities.length + (stat?.files ?? 0) > 0 ||
    branch !== undefined ||
    worktreePath !== undefined ||
    (session.phase === "awaitingInput" ? session.detail !== undefined : liveStep !== undefined) ||
    (workflow !== undefined && hasRunRows(session, workflow))
  );
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
      spoken:
        session.plan.length === 1
          ? l10n.t("Plan, {0} of 1 step done", done)
          : l10n.t("Plan, {0} of {1} steps done", done, session.plan.length),
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
      spoken: joined([l10n.t("Files changed"), changesSpoken(session, l10n)], ", "),
      folding: canShow ? "collapsed" : "none",
      loads: canShow ? "files" : undefined,
      click: canShow ? "showChanges" : undefined,
    }),
  ];
}

function live(session: SessionView, now: number, l10n: L10n): readonly Row[] {
  const { liveStep, liveSince } = session;
  // What a person is asked for does not run yet.
  if (liveStep === undefined || session.phase === "awaitingInput") return [];
  const span = liveSince === undefined ? undefined : steady(now - liveSince);
  const running =
    span === undefined ? l10n.t("running") : l10n.t("running for {0}", elapsedSpoken(span, l10n));
  return [
    {
      ...leaf(session, "live", liveStep, { id: "terminal", color: "charts.blue" }, running),
      label: `$ ${clip(oneLine(liveStep), labelLength)}`,
      description: span === undefined ? running : l10n.t("running {0}", elapsedWord(span, l10n)),
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
      spoken: l10n.t("Activity, {0} ago", elapsedSpoken(steady(now - latest.at), l10n)),
      children: session.activities.toReversed().map((one) => activityRow(session, one, now, l10n)),
    }),
  ];
}

function activityRow(session: SessionView, one: RecentActivity, now: number, l10n: L10n): Row {
  const span = steady(now - one.at);
  const spoken = l10n.t("{0} ago", elapsedSpoken(span, l10n));
  return {
    ...leaf(session, `activity:${one.activityId}`, one.message, activityIcon(one), spoken),
    description: l10n.t("{0} ago", elapsedWord(span, l10n)),
  };
}

function places(session: SessionView, l10n: L10n): readonly Row[] {
  const rows: Row[] = [];
  // A run's branch has a row of its own.
  if (session.branch !== undefined && session.workflow === undefined) {
    const name = oneLine(session.branch);
    rows.push({
      ...leaf(session, "branch", name, { id: "git-branch" }, l10n.t("branch")),
      label: middle(name, branchLength),
      tooltip: name.length > branchLength ? tooltipCard(l10n.t("Branch"), [], name) : "",
    });
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
