import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { LinkedAbort } from "../base/abort";
import { DisposableStore, type Disposable } from "../base/disposable";
import type { StateSource } from "./stateSource";
import { statusFace, type StatusFace } from "./statusBarModel";
import { Throttle } from "./throttle";

const updateGapMs = 250;
/** How long the icon is bright after a beat. */
const pulseMs = 500;

/** The one status bar item. */
export class StatusBar implements Disposable {
  readonly #store = new DisposableStore();
  readonly #abort = new LinkedAbort();
  readonly #item: vscode.StatusBarItem;
  readonly #throttle: Throttle;
  readonly #source: StateSource;
  readonly #clock: Clock;
  readonly #motionAllowed: () => boolean;
  #shown: StatusFace | undefined;
  #beatAt: number | undefined;

  /** @param motionAllowed whether each accepted beat may show as a short brightening. */
  constructor(source: StateSource, clock: Clock, motionAllowed: () => boolean) {
    this.#source = source;
    this.#clock = clock;
    this.#motionAllowed = motionAllowed;
    this.#beatAt = source.state.lastBeatAt;
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem("oneHorizon.status", vscode.StatusBarAlignment.Left, 0),
    );
    this.#item.name = vscode.l10n.t("One Horizon Worker");
    this.#item.command = "oneHorizon.worker.menu";
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
    this.#abort.abort(new Error("the status bar item is gone"));
    this.#store.dispose();
  }

  #update(): void {
    const face = statusFace(this.#source.state, this.#clock.now(), vscode.l10n);
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
      tooltip.isTrusted = false;
      tooltip.supportHtml = false;
      this.#item.tooltip = tooltip;
    }
    this.#pulse(face);
  }

  #pulse(face: StatusFace): void {
    const beatAt = this.#source.state.lastBeatAt;
    if (beatAt === this.#beatAt) return;
    this.#beatAt = beatAt;
    if (!face.alive || face.background !== undefined || !this.#motionAllowed()) return;
    this.#item.color = new vscode.ThemeColor("statusBarItem.prominentForeground");
    this.#clock.sleep(pulseMs, this.#abort.signal).then(
      () => {
        this.#item.color = undefined;
      },
      () => undefined, // Only disposal ends the sleep early.
    );
  }
}

function backgroundColor(background: StatusFace["background"]): vscode.ThemeColor | undefined {
  return background === undefined
    ? undefined
    : new vscode.ThemeColor(`statusBarItem.${background}Background`);
}
