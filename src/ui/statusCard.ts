import { workerPhase, type WorkerState } from "../core/state";
import { beatSentence, beatStrip } from "./beatStrip";
import type { L10n } from "./l10n";
import { escapeMarkdown } from "./safeText";
import { executingCount, slotCount } from "./slots";
import { isUp, type StatusWords } from "./statusWords";
import { elapsedWord, steady } from "./time";
import { tooltipCard, type TooltipFact } from "./tooltip";

/** The only commands that a link of the card can run, none with an argument. */
export const cardCommands = [
  "oneHorizon.auth.signIn",
  "oneHorizon.worker.configure",
  "oneHorizon.worker.start",
  "oneHorizon.worker.pause",
  "oneHorizon.worker.resume",
  "oneHorizon.worker.menu",
  "oneHorizon.session.answer",
  "oneHorizon.workflow.open",
  "oneHorizon.sandbox.start",
  "oneHorizon.diagnostics.check",
  "oneHorizon.internal.showLog",
] as const;

interface CardLink {
  readonly label: string;
  readonly command: (typeof cardCommands)[number];
}

export interface CardScene {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The sandbox of this window is the platform. */
  readonly sandbox: boolean;
  /** Where the worker works, in a window of several folders. */
  readonly folder?: string | undefined;
}

/**
 * The card of the status bar item in Markdown: state, beats, facts, what can be done. What others wrote is escaped. It
 * changes with the state and in steps of ten seconds, so that it can be read and clicked.
 */
export function statusCard(state: WorkerState, shown: StatusWords, scene: CardScene, l10n: L10n): string {
  const title = l10n.t("One Horizon Worker: {0}", shown.say);
  const links = cardLinks(state, shown, l10n).map(
    ({ label, command }) => `[${escapeMarkdown(label)}](command:${command})`,
  );
  const [head = "", ...facts] = tooltipCard(title, cardFacts(state, scene, l10n)).split("\n\n");
  return [head, ...beatLines(state, scene.now, l10n), ...facts, links.join(" · ")]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The strip as code, whose characters are of one width, and the same in words. */
function beatLines(state: WorkerState, now: number, l10n: L10n): readonly string[] {
  const strip = isUp(state) ? beatStrip(state.beats, now) : undefined;
  return strip === undefined ? [] : [`\`${strip.strip}\`  \n${escapeMarkdown(beatSentence(strip, l10n))}`];
}

function cardFacts(
  state: WorkerState,
  { now, sandbox, folder }: CardScene,
  l10n: L10n,
): readonly TooltipFact[] {
  return [
    { name: l10n.t("Not claiming"), value: state.fault?.message },
    { name: l10n.t("Platform"), value: sandbox ? l10n.t("the sandbox on this machine") : undefined },
    { name: l10n.t("Agent"), value: state.agentName },
    { name: l10n.t("Workspace"), value: state.workspaceName },
    { name: l10n.t("Worker"), value: state.workerName },
    { name: l10n.t("Folder"), value: folder },
    ...(isUp(state) ? workFacts(state, now, l10n) : []),
  ];
}

function workFacts(state: WorkerState, now: number, l10n: L10n): readonly TooltipFact[] {
  const next = state.nextPollAt;
  const polls = workerPhase(state.phase).kind === "online" && next !== undefined;
  return [
    {
      name: l10n.t("Runs in"),
      value:
        state.phase.kind === "otherWindow" ? l10n.t("another window of this folder") : l10n.t("this window"),
    },
    { name: l10n.t("Slots"), value: l10n.t("{0} of {1} busy", executingCount(state), slotCount(state)) },
    { name: l10n.t("Last heartbeat"), value: ago(state.lastBeatAt, now, l10n) },
    // The call's own name, with which its errors begin, stands before it already.
    { name: l10n.t("Heartbeats fail"), value: state.lastBeatError?.replace(/^heartbeat: /u, "") },
    {
      name: l10n.t("Heartbeats"),
      value: state.beatsFromMain
        ? l10n.t("sent by the main thread; the heartbeat thread does not get through")
        : undefined,
    },
    { name: l10n.t("Last poll"), value: ago(state.lastPollAt, now, l10n) },
    { name: l10n.t("Next poll"), value: polls ? ahead(next - now, l10n) : undefined },
    { name: l10n.t("Polls fail"), value: state.lastPollError },
  ];
}

/** What matters most first, at most two, and the way to the rest. */
function cardLinks(state: WorkerState, { icon }: StatusWords, l10n: L10n): readonly CardLink[] {
  const log: CardLink = { label: l10n.t("Show log"), command: "oneHorizon.internal.showLog" };
  const fault = state.fault;
  const mend =
    fault === undefined
      ? []
      : fault.reason === "workflow"
        ? [{ label: l10n.t("Open WORKFLOW.md"), command: "oneHorizon.workflow.open" } as const]
        : [{ label: l10n.t("Run diagnostics"), command: "oneHorizon.diagnostics.check" } as const];
  const answer: CardLink = { label: l10n.t("Answer…"), command: "oneHorizon.session.answer" };
  const asks = icon === "comment-unresolved" && hasQuestion(state) ? [answer] : [];
  const broken = state.lastBeatError === undefined && state.lastPollError === undefined ? [] : [log];
  const first = [...asks, ...mend, ...phaseLinks(workerPhase(state.phase).kind, l10n), ...broken];
  return [...first.slice(0, 2), { label: l10n.t("All actions"), command: "oneHorizon.worker.menu" }];
}

function phaseLinks(phase: WorkerState["phase"]["kind"], l10n: L10n): readonly CardLink[] {
  const configure: CardLink = { label: l10n.t("Configure worker"), command: "oneHorizon.worker.configure" };
  const start: CardLink = { label: l10n.t("Start worker"), command: "oneHorizon.worker.start" };
  switch (phase) {
    case "signedOut":
      return [
        { label: l10n.t("Sign in"), command: "oneHorizon.auth.signIn" },
        { label: l10n.t("Try the sandbox platform"), command: "oneHorizon.sandbox.start" },
      ];
    case "notConfigured":
      return [configure];
    case "rejected":
      return [start, configure];
    case "stopped":
      return [start];
    case "paused":
      return [{ label: l10n.t("Resume worker"), command: "oneHorizon.worker.resume" }];
    case "online":
      return [{ label: l10n.t("Pause worker"), command: "oneHorizon.worker.pause" }];
    case "untrusted":
    case "noRepository":
    case "otherWindow":
    case "starting":
    case "stopping":
      return [];
  }
}

function hasQuestion({ sessions }: WorkerState): boolean {
  return [...sessions.values()].some((one) => !one.archived && one.questions.length > 0);
}

function ago(at: number | undefined, now: number, l10n: L10n): string | undefined {
  if (at === undefined) return undefined;
  return now - at < 10_000 ? l10n.t("just now") : l10n.t("{0} ago", elapsedWord(steady(now - at), l10n));
}

function ahead(inMs: number, l10n: L10n): string {
  return inMs < 10_000 ? l10n.t("in a few seconds") : l10n.t("in {0}", elapsedWord(steady(inMs), l10n));
}
