import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { DisposableStore, type Disposable } from "../base/disposable";
import { messageOf, type Log } from "../base/log";
import { joinedNotes } from "./joinedNote";
import { messages } from "./messages";
import type { Note, NoteAction } from "./note";
import { NoteDesk } from "./noteDesk";
import { isStillTrue } from "./noteMark";
import { notesFor, remember, type NotificationLevel, type NoteMemory } from "./notificationModel";
import type { StateSource } from "./stateSource";

export interface NotificationDeps {
  readonly source: StateSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly notificationLevel: () => NotificationLevel;
  /** Hears of each session that is told of, also where several are told of in one. */
  readonly onTold: (notes: readonly Note[]) => void;
}

/** Tells what a person should know, once each. */
export class Notifications implements Disposable {
  readonly #store = new DisposableStore();
  readonly #deps: NotificationDeps;
  readonly #desk: NoteDesk;
  #memory: NoteMemory;
  #signingOut = 0;

  constructor(deps: NotificationDeps) {
    this.#deps = deps;
    const { source, clock } = deps;
    this.#memory = remember(source.state);
    this.#desk = this.#store.add(new NoteDesk(clock, (notes) => this.#tell(notes)));
    const since = clock.now();
    this.#store.add(
      source.onDidChange((state) => {
        const notes = notesFor(this.#memory, state, deps.notificationLevel(), since, vscode.l10n);
        this.#memory = remember(state, this.#memory);
        this.#desk.add(notes.filter((note) => this.#signingOut === 0 || note.about !== undefined));
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

  #tell(notes: readonly Note[]): void {
    const now = notes.filter((note) => isStillTrue(note, this.#deps.source.state));
    for (const note of joinedNotes(now, vscode.l10n)) this.#show(note);
    this.#deps.onTold(now);
  }

  #show(note: Note): void {
    const labels = note.actions.map((action) => action.label);
    open(note, labels).then(
      (label) => {
        const chosen = note.actions.find((action) => action.label === label);
        if (chosen !== undefined) this.#run(chosen, note.about?.sessionId);
      },
      (error: unknown) =>
        this.#deps.log.warn("a notification could not be shown", { error: messageOf(error) }),
    );
  }

  #run({ command, given }: NoteAction, sessionId: string | undefined): void {
    const target = sessionId === undefined ? [] : [{ sessionId, ...given }];
    vscode.commands.executeCommand(command, ...target).then(undefined, (error: unknown) => {
      this.#deps.log.error("a notification's action failed", { command, error: messageOf(error) });
    });
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
