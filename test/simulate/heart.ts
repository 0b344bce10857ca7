import { LinkedAbort } from "../../src/base/abort";
import type { Clock } from "../../src/base/clock";
import { Emitter } from "../../src/base/emitter";
import type { BeatResult, Heartbeat, HeartbeatFacts } from "../../src/core/ports/heartbeat";
import { PlatformError } from "../../src/core/platformError";
import { Waker } from "../../src/core/waker";
import { runBeats } from "../../src/platform/heartbeat/beatLoop";
import { usualTimes } from "../../src/platform/heartbeat/schedule";
import type { TryResult } from "../../src/platform/heartbeat/sendBeat";
import type { Life } from "./life";

export interface HeartDeps {
  readonly life: Life;
  readonly clock: Clock;
  /** One try of a beat. */
  readonly beat: (cutOffMs: number) => Promise<void>;
  readonly everyMs: number;
  /** The platform's own loop of beats, or one that only keeps its times. */
  readonly real: boolean;
  readonly watch: HeartWatch;
}

export interface HeartWatch {
  beatStarted(life: Life): void;
  beatStopped(life: Life): void;
}

/** Beats as the heartbeat's thread does. */
export class Heart implements Heartbeat {
  readonly #deps: HeartDeps;
  readonly #beats = new Emitter<BeatResult>();
  readonly onDidBeat = this.#beats.event;
  readonly #waker: Waker;
  #abort: LinkedAbort | undefined;
  #done: Promise<unknown> = Promise.resolve();

  constructor(deps: HeartDeps) {
    this.#deps = deps;
    this.#waker = new Waker(deps.clock);
  }

  start(_facts: HeartbeatFacts): void {
    const { life, watch, real } = this.#deps;
    if (life.over || this.#abort !== undefined) return;
    watch.beatStarted(life);
    this.#abort = new LinkedAbort();
    const { signal } = this.#abort;
    this.#done = (real ? this.#runReal(signal) : this.#runPlain(signal)).catch(() => undefined);
  }

  update(): void {
    // What a beat says changes nothing here.
  }

  beatNow(): void {
    this.#waker.wake();
  }

  async stop(): Promise<void> {
    const { life, watch } = this.#deps;
    await life.call(async () => {
      this.#abort?.abort(new Error("the heartbeat ends"));
      await this.#done;
      watch.beatStopped(life);
    });
  }

  async #runPlain(signal: AbortSignal): Promise<never> {
    const { clock, everyMs: intervalMs } = this.#deps;
    const { quickTries, quickCutOffMs, slowCutOffMs, slowPauseMs } = usualTimes;
    for (let dueAt = clock.monotonic(); ;) {
      for (let tries = 0; clock.monotonic() < dueAt + intervalMs - slowPauseMs; tries += 1) {
        const result = await this.#try(tries < quickTries ? quickCutOffMs : slowCutOffMs);
        signal.throwIfAborted();
        if (result.kind !== "failed" || tries === quickTries) this.#tell(result);
        if (result.kind === "accepted" || (result.kind === "failed" && !result.retry)) break;
        if (tries >= quickTries) await clock.sleep(slowPauseMs, signal);
      }
      const now = clock.monotonic();
      dueAt = Math.max(dueAt + intervalMs, now);
      if (await this.#waker.sleep(dueAt - now, signal)) dueAt = clock.monotonic();
    }
  }

  async #runReal(signal: AbortSignal): Promise<unknown> {
    const { clock, everyMs } = this.#deps;
    return await runBeats(
      {
        clock,
        times: { ...usualTimes, intervalMs: everyMs },
        waker: this.#waker,
        send: (cutOffMs) => this.#try(cutOffMs),
        onAccepted: () => this.#tell({ kind: "accepted" }),
        onFailed: (reason, message) =>
          this.#beats.fire({ kind: "failed", at: clock.now(), from: "thread", reason, message }),
        newToken: async (ms, inner) => {
          await clock.sleep(ms, inner);
          return false;
        },
        lastSignAt: () => clock.monotonic(),
      },
      clock.monotonic(),
      signal,
    );
  }

  async #try(cutOffMs: number): Promise<TryResult> {
    try {
      await this.#deps.beat(cutOffMs);
      return { kind: "accepted" };
    } catch (error) {
      const reason = PlatformError.is(error, "forbidden", "notFound") ? "rejected" : "unreachable";
      const retry = PlatformError.is(error, "server", "network", "timeout");
      return { kind: "failed", reason, message: String(error), retry };
    }
  }

  #tell(result: TryResult): void {
    const at = this.#deps.clock.now();
    const from = "thread";
    if (result.kind === "accepted") this.#beats.fire({ kind: "accepted", at, from });
    else if (result.kind === "failed") {
      this.#beats.fire({ kind: "failed", at, from, reason: result.reason, message: result.message });
    }
  }
}
