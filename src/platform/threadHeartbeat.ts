import { LinkedAbort } from "../base/abort";
import { fullJitterMs } from "../base/backoff";
import type { Clock } from "../base/clock";
import { Emitter, type Event } from "../base/emitter";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import type { BeatResult, Heartbeat, HeartbeatFacts } from "../core/ports/heartbeat";
import type { WorkerPath } from "../core/ports/platform";
import type { AccessTokens } from "./accessTokens";
import { startBeatThread, type BeatThread } from "./heartbeat/beatThread";
import { mainBeat } from "./heartbeat/mainBeat";
import type { FromThread } from "./heartbeat/messages";
import type { NetworkFacts } from "./heartbeat/network";
import type { TryResult } from "./heartbeat/sendBeat";
import { usualTimes, type BeatTimes } from "./heartbeat/schedule";
import { addressOf } from "./http/address";
import type { Fetch } from "./http/httpClient";
import { heartbeatBody } from "./requestBodies";

export interface ThreadHeartbeatOptions {
  /** Absolute path of the thread's bundle, dist/heartbeatThread.js. */
  readonly threadFile: string;
  readonly origin: string;
  readonly path: WorkerPath;
  readonly tokens: AccessTokens;
  /** The way to the platform as the main thread knows it; read at each start of the thread. */
  readonly network: () => Promise<NetworkFacts>;
  /** The extension's version. */
  readonly workerVersion: string;
  /** `process.platform`. */
  readonly platform: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly times?: BeatTimes;
  readonly fetch?: Fetch;
}

interface Life {
  readonly abort: LinkedAbort;
  readonly startedAt: number;
  done: Promise<void>;
}

const restartBackoff = { baseMs: 500, maxMs: 30_000 };

/**
 * Beats from a thread of its own, whatever the editor's main loop does. While only the thread's beats fail, or the thread
 * is gone, the main thread beats in its place and every result says so.
 */
export class ThreadHeartbeat implements Heartbeat {
  readonly #options: ThreadHeartbeatOptions;
  readonly #times: BeatTimes;
  readonly #beats: Emitter<BeatResult>;
  readonly #url: URL;
  #facts: HeartbeatFacts | undefined;
  #life: Life | undefined;
  #thread: BeatThread | undefined;
  #token: { readonly value: string; readonly number: number } | undefined;
  #mainBeating = false;
  #trying: Promise<TryResult> | undefined;
  #lastSignAt = -Infinity;
  /** Monotonic instant of the last accepted beat, or of the start. */
  #lastAcceptedAt = 0;
  /** Monotonic instant until which the platform asked not to be called. */
  #quietUntil = -Infinity;

  constructor(options: ThreadHeartbeatOptions) {
    this.#options = options;
    this.#times = options.times ?? usualTimes;
    this.#beats = new Emitter((error) =>
      options.log.error("a heartbeat listener failed", { message: messageOf(error) }),
    );
    this.#url = addressOf(options.origin, "heartbeat", {
      workspaceId: options.path.workspaceId,
      agentId: options.path.agentId,
      workerId: options.path.workerId,
    });
  }

  get onDidBeat(): Event<BeatResult> {
    return this.#beats.event;
  }

  start(facts: HeartbeatFacts): void {
    this.#facts = facts;
    if (this.#life !== undefined) {
      this.update(facts);
      return;
    }
    const abort = new LinkedAbort();
    const { clock } = this.#options;
    this.#lastAcceptedAt = clock.monotonic();
    const life: Life = { abort, startedAt: clock.now(), done: Promise.resolve() };
    this.#life = life;
    life.done = this.#live(life);
  }

  update(facts: HeartbeatFacts): void {
    this.#facts = facts;
    this.#thread?.tell({ kind: "facts", facts: copyOf(facts) });
  }

  beatNow(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#lastSignAt = this.#options.clock.monotonic();
    this.#thread?.tell({ kind: "beatNow" });
    // The thread's rhythm is not to be relied on while main beats in its place.
    if (this.#thread !== undefined && !this.#mainBeating) return;
    this.#tryFromMain(life).then(
      (result) => {
        if (result.kind !== "accepted" && !life.abort.signal.aborted) this.#failed(result);
      },
      // The only rejection is the end of this life.
      () => undefined,
    );
  }

  async stop(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    this.#life = undefined;
    life.abort.abort(new Error("the heartbeat ends"));
    await this.#thread?.end();
    await life.done;
  }

  async #live(life: Life): Promise<void> {
    const { signal } = life.abort;
    const subscription = this.#options.tokens.onDidChangeToken((token) => this.#giveToken(token));
    try {
      await Promise.all([this.#keepThread(life), this.#watch(life)]);
    } catch (error) {
      if (!signal.aborted) this.#options.log.error("the heartbeat stopped", { message: messageOf(error) });
    } finally {
      subscription.dispose();
      life.abort.abort(new Error("the heartbeat ended"));
    }
  }

  /** Starts the thread, and starts it again whenever it ends. */
  async #keepThread(life: Life): Promise<never> {
    const { clock, random, log } = this.#options;
    const { signal } = life.abort;
    for (let failures = 0; ; failures += 1) {
      const startedAt = clock.monotonic();
      try {
        const thread = await this.#startThread(life);
        await thread.ended;
      } catch (error) {
        signal.throwIfAborted();
        log.warn("the heartbeat thread could not be started", { message: messageOf(error) });
      }
      this.#thread = undefined;
      signal.throwIfAborted();
      if (clock.monotonic() - startedAt > this.#times.silenceMs) failures = 0;
      log.warn("the heartbeat thread ended and is started again");
      await clock.sleep(fullJitterMs(failures, restartBackoff, random), signal);
    }
  }

  async #startThread(life: Life): Promise<BeatThread> {
    const { clock, log, threadFile, workerVersion, platform } = this.#options;
    const network = await this.#options.network();
    life.abort.signal.throwIfAborted();
    const dueAt = Math.max(this.#lastAcceptedAt + this.#times.intervalMs, this.#quietUntil);
    const dueInMs = dueAt - clock.monotonic();
    const thread = startBeatThread(
      threadFile,
      {
        url: this.#url.href,
        times: this.#times,
        // The first beat leaves at once; one after a restart keeps the rhythm.
        firstBeatInMs: this.#token === undefined ? 0 : Math.max(0, dueInMs),
        facts: copyOf(this.#requireFacts()),
        network,
        workerVersion,
        platform,
        startedAt: life.startedAt,
      },
      log,
      (message) => this.#hear(message, life),
    );
    this.#thread = thread;
    if (this.#token === undefined) this.#renewToken(undefined, life);
    else thread.tell({ kind: "token", token: this.#token.value, number: this.#token.number });
    return thread;
  }

  #hear(message: FromThread, life: Life): void {
    if (life.abort.signal.aborted) return;
    switch (message.kind) {
      case "accepted":
        this.#mainBeating = false;
        this.#accepted("thread", message.at);
        break;
      case "tokenRefused":
        if (message.number === this.#token?.number) this.#renewToken(this.#token.value, life);
        break;
      case "failed":
        if (message.reason === "rejected" || message.quietMs !== undefined) this.#failedInThread(message);
        // While main beats, its own rhythm goes on; the thread's failures are known.
        else if (!this.#mainBeating) this.#beatInstead(message, life);
        break;
    }
  }

  /** Only the main thread can get tokens; the thread waits for what it is given. */
  #renewToken(refused: string | undefined, life: Life): void {
    const { tokens, log } = this.#options;
    const { signal } = life.abort;
    const asked = refused === undefined ? tokens.get(signal) : tokens.renew(refused, signal);
    asked.then(
      (token) => this.#giveToken(token),
      (error: unknown) => {
        if (!signal.aborted) log.warn("the heartbeat has no token", { message: messageOf(error) });
      },
    );
  }

  #giveToken(value: string): void {
    if (this.#token?.value === value) return;
    this.#token = { value, number: (this.#token?.number ?? 0) + 1 };
    this.#thread?.tell({ kind: "token", token: value, number: this.#token.number });
  }

  /** Tries the main thread's own way; the thread's failure is told only when that fails too. */
  #beatInstead(failure: Extract<FromThread, { kind: "failed" }>, life: Life): void {
    this.#tryFromMain(life).then(
      (result) => {
        if (result.kind === "accepted" || life.abort.signal.aborted) return;
        if (result.kind === "failed" && result.reason === "rejected") this.#failed(result);
        else this.#failedInThread(failure);
      },
      // The only rejection is the end of this life.
      () => undefined,
    );
  }

  #tryFromMain(life: Life): Promise<TryResult> {
    this.#trying ??= this.#sendFromMain(life).finally(() => {
      this.#trying = undefined;
    });
    return this.#trying;
  }

  async #sendFromMain(life: Life): Promise<TryResult> {
    const { clock, tokens, workerVersion, platform, fetch } = this.#options;
    const uptimeMs = clock.now() - life.startedAt;
    const body = heartbeatBody(this.#requireFacts(), { workerVersion, platform, uptimeMs });
    const options = { url: this.#url, tokens, clock, cutOffMs: this.#times.slowCutOffMs, fetch };
    const result = await mainBeat(options, body, life.abort.signal);
    if (result.kind === "accepted" && !this.#mainBeating) {
      this.#options.log.warn("only the heartbeat thread's beats fail, so the main thread beats");
    }
    this.#mainBeating = result.kind === "accepted";
    if (this.#mainBeating) this.#accepted("main", clock.now());
    return result;
  }

  /** Gives the thread its signs of life, and beats from here when it is due and the thread is of no use. */
  async #watch(life: Life): Promise<never> {
    const { clock } = this.#options;
    const { signal } = life.abort;
    const { intervalMs, silenceMs } = this.#times;
    const sliceMs = Math.min(500, intervalMs / 20);
    for (;;) {
      const before = clock.monotonic();
      await clock.sleep(sliceMs, signal);
      const now = clock.monotonic();
      if (now - this.#lastSignAt > silenceMs / 12) {
        this.#lastSignAt = now;
        this.#thread?.tell({ kind: "alive" });
      }
      // After a blocked loop the thread's messages still wait in the queue: they are heard first.
      if (now - before > sliceMs * 2 || now < this.#mainDueAt()) continue;
      const result = await this.#tryFromMain(life);
      if (result.kind === "accepted") continue;
      this.#failed(result);
      await clock.sleep(intervalMs / 5, signal);
    }
  }

  /** A thread that lives tells its failures itself; only its silence is left to notice. */
  #mainDueAt(): number {
    const { intervalMs, quickCutOffMs, quickTries } = this.#times;
    if (this.#mainBeating) return Math.max(this.#lastAcceptedAt + intervalMs, this.#quietUntil);
    const allowedMs = this.#thread === undefined ? quickCutOffMs : quickCutOffMs * (quickTries + 1);
    return Math.max(this.#lastAcceptedAt + intervalMs, this.#quietUntil) + allowedMs;
  }

  #failedInThread({ at, reason, message, quietMs }: Extract<FromThread, { kind: "failed" }>): void {
    if (quietMs !== undefined) this.#quietUntil = this.#options.clock.monotonic() + quietMs;
    this.#beats.fire({ kind: "failed", at, reason, message, from: "thread" });
  }

  #failed(result: Exclude<TryResult, { kind: "accepted" }>): void {
    const { clock } = this.#options;
    const at = clock.now();
    if (result.kind === "failed" && result.askedMs !== undefined) {
      const obeyedUntil = this.#lastAcceptedAt + this.#times.obeyMs;
      this.#quietUntil = Math.min(clock.monotonic() + result.askedMs, obeyedUntil);
    }
    const message = result.kind === "failed" ? result.message : "the platform refused the token";
    const reason = result.kind === "failed" ? result.reason : "unauthorized";
    this.#beats.fire({ kind: "failed", at, from: "main", reason, message });
  }

  #accepted(from: "thread" | "main", at: number): void {
    this.#lastAcceptedAt = this.#options.clock.monotonic();
    this.#quietUntil = -Infinity;
    this.#beats.fire({ kind: "accepted", at, from });
  }

  #requireFacts(): HeartbeatFacts {
    if (this.#facts === undefined) throw new Error("the heartbeat has no facts");
    return this.#facts;
  }
}

/** A plain copy, of the allowed fields alone, that can cross to the thread. */
function copyOf(facts: HeartbeatFacts): HeartbeatFacts {
  return {
    state: facts.state,
    activeSessions: facts.activeSessions,
    awaitingInputSessions: facts.awaitingInputSessions,
    maxConcurrentSessions: facts.maxConcurrentSessions,
    runtime: { provider: facts.runtime.provider, version: facts.runtime.version },
  };
}
