import { LinkedAbort } from "../../base/abort";
import type { Clock } from "../../base/clock";
import { tracked, type Disposable } from "../../base/disposable";
import { messageOf, type Log } from "../../base/log";
import type { TimelineNews } from "../../core/ports/timeline";
import type { TimelineEntry } from "../../core/timeline";
import { Waker } from "../../core/waker";
import type { TimelineDisk } from "./disk";
import { FileTail } from "./fileTail";
import type { TimelineWriter } from "./writer";

/** Between two looks, and so between two messages to the listener. */
const pauseMs = 250;
/** A writer of this window wakes its followers. */
const idleMs = 60_000;

export interface FollowerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly disk: TimelineDisk;
  /** Name of the session's file. */
  readonly name: string;
  /** Where this window writes it itself. */
  readonly writer: () => TimelineWriter | undefined;
  readonly listener: (news: TimelineNews) => void;
}

/** Tells one listener one session's timeline: out of this window's memory while it runs here, else out of its file. */
export class Follower implements Disposable {
  readonly #deps: FollowerDeps;
  readonly #life = new LinkedAbort();
  readonly #waker: Waker;
  #source: { readonly writer: TimelineWriter; readonly hearing: Disposable } | undefined;
  #pending = new Map<string, TimelineEntry>();
  #file: FileTail | undefined;
  #trouble = "";

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
    this.#waker = new Waker(deps.clock);
    tracked.opened(this);
    this.#run().catch((error: unknown) => {
      if (this.#life.signal.aborted) return;
      deps.log.error("a timeline is not followed any more", { message: messageOf(error) });
    });
  }

  /** The session is run here from now on, or is not any more. */
  wake(): void {
    this.#waker.wake();
  }

  dispose(): void {
    if (this.#life.signal.aborted) return;
    tracked.closed(this);
    this.#life.abort(new Error("nobody follows the timeline any more"));
    this.#source?.hearing.dispose();
  }

  async #run(): Promise<never> {
    const { signal } = this.#life;
    const { clock, writer } = this.#deps;
    // Never within the call that began it.
    await Promise.resolve();
    for (;;) {
      signal.throwIfAborted();
      const here = writer();
      const news = here === undefined ? await this.#fromFile() : this.#fromWriter(here);
      if (news !== undefined && !signal.aborted) this.#tell(news);
      await clock.sleep(pauseMs, signal);
      if (writer() !== undefined && this.#pending.size === 0) await this.#waker.sleep(idleMs, signal);
    }
  }

  #fromWriter(writer: TimelineWriter): TimelineNews | undefined {
    if (this.#source?.writer === writer) {
      const entries = [...this.#pending.values()];
      this.#pending.clear();
      return entries.length === 0 ? undefined : { kind: "entries", entries };
    }
    this.#leaveWriter();
    this.#file = undefined;
    const hearing = writer.onDidPut((entries) => {
      for (const one of entries) this.#pending.set(one.id, one);
      this.#waker.wake();
    });
    this.#source = { writer, hearing };
    return writer.whole;
  }

  async #fromFile(): Promise<TimelineNews | undefined> {
    const { disk, name, log } = this.#deps;
    this.#leaveWriter();
    const isFirst = this.#file === undefined;
    this.#file ??= new FileTail(disk, name);
    try {
      return await this.#file.look();
    } catch (error) {
      const message = messageOf(error);
      if (message !== this.#trouble) log.warn("a timeline cannot be read", { message });
      this.#trouble = message;
      return isFirst ? { kind: "timeline", entries: [], dropped: 0 } : undefined;
    }
  }

  #leaveWriter(): void {
    this.#source?.hearing.dispose();
    this.#source = undefined;
    this.#pending.clear();
  }

  #tell(news: TimelineNews): void {
    try {
      this.#deps.listener(news);
    } catch (error) {
      this.#deps.log.error("a listener of a timeline failed", { message: messageOf(error) });
    }
  }
}
