import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { DisposableStore, type Disposable } from "../base/disposable";
import { messageOf, type Log } from "../base/log";
import { messages } from "./messages";
import type { Note } from "./note";
import { notesFor, remember, type NotificationLevel, type NoteMemory } from "./notificationModel";
import type { StateSource } from "./stateSource";

/** Tells what a person should know, once each. */
export class Notifications implements Disposable {
  readonly #store = new DisposableStore();
  readonly #log: Log;
  #memory: NoteMemory;
  #signingOut = 0;

  constructor(source: StateSource, clock: Clock, log: Log, level: () => NotificationLevel) {
    this.#log = log;
    this.#memory = remember(source.state);
    const since = clock.now();
    this.#store.add(
      source.onDidChange((state) => {
        const notes = notesFor(this.#memory, state, level(), since, vscode.l10n);
        this.#memory = remember(state, this.#memory);
        for (const note of notes) {
          if (this.#signingOut === 0 || note.sessionId !== undefined) this.#show(note);
        }
      }),
    );
  }

  /** Runs a sign-out that the person asked for: it needs no telling. */
  async whileSigningOut(action: () => Promise<void>): Promise<void> {
    this.#signingOut++;
    try {
      await action();
    } finally {
      this.#signingOut--;
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  #show(note: Note): void {
    const labels = note.actions.map((action) => action.label);
    open(note, labels).then(
      (label) => {
        const chosen = note.actions.find((action) => action.label === label);
        if (chosen === undefined) return;
        const target = note.sessionId === undefined ? [] : [{ sessionId: note.sessionId, ...chosen.given }];
        vscode.commands.executeCommand(chosen.command, ...target).then(undefined, (error: unknown) => {
          this.#log.error("a notification's action failed", {
            command: chosen.command,
            error: messageOf(error),
          });
        });
      },
      (error: unknown) => this.#log.warn("a notification could not be shown", { error: messageOf(error) }),
    );
  }
}

function open(note: Note, labels: readonly string[]): Thenable<string | undefined> {
  switch (note.severity) {
    case "info":
      return messages.info(note.message, ...labels);
    case "warning":
      return messages.warning(note.message, ...labels);
    case "error":
      return messages.error(note.message, ...labels);
  }
}
