import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { DisposableStore, type Disposable } from "../base/disposable";
import { messageOf, type Log } from "../base/log";
import { changedKeys, contextKeys } from "./contextModel";
import type { StateSource } from "./stateSource";
import { Throttle } from "./throttle";

const updateGapMs = 250;

/** Keeps the `when` clauses of menus and welcome views true. */
export class ContextKeys implements Disposable {
  readonly #store = new DisposableStore();
  readonly #throttle: Throttle;
  #known: ReadonlyMap<string, string | boolean> = new Map();

  constructor(source: StateSource, clock: Clock, log: Log, sandboxRunning: () => boolean) {
    const update = (): void => {
      const next = contextKeys(source.state, clock.now(), sandboxRunning());
      for (const [key, value] of changedKeys(this.#known, next)) {
        vscode.commands.executeCommand("setContext", key, value).then(undefined, (error: unknown) => {
          log.warn("a context key could not be set", { key, error: messageOf(error) });
        });
      }
      this.#known = next;
    };
    this.#throttle = this.#store.add(new Throttle(update, updateGapMs, clock));
    this.#store.add(source.onDidChange(() => this.#throttle.request()));
    this.#throttle.request();
  }

  /** Sessions leave the view with time, and what can be done goes with them. */
  tick(): void {
    this.#throttle.request();
  }

  dispose(): void {
    this.#store.dispose();
  }
}
