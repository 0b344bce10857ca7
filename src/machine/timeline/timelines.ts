import { LinkedAbort } from "../../base/abort";
import type { Clock } from "../../base/clock";
import { onDispose, type Disposable } from "../../base/disposable";
import { KeyedQueue } from "../../base/keyedQueue";
import { messageOf, type Log } from "../../base/log";
import type { TimelineBook, TimelineNews, TimelinePen } from "../../core/ports/timeline";
import { hashedName } from "../paths";
import type { TimelineDisk } from "./disk";
import { Follower } from "./follower";
import { TimelineWriter } from "./writer";

/** Timelines that ended and that the disk did not take: so many are shown out of memory. */
const mostUnwritten = 10;

export interface TimelinesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly disk: TimelineDisk;
}

/** The name of a session's file. */
export function timelineName(sessionId: string): string {
  return `${hashedName(sessionId)}.jsonl`;
}

/** The timelines of this machine: written by the window that runs a session, read by any. */
export class Timelines implements TimelineBook, Disposable {
  readonly #deps: TimelinesDeps;
  readonly #life = new LinkedAbort();
  readonly #queue = new KeyedQueue();
  /** Also while the last of it goes to the disk. */
  readonly #writers = new Map<string, TimelineWriter>();
  readonly #pens = new Map<string, number>();
  readonly #followers = new Map<Follower, string>();
  #inTrouble = false;

  constructor(deps: TimelinesDeps) {
    this.#deps = deps;
  }

  follow(sessionId: string, listener: (news: TimelineNews) => void): Disposable {
    const { clock, log, disk } = this.#deps;
    const name = timelineName(sessionId);
    const writer = (): TimelineWriter | undefined => this.#writers.get(sessionId);
    const follower = new Follower({ clock, log, disk, name, writer, listener });
    this.#followers.set(follower, sessionId);
    return onDispose(() => {
      this.#followers.delete(follower);
      follower.dispose();
    });
  }

  async open(sessionId: string): Promise<TimelinePen> {
    const writer = await this.#queue.run(sessionId, () => this.#writer(sessionId));
    return {
      get entries() {
        return writer.entries;
      },
      append: (entries) => writer.append(entries),
      release: onceOnly(() => this.#release(sessionId, writer)),
    };
  }

  /** Resolves when the disk has everything, or has refused it. Never rejects. */
  async flush(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((one) => one.flush()));
  }

  dispose(): void {
    for (const follower of this.#followers.keys()) follower.dispose();
    this.#followers.clear();
    this.#life.abort(new Error("this window closes"));
  }

  async #writer(sessionId: string): Promise<TimelineWriter> {
    this.#pens.set(sessionId, (this.#pens.get(sessionId) ?? 0) + 1);
    const known = this.#writers.get(sessionId);
    if (known !== undefined) return known;
    const onTrouble = (error: unknown): void => this.#trouble(error);
    const deps = { ...this.#deps, onTrouble, life: this.#life.signal };
    const writer = await TimelineWriter.open(deps, timelineName(sessionId));
    this.#writers.set(sessionId, writer);
    this.#wake(sessionId);
    return writer;
  }

  #release(sessionId: string, writer: TimelineWriter): void {
    const left = (this.#pens.get(sessionId) ?? 1) - 1;
    if (left > 0) this.#pens.set(sessionId, left);
    else this.#pens.delete(sessionId);
    if (left > 0) return;
    // Another window may go on with it, so nothing of it is known here from then on.
    void this.#queue.run(sessionId, async () => {
      await writer.flush();
      if (this.#pens.has(sessionId)) return;
      if (!writer.isBehind) this.#forget(sessionId);
      const unwritten = [...this.#writers].filter(([id]) => !this.#pens.has(id));
      for (const [id] of unwritten.slice(0, Math.max(0, unwritten.length - mostUnwritten))) this.#forget(id);
    });
  }

  #forget(sessionId: string): void {
    this.#writers.delete(sessionId);
    this.#wake(sessionId);
  }

  #wake(sessionId: string): void {
    for (const [follower, id] of this.#followers) if (id === sessionId) follower.wake();
  }

  /** Once: each write meets the same. */
  #trouble(error: unknown): void {
    if (this.#inTrouble) return;
    this.#inTrouble = true;
    const { log, disk } = this.#deps;
    log.error("Timelines of sessions cannot be written; the sessions themselves go on", {
      folder: disk.folder,
      reason: messageOf(error),
    });
  }
}

function onceOnly(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
