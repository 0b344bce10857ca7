import { isLive, type SessionView, type WorkerState } from "../../core/state";
import { clip } from "../../core/text";
import type { L10n } from "../l10n";
import { modeName } from "../runWords";
import { oneLine } from "../safeText";
import { elapsedSpoken, elapsedWord } from "../time";
import type { PanelFact } from "./protocol";

const nameLength = 80;

export interface FactsScene {
  readonly state: WorkerState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How often the session was claimed here, as far as its timeline tells. */
  readonly attempt: number | undefined;
  readonly l10n: L10n;
}

/**
 * The line under the title: how long, on which branch, by whom and until when. Only what is known. The eye sees the values
 * alone; with their labels before them they are read aloud.
 */
export function panelFacts(
  session: SessionView,
  { state, now, attempt, l10n }: FactsScene,
): readonly PanelFact[] {
  return [
    ...time(session, now, l10n),
    ...(attempt === undefined
      ? []
      : [
          fact({ label: l10n.t("Claimed here"), value: l10n.t("attempt {0}", attempt), icon: "debug-rerun" }),
        ]),
    ...run(session, l10n),
    ...places(session, l10n),
    ...(isLive(session.phase) ? claim(session, state, now, l10n) : heldElsewhere(session, l10n)),
    ...model(session, l10n),
  ];
}

type Said = Omit<PanelFact, "copies" | "tooltip"> & Partial<Pick<PanelFact, "copies" | "tooltip">>;

function fact(said: Said): PanelFact {
  return { tooltip: "", copies: undefined, ...said };
}

function time(session: SessionView, now: number, l10n: L10n): readonly PanelFact[] {
  const { phase, createdAt, startedAt, endedAt } = session;
  const icon = "watch";
  if (startedAt === undefined) {
    const tooltip = l10n.t("Queued {0} ago", elapsedSpoken(now - createdAt, l10n));
    return [
      fact({
        label: l10n.t("Waiting"),
        value: l10n.t("queued {0}", elapsedWord(now - createdAt, l10n)),
        icon,
        tooltip,
      }),
    ];
  }
  const tooltip = l10n.t("Started {0} ago", elapsedSpoken(now - startedAt, l10n));
  if (isLive(phase)) {
    return [fact({ label: l10n.t("Elapsed"), value: elapsedWord(now - startedAt, l10n), icon, tooltip })];
  }
  if (endedAt === undefined) {
    return [
      fact({
        label: l10n.t("Start"),
        value: l10n.t("started {0} ago", elapsedWord(now - startedAt, l10n)),
        icon,
        tooltip,
      }),
    ];
  }
  return [
    fact({
      label: l10n.t("Elapsed"),
      value: l10n.t("took {0}", elapsedWord(endedAt - startedAt, l10n)),
      icon,
      tooltip,
    }),
    fact({
      label: l10n.t("End"),
      value: l10n.t("ended {0} ago", elapsedWord(now - endedAt, l10n)),
      icon: "history",
      tooltip: l10n.t("Ended {0} ago", elapsedSpoken(now - endedAt, l10n)),
    }),
  ];
}

function run({ workflow }: SessionView, l10n: L10n): readonly PanelFact[] {
  if (workflow === undefined) return [];
  const mode = modeName(workflow.mode, l10n);
  const step = workflow.stepId === undefined ? undefined : clip(oneLine(workflow.stepId), nameLength);
  return [
    fact({
      label: l10n.t("Workflow run"),
      value: clip(oneLine(workflow.runId), nameLength),
      icon: "list-ordered",
      tooltip: step === undefined ? l10n.t("Copy the run's ID") : l10n.t("Step {0}", step),
      copies: workflow.runId,
    }),
    ...(mode === undefined ? [] : [fact({ label: l10n.t("Mode"), value: mode, icon: "tools" })]),
  ];
}

function places(session: SessionView, l10n: L10n): readonly PanelFact[] {
  const { worktreePath, stat } = session;
  const branch = session.workflow?.branch ?? session.branch;
  const facts: PanelFact[] = [];
  if (branch !== undefined) {
    const value = clip(oneLine(branch), nameLength);
    const tooltip = l10n.t("Copy the branch's name");
    facts.push(fact({ label: l10n.t("Branch"), value, icon: "git-branch", tooltip, copies: branch }));
  }
  if (worktreePath !== undefined) {
    const name = worktreePath.split(/[\\/]/).findLast((part) => part !== "") ?? worktreePath;
    const value = clip(oneLine(name), nameLength);
    const tooltip = l10n.t("Copy the path {0}", oneLine(worktreePath));
    facts.push(fact({ label: l10n.t("Worktree"), value, icon: "folder", tooltip, copies: worktreePath }));
  }
  if (stat !== undefined && stat.files > 0) {
    const tooltip =
      stat.files === 1
        ? l10n.t("1 file changed, lines added and deleted: {0}, {1}", stat.added, stat.deleted)
        : l10n.t(
            "{0} files changed, lines added and deleted: {1}, {2}",
            stat.files,
            stat.added,
            stat.deleted,
          );
    const value = `+${stat.added} −${stat.deleted}`;
    facts.push(fact({ label: l10n.t("Changes"), value, icon: "diff-multiple", tooltip }));
  }
  return facts;
}

function claim(session: SessionView, state: WorkerState, now: number, l10n: L10n): readonly PanelFact[] {
  return [owner(state, l10n), ...lease(session, now, l10n), heartbeat(state, now, l10n)];
}

function owner({ phase, workerName }: WorkerState, l10n: L10n): PanelFact {
  const named = workerName === undefined ? undefined : clip(oneLine(workerName), nameLength);
  const tooltip = named === undefined ? "" : l10n.t("As the worker “{0}”", named);
  const label = l10n.t("Claimed by");
  return phase.kind === "otherWindow"
    ? fact({ label, value: l10n.t("another window"), icon: "multiple-windows", tooltip })
    : fact({ label, value: l10n.t("this window"), icon: "window", tooltip });
}

function heldElsewhere({ phase }: SessionView, l10n: L10n): readonly PanelFact[] {
  if (phase !== "elsewhere") return [];
  return [fact({ label: l10n.t("Claimed by"), value: l10n.t("another worker"), icon: "vm" })];
}

function lease({ leaseEndsAt }: SessionView, now: number, l10n: L10n): readonly PanelFact[] {
  if (leaseEndsAt === undefined) return [];
  const left = leaseEndsAt - now;
  const said = { label: l10n.t("Claim"), icon: "key" };
  if (left <= 0) {
    return [
      fact({
        ...said,
        value: l10n.t("lease ended"),
        tooltip: l10n.t("The lease was not renewed in time. The worktree is kept."),
      }),
    ];
  }
  const tooltip = l10n.t(
    "The claim ends in {0} unless it is renewed, which the worker does by itself",
    elapsedSpoken(left, l10n),
  );
  return [fact({ ...said, value: l10n.t("lease {0} left", elapsedWord(left, l10n)), tooltip })];
}

function heartbeat({ lastBeatAt, lastBeatError }: WorkerState, now: number, l10n: L10n): PanelFact {
  const said = { label: l10n.t("Worker"), icon: lastBeatError === undefined ? "pulse" : "warning" };
  const problem = lastBeatError === undefined ? undefined : oneLine(lastBeatError);
  if (lastBeatAt === undefined) {
    return fact({ ...said, value: l10n.t("no beat yet"), tooltip: problem ?? "" });
  }
  const tooltip = l10n.t(
    "The platform accepted the last heartbeat {0} ago",
    elapsedSpoken(now - lastBeatAt, l10n),
  );
  const value = l10n.t("beat {0} ago", elapsedWord(now - lastBeatAt, l10n));
  return fact({ ...said, value, tooltip: problem ?? tooltip });
}

function model(session: SessionView, l10n: L10n): readonly PanelFact[] {
  if (session.model === undefined) return [];
  const value = clip(oneLine(session.model), nameLength);
  return [fact({ label: l10n.t("Model"), value, icon: "sparkle" })];
}
