import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { DisposableStore, type Disposable } from "../base/disposable";
import { BeatPulse } from "./beatPulse";
import type { StateSource } from "./stateSource";
import { statusFace, type StatusFace } from "./statusBarModel";
import { cardCommands } from "./statusCard";
import { fromStatusBar } from "./workerMenu";
import { Throttle } from "./throttle";

const updateGapMs = 250;

export interface StatusBarDeps {
  readonly source: StateSource;
  readonly clock: Clock;
  /** Whether each accepted beat may show as a short brightening. */
  readonly motionAllowed: () => boolean;
  readonly sandboxRunning: () => boolean;
}

/** The one status bar item. */
export class StatusBar implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  readonly #throttle: Throttle;
  readonly #pulse: BeatPulse;
  readonly #deps: StatusBarDeps;
  #shown: StatusFace | undefined;

  constructor(deps: StatusBarDeps) {
    this.#deps = deps;
    const { source, clock } = deps;
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem("oneHorizon.status", vscode.StatusBarAlignment.Left, 0),
    );
    this.#item.name = vscode.l10n.t("One Horizon Worker");
    this.#item.command = {
      command: "oneHorizon.worker.menu",
      title: vscode.l10n.t("One Horizon Worker"),
      arguments: [fromStatusBar],
    };
    const brighten = (bright: boolean): void => {
      this.#item.color = bright ? new vscode.ThemeColor("charts.green") : undefined;
    };
    this.#pulse = this.#store.add(new BeatPulse(source.state.lastBeatAt, clock, brighten));
    this.#throttle = this.#store.add(new Throttle(() => this.#update(), updateGapMs, clock));
    this.#store.add(source.onDidChange(() => this.#throttle.request()));
    this.#update();
    this.#item.show();
  }

  /** Elapsed words and staleness follow the clock, not only events. */
  tick(): void {
    this.#throttle.request();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(): void {
    const { source, clock, sandboxRunning, motionAllowed } = this.#deps;
    const scene = { now: clock.now(), sandbox: sandboxRunning(), folder: folderOfSeveral() };
    const face = statusFace(source.state, scene, vscode.l10n);
    const was = this.#shown;
    this.#shown = face;
    if (face.text !== was?.text) this.#item.text = face.text;
    if (face.background !== was?.background || was === undefined) {
      this.#item.backgroundColor = backgroundColor(face.background);
    }
    if (face.spoken !== was?.spoken) {
      this.#item.accessibilityInformation = { label: face.spoken, role: "button" };
    }
    if (face.tooltip !== was?.tooltip) {
      const tooltip = new vscode.MarkdownString(face.tooltip, false);
      tooltip.isTrusted = { enabledCommands: cardCommands };
      tooltip.supportHtml = false;
      this.#item.tooltip = tooltip;
    }
    const mayPulse = (): boolean => face.alive && face.background === undefined && motionAllowed();
    this.#pulse.seen(source.state.lastBeatAt, mayPulse);
  }
}

function backgroundColor(background: StatusFace["background"]): vscode.ThemeColor | undefined {
  return background === undefined
    ? undefined
    : new vscode.ThemeColor(`statusBarItem.${background}Background`);
}

/** The worker works in the first folder, which says something only where there are more. */
function folderOfSeveral(): string | undefined {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.length > 1 ? folders[0]?.name : undefined;
}
