import type { PlanStep } from "../../core/ports/runtime";
import { isLive, workerPhase, type SessionView, type WorkerPhase } from "../../core/state";
import { clip } from "../../core/text";
import type { TimeSpent } from "../../core/timeline";
import type { L10n } from "../l10n";
import { isLatest } from "../runModel";
import { runLack, runStanding } from "../runWords";
import { oneLine } from "../safeText";
import { joined } from "../sessionDescription";
import type { RowIcon } from "../sessionLook";
import { phaseWord } from "../sessionLook";
import { sessionIcon } from "../sessionRow";
import { panelButtons } from "./panelButtons";
import { panelFacts, type FactsScene } from "./panelFacts";
import { panelInput, panelQuestions } from "./panelQuestions";
import type { PanelHeader, PanelMemory } from "./protocol";

const titleLength = 500;
const detailLength = 4_000;
const stepLength = 500;

/** What a panel is drawn from. */
export interface PanelScene extends FactsScene {
  /** The session as the panel saw it last: one that is gone is still named. */
  readonly memory: PanelMemory;
  readonly time: TimeSpent | undefined;
}

/** Everything above and beside the timeline. */
export function panelHeader(scene: PanelScene): PanelHeader {
  const session = scene.state.sessions.get(scene.memory.sessionId);
  return session === undefined ? goneHeader(scene) : sessionHeader(session, scene);
}

function sessionHeader(session: SessionView, scene: PanelScene): PanelHeader {
  const { state, time, l10n } = scene;
  const latest = isLatest(session, [...state.sessions.values()]);
  const words = [phaseWord(session.phase, l10n), ...runStanding(session, latest, l10n)];
  return {
    sessionId: session.sessionId,
    title: clip(oneLine(session.title), titleLength),
    state: { ...look(sessionIcon(session, latest)), text: joined(words) },
    facts: panelFacts(session, scene),
    detail: detail(session, latest, l10n),
    plan: session.plan.map((step) => shownStep(step, session)),
    questions: panelQuestions(session, l10n),
    ...panelButtons(session, state, l10n),
    time,
    input: panelInput(session, l10n),
    live: isLive(session.phase),
  };
}

/** A step that was under way when the work ended does not go on. */
function shownStep({ text, status }: PlanStep, { phase }: SessionView): PlanStep {
  const ended = status === "inProgress" && !isLive(phase);
  return { text: clip(oneLine(text), stepLength), status: ended ? "pending" : status };
}

function look({ id, color }: RowIcon): Omit<PanelHeader["state"], "text"> {
  const spins = id.endsWith("~spin");
  return { icon: spins ? id.slice(0, -"~spin".length) : id, color, spins };
}

/** Why it stands as it does: its own words, and what its run lacks. */
function detail(session: SessionView, latest: boolean, l10n: L10n): string | undefined {
  const lack = runLack(session, latest, l10n);
  // What is asked says why it waits.
  const own =
    session.detail === undefined || session.questions.length > 0 ? undefined : oneLine(session.detail);
  const hidden = session.archived ? l10n.t("Hidden in the sessions view.") : undefined;
  const said = joined([own, lack === undefined ? undefined : `${lack.what} ${lack.advice}`, hidden], " ");
  return said === "" ? undefined : clip(said, detailLength);
}

/** The session is not known here. What was recorded of it still is. */
function goneHeader({ memory, state, l10n }: PanelScene): PanelHeader {
  const phase = workerPhase(state.phase);
  const starting = phase.kind === "starting";
  return {
    sessionId: memory.sessionId,
    title: memory.title === "" ? memory.sessionId : clip(oneLine(memory.title), titleLength),
    state: starting
      ? { icon: "loading", color: "foreground", spins: true, text: l10n.t("starting") }
      : { icon: "circle-slash", color: "disabledForeground", spins: false, text: l10n.t("not in the list") },
    facts: [],
    detail: whyGone(phase, l10n),
    plan: [],
    questions: [],
    buttons: [],
    more: [],
    time: undefined,
    input: undefined,
    live: false,
  };
}

function whyGone(phase: WorkerPhase, l10n: L10n): string {
  switch (phase.kind) {
    case "signedOut":
      return l10n.t(
        "Nobody is signed in, so the session is not known here now. What was recorded of it is kept. Sign in to see how it stands.",
      );
    case "notConfigured":
      return l10n.t(
        "This folder works for no agent, so the session is not known here now. What was recorded of it is kept. Choose an agent to see how it stands.",
      );
    case "untrusted":
      return l10n.t(
        "This folder is in Restricted Mode, so the session is not known here now. What was recorded of it is kept. Trust the folder to see how it stands.",
      );
    case "noRepository":
      return l10n.t(
        "There is no git repository here, so the session is not known now. What was recorded of it is kept. Open the folder of its repository to see how it stands.",
      );
    case "starting":
      return l10n.t("The worker is starting. The session is here again when it has.");
    case "stopped":
      return l10n.t(
        "The worker is stopped, and the session is not in the list. What was recorded of it is kept. Start the worker to see how it stands.",
      );
    case "otherWindow":
      return l10n.t(
        "Another window runs this folder's worker and does not answer now. What was recorded of the session is kept. It is shown again when that window answers.",
      );
    case "online":
    case "paused":
    case "stopping":
    case "rejected":
      return l10n.t(
        "The session is not in the list any more: it ended some time ago, or it is another worker's now. What was recorded of it is kept. Look for it in One Horizon, or close this tab.",
      );
  }
}
