import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { fullJitterMs } from "../base/backoff";
import type { Random } from "../base/random";
import { claimGoneMessage, isClaimGone, LeaseLost } from "./lease";
import { PlatformError, refusesContent, type PlatformErrorReason } from "./platformError";
import type { Activity, ActivityType, SessionMetadata } from "./ports/platform";
import type { Narration } from "./narrate";
import { clip } from "./text";

/** At most one patch and one activity leave per second and session; what comes in between is summed up. */
const pauseMs = 1000;
/** The contract's limit. */
const messageLimit = 10_000;
/** How many lines wait at most: past that the oldest progress lines are counted, not kept. */
const waitingLimit = 200;

/** How far the stored number may be behind after a restart: by one for each process that died right after an activity. */
const searchLimit = 20;

export interface ReporterDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sessionId: string;
  readonly sendActivity: (activity: Activity, signal: AbortSignal) => Promise<void>;
  readonly sendMetadata: (metadata: SessionMetadata, signal: AbortSignal) => Promise<void>;
  /** Awaited before the next activity, so that the noted number is hardly ever behind. */
  readonly onAccepted: (activity: Activity) => Promise<void>;
  /** The last sequence that this claim has used before; 0 for a new claim. */
  readonly lastSequence: number;
  /** An earlier process may have used this claim. */
  readonly continued: boolean;
}

/**
 * Tells the platform about one claim, in order: activities with rising sequence and a stable id each, metadata merged and
 * only what changed. Nothing is sent after the reporter's signal aborts.
 */
export class Reporter {
  readonly #deps: ReporterDeps;
  #sequence: number;
  /** After a restart: the last activities of earlier processes may have been stored without our knowing. */
  #unsure: boolean;
  #waiting: Narration[] = [];
  #dropped = 0;
  #metadata: SessionMetadata = {};
  #sent = new Map<string, string>();
  #wake: (() => void) | undefined;
  #idle: (() => void)[] = [];
  #busy = false;
  #lastSentAt = -Infinity;
  #hurry = false;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
    this.#sequence = deps.lastSequence;
    this.#unsure = deps.continued;
  }

  get sequence(): number {
    return this.#sequence;
  }

  tell(type: ActivityType, text: string): void {
    const trimmed = text.trim();
    if (trimmed === "") return;
    this.#waiting.push({ type, text: clip(trimmed, messageLimit) });
    if (this.#waiting.length > waitingLimit) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#wake?.();
  }

  note(metadata: SessionMetadata): void {
    this.#metadata = { ...this.#metadata, ...metadata };
    this.#wake?.();
  }

  /** Resolves when everything told so far has left, without the pause between activities. */
  async flush(): Promise<void> {
    if (!this.#busy && this.#waiting.length === 0 && !this.#hasMetadata()) return;
    this.#hurry = true;
    const done = new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#wake?.();
    await done;
  }

  /** Sends until the signal aborts. Throws LeaseLost when the platform refuses the claim. */
  async run(signal: AbortSignal): Promise<never> {
    for (;;) {
      signal.throwIfAborted();
      if (!this.#hasMetadata() && this.#waiting.length === 0) {
        await this.#rest(signal);
        continue;
      }
      await this.#pause(signal);
      this.#busy = true;
      try {
        this.#lastSentAt = this.#deps.clock.monotonic();
        if (this.#hasMetadata()) await this.#sendMetadata(signal);
        if (this.#waiting.length > 0) await this.#sendNext(signal);
      } finally {
        this.#busy = false;
      }
    }
  }

  #hasMetadata(): boolean {
    return Object.keys(this.#metadata).length > 0;
  }

  async #rest(signal: AbortSignal): Promise<void> {
    this.#hurry = false;
    for (const resolve of this.#idle.splice(0)) resolve();
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void =>
        reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener("abort", onAbort, { once: true });
      this.#wake = () => {
        signal.removeEventListener("abort", onAbort);
        this.#wake = undefined;
        resolve();
      };
    });
  }

  async #sendMetadata(signal: AbortSignal): Promise<void> {
    const changed = this.#takeChanged();
    if (Object.keys(changed).length === 0) return;
    await this.#deliver("metadata", signal, () => this.#deps.sendMetadata(changed, signal));
  }

  /** Only the fields whose value differs from what was sent before. */
  #takeChanged(): SessionMetadata {
    const entries = Object.entries(this.#metadata).filter(
      ([key, value]) => this.#sent.get(key) !== JSON.stringify(value),
    );
    this.#metadata = {};
    for (const [key, value] of entries) this.#sent.set(key, JSON.stringify(value));
    return Object.fromEntries(entries);
  }

  async #sendNext(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#deps;
    const narration = this.#takeBurst();
    const activity: Activity = {
      activityId: random.uuid(),
      sequence: this.#sequence + 1,
      type: narration.type,
      message: narration.text,
      occurredAt: clock.now(),
    };
    this.#lastSentAt = clock.monotonic();
    // The refused number may be one that an earlier process had used up: then a later one is right.
    for (let ahead = 0; ahead <= searchLimit; ahead += 1) {
      const refusal = await this.#send({ ...activity, sequence: activity.sequence + ahead }, signal);
      if (refusal !== "badRequest" || !this.#unsure) return;
    }
  }

  async #send(activity: Activity, signal: AbortSignal): Promise<PlatformErrorReason | undefined> {
    const refusal = await this.#deliver("activity", signal, () => this.#deps.sendActivity(activity, signal));
    if (refusal !== undefined) return refusal;
    this.#unsure = false;
    this.#sequence = activity.sequence;
    await this.#deps.onAccepted(activity);
    return undefined;
  }

  /** Waits out the second since something was sent, unless a flush is waiting. */
  async #pause(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#hurry) {
      const left = this.#lastSentAt + pauseMs - clock.monotonic();
      if (left <= 0) return;
      await this.#sleepUnlessHurried(left, signal);
    }
  }

  async #sleepUnlessHurried(ms: number, signal: AbortSignal): Promise<void> {
    const local = new AbortController();
    const follow = (): void => local.abort(signal.reason);
    signal.addEventListener("abort", follow, { once: true });
    this.#wake = () => {
      if (this.#hurry) local.abort(new Error("hurry"));
    };
    try {
      await this.#deps.clock.sleep(ms, local.signal);
    } catch (error) {
      if (signal.aborted) throw error;
    } finally {
      this.#wake = undefined;
      signal.removeEventListener("abort", follow);
    }
  }

  /** The next activity: neighbours of the same kind become one, a newer plan replaces an older one. */
  #takeBurst(): Narration {
    const [first, ...rest] = this.#waiting;
    if (first === undefined) throw new Error("nothing waits");
    const lines =
      this.#dropped > 0 ? [`(${this.#dropped} earlier lines left out)`, first.text] : [first.text];
    this.#dropped = 0;
    let taken = 1;
    let length = lines.join("\n\n").length;
    for (const next of rest) {
      if (next.type !== first.type || (first.type !== "progress" && first.type !== "plan")) break;
      if (first.type === "plan") {
        lines.splice(0, lines.length, next.text);
      } else {
        length += next.text.length + 2;
        if (length > messageLimit) break;
        lines.push(next.text);
      }
      taken += 1;
    }
    this.#waiting.splice(0, taken);
    return { type: first.type, text: clip(lines.join("\n\n"), messageLimit) };
  }

  /**
   * Sends until the platform decides. Sending again is harmless: activities carry an id, patches replace. Returns why the
   * platform refuses what its content cannot mend: that is logged and left out, and an activity's number is used again.
   */
  async #deliver(
    what: string,
    signal: AbortSignal,
    send: () => Promise<void>,
  ): Promise<PlatformErrorReason | undefined> {
    const { clock, random, log, sessionId } = this.#deps;
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        await send();
        return undefined;
      } catch (error) {
        if (signal.aborted || !(error instanceof PlatformError)) throw error;
        if (isClaimGone(error)) throw new LeaseLost(claimGoneMessage(error));
        if (refusesContent(error)) {
          log.warn("the platform refused a report", { sessionId, what, message: messageOf(error) });
          return error.reason;
        }
        log.debug("a report is sent again", { sessionId, what, attempt, message: messageOf(error) });
        const wait =
          error.retryAfterMs ?? 250 + fullJitterMs(attempt, { baseMs: 500, maxMs: 15_000 }, random);
        await clock.sleep(wait, signal);
      }
    }
  }
}
