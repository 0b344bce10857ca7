import { setMaxListeners } from "node:events";
import { LinkedAbort } from "../base/abort";
import { withDeadline } from "../base/deadline";
import type { Disposable } from "../base/disposable";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { UserError } from "../core/actions";
import type { WindowService } from "../core/ports/windowLink";
import { isExecuting, type SessionView, type WorkerState } from "../core/state";
import { Waker } from "../core/waker";
import type { StateContext } from "./jsonFile";
import type { ProvenConnection } from "./meeting";
import {
  clippedMessage,
  commandBytes,
  mostSessions,
  parseViewerMessage,
  sessionOf,
  stateBytes,
  workerOf,
  type OwnerMessage,
} from "./windowMessages";

/** Between two states at least: a turn changes a state many times a second. */
const gapMs = 200;
/** A sign of life where nothing changes. */
const aliveMs = 5000;
/** A window that takes nothing for this long hangs; it connects again. */
const writeMs = 30_000;
const mostCommands = 16;

/** Shows the owner's state to one other window and takes its commands, until the connection ends. */
export function serveViewer(
  connection: ProvenConnection,
  service: WindowService,
  context: StateContext,
): void {
  const viewer = new Viewer(connection, service, context);
  viewer.run().catch((error: unknown) => {
    context.log.debug("Another window does not follow this one any more", { reason: messageOf(error) });
  });
}

class Viewer {
  readonly #connection: ProvenConnection;
  readonly #service: WindowService;
  readonly #context: StateContext;
  readonly #life = new LinkedAbort();
  readonly #waker: Waker;
  readonly #sent = new Map<string, SessionView>();
  #sentWorker = "";
  #commands = 0;

  constructor(connection: ProvenConnection, service: WindowService, context: StateContext) {
    this.#connection = connection;
    this.#service = service;
    this.#context = context;
    this.#waker = new Waker(context.clock);
    // Each command listens to it; Node warns of a leak from the eleventh on.
    setMaxListeners(0, this.#life.signal);
  }

  async run(): Promise<void> {
    const listening: Disposable = this.#service.onDidChange(() => this.#waker.wake());
    const end = (): void => {
      this.#life.abort(new Error("the other window left"));
      this.#connection.dispose();
    };
    try {
      const parts = [this.#show(this.#life.signal), this.#listen()];
      await Promise.race(parts).finally(end);
      await Promise.allSettled(parts);
    } finally {
      listening.dispose();
      this.#life.dispose();
    }
  }

  async #show(signal: AbortSignal): Promise<never> {
    for (;;) {
      const messages = this.#news(this.#service.state);
      for (const message of messages) await this.#send(message);
      if (messages.length === 0) await this.#send({ kind: "alive" });
      await this.#context.clock.sleep(gapMs, signal);
      await this.#waker.sleep(aliveMs, signal);
    }
  }

  /** What changed since the last time, in lines of bounded length. */
  #news(state: WorkerState): readonly OwnerMessage[] {
    const views = shownSessions(state);
    const shown = new Set(views.map((view) => view.sessionId));
    const removed = [...this.#sent.keys()].filter((id) => !shown.has(id));
    for (const id of removed) this.#sent.delete(id);
    const changed = views.filter((view) => this.#sent.get(view.sessionId) !== view);
    for (const view of changed) this.#sent.set(view.sessionId, view);
    const worker = workerOf(state);
    const text = JSON.stringify(worker);
    const same = text === this.#sentWorker;
    this.#sentWorker = text;
    if (same && changed.length === 0 && removed.length === 0) return [];
    const batches = inBatches(changed.map(sessionOf));
    return batches.map((batch, index) => ({
      kind: "state",
      worker: index === 0 ? worker : undefined,
      changed: batch,
      removed: index === 0 ? removed : [],
      whole: index === batches.length - 1,
    }));
  }

  async #listen(): Promise<never> {
    const { channel } = this.#connection;
    for (;;) {
      const { id, command } = parseViewerMessage(await channel.read(commandBytes));
      if (command === undefined || this.#commands >= mostCommands) {
        const message =
          command === undefined
            ? asWritten(
                "The window that runs the worker does not know this command: it runs another version of this extension. Nothing was changed. Reload that window.",
              )
            : asWritten(
                "The window that runs the worker has too much to do. Nothing was changed. Try again in a moment.",
              );
        await this.#send({ kind: "failed", id, message });
        continue;
      }
      this.#commands += 1;
      this.#service
        .run(command)
        .then(
          (text): OwnerMessage => ({ kind: "done", id, text: clippedMessage(text) }),
          (error: unknown): OwnerMessage => ({ kind: "failed", id, message: this.#told(error) }),
        )
        .then((answer) => this.#send(answer))
        .catch(() => this.#connection.dispose())
        .finally(() => {
          this.#commands -= 1;
        });
    }
  }

  #told(error: unknown): string {
    if (error instanceof UserError) return clippedMessage(error.message);
    this.#context.log.error("A command of another window failed", { reason: messageOf(error) });
    return asWritten("The window that runs the worker stopped at an unexpected error. See the log there.");
  }

  async #send(message: OwnerMessage): Promise<void> {
    const late = new Error("the other window takes nothing");
    await withDeadline(this.#context.clock, writeMs, late, this.#life.signal, () =>
      this.#connection.channel.write(encoded(message)),
    );
  }
}

/** What runs first, then the newest: the rest is not shown in other windows. */
function shownSessions({ sessions }: WorkerState): readonly SessionView[] {
  const views = [...sessions.values()];
  if (views.length <= mostSessions) return views;
  const rank = (view: SessionView): number =>
    isExecuting(view.phase) || view.phase === "awaitingInput" ? Infinity : (view.endedAt ?? view.createdAt);
  return views.toSorted((one, other) => rank(other) - rank(one)).slice(0, mostSessions);
}

/** At least one batch, each well below what the other side reads in one line. */
function inBatches(views: readonly SessionView[]): readonly SessionView[][] {
  const batches: SessionView[][] = [[]];
  let bytes = 0;
  for (const view of views) {
    const size = Buffer.byteLength(encoded(view));
    const last = batches.at(-1);
    if (last === undefined || (bytes + size > stateBytes / 2 && last.length > 0)) {
      batches.push([view]);
      bytes = size;
    } else {
      last.push(view);
      bytes += size;
    }
  }
  return batches;
}

function encoded(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (one === undefined ? null : one));
}
