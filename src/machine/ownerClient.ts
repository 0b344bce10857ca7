import { setMaxListeners } from "node:events";
import { LinkedAbort } from "../base/abort";
import { withDeadline } from "../base/deadline";
import { messageOf } from "../base/log";
import { say } from "../base/words";
import { UserError } from "../core/actions";
import type { OwnerConnection, WindowCommand } from "../core/ports/windowLink";
import { initialState, type SessionView, type WorkerState } from "../core/state";
import type { StateContext } from "./jsonFile";
import type { ProvenConnection } from "./meeting";
import { ownerMessage, parseSession, stateBytes } from "./windowMessages";

/** An owner that says nothing for this long hangs; it says something every 5 s. */
const silenceMs = 60_000;
const answerMs = 60_000;
/** A push may take its time. */
const publishMs = 180_000;

interface Waiting {
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

/** The other end of the window that runs the worker. */
export class OwnerClient implements OwnerConnection {
  readonly ended: Promise<void>;
  readonly #connection: ProvenConnection;
  readonly #onState: (state: WorkerState) => void;
  readonly #context: StateContext;
  readonly #life = new LinkedAbort();
  readonly #waiting = new Map<number, Waiting>();
  #state: WorkerState = initialState;
  readonly #sessions = new Map<string, SessionView>();
  #commands = 0;

  constructor(connection: ProvenConnection, onState: (state: WorkerState) => void, context: StateContext) {
    this.#connection = connection;
    this.#onState = onState;
    this.#context = context;
    // Each command listens to it; Node warns of a leak from the eleventh on.
    setMaxListeners(0, this.#life.signal);
    this.ended = this.#read().finally(() => this.#end());
  }

  async run(command: WindowCommand): Promise<string> {
    if (this.#life.signal.aborted) throw gone();
    this.#commands += 1;
    const id = this.#commands;
    const answer = new Promise<string>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const slow = command.kind === "publishBranch" || command.kind === "delegate";
    const deadlineMs = slow ? publishMs : answerMs;
    try {
      return await withDeadline(this.#context.clock, deadlineMs, late(), this.#life.signal, async () => {
        await this.#connection.channel.write(JSON.stringify({ id, command }));
        return await answer;
      });
    } finally {
      this.#waiting.delete(id);
    }
  }

  dispose(): void {
    this.#end();
  }

  #end(): void {
    this.#life.abort(gone());
    this.#life.dispose();
    this.#connection.dispose();
  }

  /** Resolves at the end, whatever ended it. */
  async #read(): Promise<void> {
    const { clock, log } = this.#context;
    const silent = new Error("the window that runs the worker says nothing");
    try {
      for (;;) {
        const line = await withDeadline(clock, silenceMs, silent, this.#life.signal, () =>
          this.#connection.channel.read(stateBytes),
        );
        this.#take(line);
      }
    } catch (error) {
      if (!this.#life.signal.aborted) {
        log.debug("The window that runs the worker is not followed any more", { reason: messageOf(error) });
      }
    }
  }

  #take(line: string): void {
    const json: unknown = JSON.parse(line);
    const message = ownerMessage.parse(json);
    switch (message.kind) {
      case "alive":
        return;
      case "done":
        this.#waiting.get(message.id)?.resolve(message.text);
        return;
      case "failed":
        this.#waiting.get(message.id)?.reject(new UserError(message.message));
        return;
      case "state": {
        for (const id of message.removed) this.#sessions.delete(id);
        for (const view of message.changed.map(parseSession)) {
          if (view !== undefined) this.#sessions.set(view.sessionId, view);
        }
        if (message.worker !== undefined) this.#state = { ...message.worker, sessions: new Map() };
        if (message.whole) this.#onState({ ...this.#state, sessions: new Map(this.#sessions) });
      }
    }
  }
}

function gone(): UserError {
  return new UserError(
    say(
      "The window that ran the worker closed before it answered. Whether it did that is not known. Look at the session, and try again if it has not changed.",
    ),
  );
}

function late(): UserError {
  return new UserError(
    say(
      "The window that runs the worker did not answer in time. It may still do that. Look at the session in a moment, or do it in that window.",
    ),
  );
}
