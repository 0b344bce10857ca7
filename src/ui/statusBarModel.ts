import type { WorkerState } from "../core/state";
import type { L10n } from "./l10n";
import { statusCard, type CardScene } from "./statusCard";
import { statusWords, type StatusWords } from "./statusWords";

/** The status bar item as data. */
export interface StatusFace {
  /** One icon and a short text. */
  readonly text: string;
  readonly background: StatusWords["background"];
  /** Markdown, all foreign text escaped. */
  readonly tooltip: string;
  /** All of it for a screen reader. */
  readonly spoken: string;
  readonly alive: boolean;
}

/** What the status bar says. */
export function statusFace(state: WorkerState, scene: CardScene, l10n: L10n): StatusFace {
  const shown = statusWords(state, scene.now, l10n);
  const word = scene.sandbox ? l10n.t("{0} · sandbox", shown.word) : shown.word;
  return {
    text: `$(${shown.icon}) ${word}`,
    background: shown.background,
    alive: shown.alive,
    tooltip: statusCard(state, shown, scene, l10n),
    spoken: statusSpoken(state, shown, scene, l10n),
  };
}

function statusSpoken(
  state: WorkerState,
  { say }: StatusWords,
  { sandbox, folder }: CardScene,
  l10n: L10n,
): string {
  const { fault, agentName } = state;
  const sentences = [
    l10n.t("One Horizon Worker: {0}", say),
    ...(fault === undefined ? [] : [fault.message]),
    ...(agentName === undefined ? [] : [l10n.t("Works for the agent {0}", agentName)]),
    ...(folder === undefined ? [] : [l10n.t("Works in the folder {0}", folder)]),
    ...(sandbox ? [l10n.t("Connected to the sandbox platform on this machine")] : []),
    l10n.t("Press to see what the worker can do"),
  ];
  return sentences.map((one) => (/[.!?]$/.test(one) ? one : `${one}.`)).join(" ");
}
