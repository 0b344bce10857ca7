import * as vscode from "vscode";
import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import { DisposableStore, onDispose, type Disposable } from "../base/disposable";
import { awayText, withNews, type AwayNews } from "./awayNews";
import type { Note } from "./note";

/** How long the news stay in sight of somebody who has come back, milliseconds. */
const readMs = 20_000;

/** The sessions view as this needs it. */
export interface NewsView {
  readonly isVisible: boolean;
  readonly onDidChangeVisibility: (listener: () => void) => Disposable;
  /** Shows the text in the view's title bar. */
  setNews(text: string): void;
}

/**
 * Tells in the view's title bar what happened while the window was not in front, until somebody has had time to read it. A
 * desktop notification would show on the machine of the extension host, which may be another one.
 */
export class Attention implements Disposable {
  readonly #store = new DisposableStore();
  readonly #view: NewsView;
  readonly #clock: Clock;
  #news: AwayNews = new Map();
  #reading: LinkedAbort | undefined;

  constructor(view: NewsView, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
    this.#store.add(vscode.window.onDidChangeWindowState(() => this.#look()));
    this.#store.add(view.onDidChangeVisibility(() => this.#look()));
    this.#store.add(onDispose(() => this.#reading?.abort(new Error("the view is closed"))));
  }

  /** What was told of sessions just now. */
  told(notes: readonly Note[]): void {
    if (vscode.window.state.focused) return;
    this.#news = withNews(this.#news, notes);
    this.#view.setNews(awayText(this.#news, vscode.l10n));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #look(): void {
    const seen = vscode.window.state.focused && this.#view.isVisible;
    if (!seen) {
      this.#reading?.abort(new Error("nobody looks"));
      this.#reading = undefined;
      return;
    }
    if (this.#news.size === 0 || this.#reading !== undefined) return;
    const reading = new LinkedAbort();
    this.#reading = reading;
    this.#clock.sleep(readMs, reading.signal).then(
      () => {
        this.#reading = undefined;
        this.#news = new Map();
        this.#view.setNews("");
      },
      () => undefined, // Somebody looked away.
    );
  }
}
